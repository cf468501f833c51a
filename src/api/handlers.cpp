// SPDX-License-Identifier: GPL-2.0-or-later
#include "api/handlers.hpp"

#include "api/handler_parts.hpp"
#include "api/read.hpp"
#include "api/read_rows.hpp"

#include <fmt/format.h>

#include <memory>
#include <utility>

namespace runner::api {

namespace {

void post_jobs(Backend& backend, std::size_t max_jobs, Request&& request, Responder respond) {
    JobsRequest parsed =
        parse_jobs_request(std::move(request.body), max_jobs, &entity::EntityId::parse);
    require_wiki(backend, request, parsed.wiki);
    std::vector<store::NewJob> jobs;
    jobs.reserve(parsed.jobs.size());
    for (const JobSpec& spec : parsed.jobs) {
        store::NewJob& job = jobs.emplace_back();
        job.key = {parsed.wiki, spec.entity};
        job.revision = spec.revision;
        job.priority = job_priority(spec.priority);
        job.reason = spec.reason;
        if (!spec.document.empty())
            job.document = std::make_shared<const std::string>(spec.document);
    }
    parsed.body.reset();
    backend.submit(std::move(jobs),
                   answering<store::Accepted>(std::move(respond), [](store::Accepted accepted) {
                       return text(fmt::format("{{\"accepted\":{},\"coalesced\":{}}}\n",
                                               accepted.accepted, accepted.coalesced),
                                   "application/json", 202);
                   }));
}

void post_check(Backend& backend, std::chrono::milliseconds max_deadline, const Request& request,
                Responder respond) {
    CheckRequest check = parse_check_request(request.body, max_deadline, &entity::EntityId::parse);
    check.client = request.client;
    require_wiki(backend, request, check.wiki);
    auto make = [wiki = check.wiki, entity = check.entity](const store::ResultRow& row) {
        return text(result_json(wiki, entity, row));
    };
    backend.check(std::move(check),
                  answering<store::ResultRow>(std::move(respond), std::move(make)));
}

void post_reset(Backend& backend, const Request& request, Responder respond) {
    const std::string& wiki = request.captures.at(0);
    require_wiki(backend, request, wiki);
    const entity::EntityId entity =
        parse_entity_text(request.captures.at(1), "entity", &entity::EntityId::parse);
    backend.reset(wiki, entity, answering<bool>(std::move(respond), [](bool was_stored) {
                      return text(fmt::format("{{\"was_stored\":{}}}\n", was_stored),
                                  "application/json", 202);
                  }));
}

void post_dead_retry(Backend& backend, const Request& request, Responder respond) {
    DeadRetryRequest retry = parse_dead_retry_request(request.body, &entity::EntityId::parse);
    retry.wiki = wiki_or_own(request, retry.wiki);
    if (!retry.wiki.empty())
        require_wiki(backend, request, retry.wiki);
    backend.retry_dead(std::move(retry),
                       answering<std::uint64_t>(std::move(respond), [](std::uint64_t count) {
                           return text(fmt::format("{{\"retried\":{}}}\n", count));
                       }));
}

Response ready_response(const std::vector<std::string>& problems,
                        const std::vector<std::string>& warnings) {
    return text(fmt::format("{{\"ready\":{},\"problems\":{},\"warnings\":{}}}\n", problems.empty(),
                            json_strings(problems), json_strings(warnings)),
                "application/json", problems.empty() ? 200 : 503);
}

} // namespace

void add_routes(Router& router, Backend& backend, const HandlerLimits& limits) {
    add_read_routes(router, backend);
    router.add("POST", "/v1/jobs", [&](Request&& request, Responder respond) {
        post_jobs(backend, limits.max_jobs, std::move(request), std::move(respond));
    });
    router.add("POST", "/v1/check", [&](Request&& request, Responder respond) {
        post_check(backend, limits.max_deadline, request, std::move(respond));
    });
    router.add("POST", "/v1/results/{wiki}/{entity}/reset",
               [&](Request&& request, Responder respond) {
                   post_reset(backend, request, std::move(respond));
               });
    router.add("POST", "/v1/dead/retry", [&](Request&& request, Responder respond) {
        post_dead_retry(backend, request, std::move(respond));
    });
    router.add("GET", "/healthz",
               [](Request&&, const Responder& respond) { respond(text("{\"alive\":true}\n")); });
    router.add("GET", "/readyz", [&](Request&& request, const Responder& respond) {
        std::vector<std::string> problems = backend.problems();
        if (request.is_bound() && !problems.empty()) // they may mention other wikis
            problems = {"the runner is not ready"};
        std::vector<std::string> warnings = backend.warnings();
        if (request.is_bound()) // these too
            warnings.clear();
        respond(ready_response(problems, warnings));
    });
    router.add("GET", "/metrics", [&](Request&& request, Responder respond) {
        require_unbound(request, "/metrics");
        backend.metrics(answering<std::string>(std::move(respond), [](std::string body) {
            return text(std::move(body), "text/plain; version=0.0.4; charset=utf-8");
        }));
    });
    router.add("GET", "/", [&](Request&& request, Responder respond) {
        require_unbound(request, "the status page");
        backend.status_page(answering<std::string>(std::move(respond), [](std::string body) {
            return text(std::move(body), "text/html; charset=utf-8");
        }));
    });
}

} // namespace runner::api
