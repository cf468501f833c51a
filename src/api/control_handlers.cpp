// SPDX-License-Identifier: GPL-2.0-or-later
// See control_handlers.hpp.
#include "api/control_handlers.hpp"

#include "api/handler_parts.hpp"
#include "api/read_rows.hpp"
#include "api/requests.hpp"

#include <fmt/format.h>

#include <utility>

namespace runner::api {

namespace {

/// The wiki of the request, or all of them, which a token for certain wikis may not mean.
std::string wiki_or_all(Backend& backend, const Request& request, std::string_view named) {
    std::string wiki = wiki_or_own(request, named);
    if (!wiki.empty())
        require_wiki(backend, request, wiki);
    return wiki;
}

auto pauses_answer(const Request& request, Responder respond) {
    return answering<std::vector<store::Pause>>(
        std::move(respond), [token = request.token](const std::vector<store::Pause>& pauses) {
            Request asked;
            asked.token = token;
            return text(fmt::format("{{\"paused\":{}}}\n", pauses_json(pauses, asked)));
        });
}

} // namespace

void add_control_routes(Router& router, Backend& backend, ControlBackend& control) {
    router.add("POST", "/v1/queue/pause", [&](Request&& request, Responder respond) {
        PauseRequest pause = parse_pause_request(request.body);
        control.pause(wiki_or_all(backend, request, pause.wiki), std::move(pause.reason),
                      pauses_answer(request, std::move(respond)));
    });
    router.add("POST", "/v1/queue/resume", [&](Request&& request, Responder respond) {
        const ResumeRequest resume = parse_resume_request(request.body);
        control.resume(wiki_or_all(backend, request, resume.wiki),
                       pauses_answer(request, std::move(respond)));
    });
    router.add("POST", "/v1/queue/reprioritise", [&](Request&& request, Responder respond) {
        store::NewPriority wanted =
            parse_reprioritise_request(request.body, &entity::EntityId::parse);
        require_wiki(backend, request, wanted.wiki);
        control.reprioritise(std::move(wanted),
                             answering<std::uint64_t>(std::move(respond), [](std::uint64_t count) {
                                 return text(fmt::format("{{\"reprioritised\":{}}}\n", count));
                             }));
    });
    router.add("POST", "/v1/reload", [&](Request&& request, Responder respond) {
        require_unbound(request, "reloading");
        control.reload(answering<Reloaded>(std::move(respond), [](const Reloaded& done) {
            return text(fmt::format("{{\"applied\":{},\"need_restart\":{},\"added\":{}}}\n",
                                    json_strings(done.applied), json_strings(done.need_restart),
                                    json_strings(done.added)));
        }));
    });
    router.add("POST", "/v1/drain", [&](Request&& request, Responder respond) {
        require_unbound(request, "draining");
        control.drain(answering<bool>(std::move(respond), [](bool finished) {
            return text(fmt::format("{{\"finished\":{}}}\n", finished));
        }));
    });
}

} // namespace runner::api
