// SPDX-License-Identifier: GPL-2.0-or-later
// See wiki_handlers.hpp.
#include "api/wiki_handlers.hpp"

#include "api/handler_parts.hpp"

#include <fmt/format.h>

#include <utility>

namespace runner::api {

void add_wiki_routes(Router& router, WikisBackend& backend) {
    router.add("DELETE", "/v1/wikis/{wiki}", [&](Request&& request, Responder respond) {
        std::string wiki = request.captures.at(0);
        if (!request.may_see(wiki))
            throw unknown_wiki(wiki);
        request.subject->wiki = wiki;
        auto make = [wiki](const store::WikiRemoved& removed) {
            return text(
                fmt::format("{{\"wiki\":{},\"results\":{},\"violations\":{},\"rows\":{}}}\n",
                            json_string(wiki), removed.results, removed.violations, removed.rows));
        };
        backend.remove(std::move(wiki),
                       answering<store::WikiRemoved>(std::move(respond), std::move(make)));
    });
}

} // namespace runner::api
