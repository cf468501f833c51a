// SPDX-License-Identifier: GPL-2.0-or-later
#include "api/handlers.hpp"

#include "api/handler_parts.hpp"
#include "api/violation_handlers.hpp"
#include "imports/kinds.hpp"
#include "queue/acceptor.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <utility>

namespace runner::api {

namespace {

constexpr std::uint32_t max_page = 1000;
constexpr std::array<std::int16_t, 3> priorities{-10, 0, 10}; // indexed by Priority

/// After an opening bracket.
void append_json_strings(std::string& body, const std::vector<std::string>& texts) {
    for (const std::string& text : texts) {
        if (body.back() != '[')
            body += ',';
        append_json_string(body, text);
    }
}

ApiError not_stored(std::string_view wiki, const entity::EntityId& entity) {
    return {404, "no_result",
            fmt::format("there is no result of {} of {}", entity.to_string(), wiki), {}};
}

std::string counts_json(const store::QueueCounts& counts) {
    return fmt::format(
        R"("ready":{},"delayed":{},"leased":{},"dead":{},"oldest_ready_seconds":{:.3f})",
        counts.ready, counts.delayed, counts.leased, counts.dead, counts.oldest_ready_seconds);
}

std::string reasons_json(const store::JobReasons& reasons) {
    std::string body;
    for (std::size_t i = 0; i < store::job_reason_count; ++i)
        body += fmt::format("{}\"{}\":{}", i == 0 ? "" : ",", store::job_reason_names[i],
                            reasons.jobs[i]);
    return fmt::format(R"("reasons":{{{}}},"changes":{})", body, reasons.changes);
}

std::string queue_json(const std::vector<store::WikiCounts>& wikis) {
    store::QueueCounts all;
    store::JobReasons reasons;
    std::string each;
    for (const auto& [wiki, counts] : wikis) {
        const store::JobReasons& why = counts.reasons;
        for (std::size_t i = 0; i < store::job_reason_count; ++i)
            reasons.jobs[i] += why.jobs[i];
        reasons.changes += why.changes;
        all.ready += counts.ready;
        all.delayed += counts.delayed;
        all.leased += counts.leased;
        all.dead += counts.dead;
        all.oldest_ready_seconds = std::max(all.oldest_ready_seconds, counts.oldest_ready_seconds);
        each += fmt::format("{}{}:{{{},{}}}", each.empty() ? "" : ",", json_string(wiki),
                            counts_json(counts), reasons_json(why));
    }
    return fmt::format("{{{},{},\"wikis\":{{{}}}}}\n", counts_json(all), reasons_json(reasons),
                       each);
}

/// With the cursor of the next page, unless this is the last.
template <typename Row>
std::string end_of_page(const std::vector<Row>& rows, std::uint32_t limit) {
    if (rows.size() < limit)
        return "}\n";
    const store::EntityKey& last = rows.back().key;
    return fmt::format(",\"next\":{}}}\n", json_string(last.wiki + "|" + last.entity.to_string()));
}

std::string dead_json(const std::vector<store::DeadJob>& jobs, std::uint32_t limit) {
    std::string body = "{\"jobs\":[";
    for (const store::DeadJob& job : jobs) {
        if (body.back() != '[')
            body += ',';
        body += fmt::format(
            R"({{"wiki":{},"entity":"{}","revision":{},"priority":{},"attempts":{},"reason":{},)"
            R"("died_at":{},"has_document":{}}})",
            json_string(job.key.wiki), job.key.entity.to_string(), job.revision, job.priority,
            job.attempts, json_string(job.reason), json_string(job.died_at), job.has_document);
    }
    return body + ']' + end_of_page(jobs, limit);
}

std::string incomplete_json(const std::vector<store::IncompleteRow>& rows, std::uint32_t limit) {
    std::string body = "{\"results\":[";
    for (const store::IncompleteRow& row : rows) {
        if (body.back() != '[')
            body += ',';
        body += fmt::format(R"({{"wiki":{},"entity":"{}","revision":{},"checked_at":{},)"
                            R"("next_attempt":{},"reasons":[)",
                            json_string(row.key.wiki), row.key.entity.to_string(), row.revision,
                            json_string(row.checked_at),
                            row.next_attempt.empty() ? "null" : json_string(row.next_attempt));
        append_json_strings(body, row.reasons);
        body += "]}";
    }
    return body + ']' + end_of_page(rows, limit);
}

std::string parity_json(const std::vector<store::ParityDifference>& rows, std::uint32_t limit) {
    std::string body = "{\"differences\":[";
    for (const store::ParityDifference& row : rows) {
        if (body.back() != '[')
            body += ',';
        body += fmt::format(R"({{"wiki":{},"entity":"{}","revision":{},"found_at":{},)"
                            R"("property":{},"constraint":{},"type":{},"native":{},"php":{}}})",
                            json_string(row.key.wiki), row.key.entity.to_string(), row.revision,
                            json_string(row.found_at),
                            row.property.number == 0 ? "null"
                                                     : json_string(row.property.to_string()),
                            json_string(row.constraint), json_string(row.type), row.native,
                            row.php);
    }
    body += ']';
    if (rows.size() < limit)
        return body + "}\n";
    const auto& last = rows.back();
    return body + fmt::format(",\"next\":{}}}\n",
                              json_string(fmt::format("{}|{}|{}", last.constraint, last.key.wiki,
                                                      last.key.entity.to_string())));
}

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
        job.priority = priorities[static_cast<std::size_t>(spec.priority)];
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

void get_result(Backend& backend, const Request& request, Responder respond) {
    const std::string& wiki = request.captures.at(0);
    require_wiki(backend, request, wiki);
    const entity::EntityId entity =
        parse_entity_text(request.captures.at(1), "entity", &entity::EntityId::parse);
    auto make = [wiki, entity](const std::optional<store::ResultRow>& row) {
        return row ? text(result_json(wiki, entity, *row))
                   : error_response(not_stored(wiki, entity));
    };
    backend.result(wiki, entity,
                   answering<std::optional<store::ResultRow>>(std::move(respond), std::move(make)));
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

/// What is asked of a list that is sorted by wiki and entity.
struct PageRequest {
    std::string wiki; ///< empty: all
    std::uint32_t limit = 100;
    std::optional<store::EntityKey> after;
};

PageRequest parse_page(const Backend& backend, const Request& request) {
    PageRequest page;
    page.wiki = wiki_of_list(backend, request);
    page.limit = limit_of(request, page.limit, max_page);
    if (const std::string_view given = request.parameter("after"); !given.empty()) {
        const std::size_t bar = given.rfind('|');
        const auto id = bar == std::string_view::npos
                            ? std::nullopt
                            : entity::EntityId::parse(given.substr(bar + 1));
        if (!id)
            bad_field("after", "not a cursor; it is the \"next\" of the page before");
        page.after = store::EntityKey{std::string(given.substr(0, bar)), *id};
    }
    return page;
}

void get_dead(Backend& backend, const Request& request, Responder respond) {
    PageRequest page = parse_page(backend, request);
    backend.dead(page.wiki, page.limit, std::move(page.after),
                 answering<std::vector<store::DeadJob>>(
                     std::move(respond),
                     [limit = page.limit](const std::vector<store::DeadJob>& jobs) {
                         return text(dead_json(jobs, limit));
                     }));
}

void get_incomplete(Backend& backend, const Request& request, Responder respond) {
    PageRequest page = parse_page(backend, request);
    backend.incomplete(page.wiki, page.limit, std::move(page.after),
                       answering<std::vector<store::IncompleteRow>>(
                           std::move(respond),
                           [limit = page.limit](const std::vector<store::IncompleteRow>& rows) {
                               return text(incomplete_json(rows, limit));
                           }));
}

void get_parity(Backend& backend, const Request& request, Responder respond) {
    PageRequest page = parse_page(backend, request);
    std::string after_constraint;
    if (page.after) { // before the first bar; what follows is as in the other lists
        const std::size_t bar = page.after->wiki.find('|');
        if (bar == std::string::npos)
            bad_field("after", "not a cursor; it is the \"next\" of the page before");
        after_constraint = page.after->wiki.substr(0, bar);
        page.after->wiki.erase(0, bar + 1);
    }
    backend.parity(page.wiki, page.limit, std::move(page.after), std::move(after_constraint),
                   answering<std::vector<store::ParityDifference>>(
                       std::move(respond),
                       [limit = page.limit](const std::vector<store::ParityDifference>& rows) {
                           return text(parity_json(rows, limit));
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

Response ready_response(const std::vector<std::string>& problems) {
    std::string body = fmt::format("{{\"ready\":{},\"problems\":[", problems.empty());
    for (const std::string& problem : problems) {
        if (body.back() != '[')
            body += ',';
        append_json_string(body, problem);
    }
    body += "]}\n";
    return text(std::move(body), "application/json", problems.empty() ? 200 : 503);
}

} // namespace

std::string result_json(std::string_view wiki, const entity::EntityId& entity,
                        const store::ResultRow& row) {
    std::string body;
    body.reserve(row.value.size() + 512);
    fmt::format_to(std::back_inserter(body),
                   R"({{"wiki":{},"entity":"{}","revision":{},"checked_at":{},"stale":{},"counts":{{)",
                   json_string(wiki), entity.to_string(), row.revision,
                   json_string(row.checked_at), row.stale);
    for (std::size_t i = 0; i < results::status_count; ++i)
        fmt::format_to(std::back_inserter(body), "{}\"{}\":{}", i == 0 ? "" : ",",
                       results::status_names[i], row.counts[i]);
    body += "},\"incomplete\":[";
    append_json_strings(body, row.incomplete);
    fmt::format_to(std::back_inserter(body), R"(],"duration_us":{},"engine":{},"value":)",
                   row.duration_us, json_string(row.engine));
    body += row.value;
    body += "}\n";
    return body;
}

ApiError error_from(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const ApiError& e) {
        return e;
    } catch (const queue::QueueFull& e) {
        return {503, "queue_full", e.what(), {}, static_cast<unsigned>(e.retry_after.count())};
    } catch (const base::UnavailableError& e) {
        return {503, "unavailable", e.what(), {}, 5};
    } catch (const imports::UnknownWiki& e) {
        return {404, "unknown_wiki", e.what(), e.field};
    } catch (const imports::BadRequest& e) {
        return {400, "bad_field", e.what(), e.field};
    } catch (const base::DataError& e) {
        return {400, "bad_data", e.what(), {}};
    } catch (const std::exception& e) {
        spdlog::error("a request failed: {}", e.what());
    } catch (...) {
        spdlog::error("a request failed for an unknown reason");
    }
    return {500, "internal", "the runner failed; its log says why", {}};
}

void add_routes(Router& router, Backend& backend, const HandlerLimits& limits) {
    router.add("POST", "/v1/jobs", [&](Request&& request, Responder respond) {
        post_jobs(backend, limits.max_jobs, std::move(request), std::move(respond));
    });
    router.add("POST", "/v1/check", [&](Request&& request, Responder respond) {
        post_check(backend, limits.max_deadline, request, std::move(respond));
    });
    router.add("GET", "/v1/results/{wiki}/{entity}", [&](Request&& request, Responder respond) {
        get_result(backend, request, std::move(respond));
    });
    router.add("POST", "/v1/results/{wiki}/{entity}/reset",
               [&](Request&& request, Responder respond) {
                   post_reset(backend, request, std::move(respond));
               });
    router.add("GET", "/v1/queue", [&](Request&& request, Responder respond) {
        backend.queue(answering<std::vector<store::WikiCounts>>(
            std::move(respond), [request](std::vector<store::WikiCounts> wikis) {
                std::erase_if(wikis, [&](const auto& w) { return !request.may_see(w.wiki); });
                return text(queue_json(wikis));
            }));
    });
    router.add("GET", "/v1/dead", [&](Request&& request, Responder respond) {
        get_dead(backend, request, std::move(respond));
    });
    router.add("GET", "/v1/incomplete", [&](Request&& request, Responder respond) {
        get_incomplete(backend, request, std::move(respond));
    });
    router.add("GET", "/v1/parity", [&](Request&& request, Responder respond) {
        get_parity(backend, request, std::move(respond));
    });
    add_violation_routes(router, backend);
    router.add("POST", "/v1/dead/retry", [&](Request&& request, Responder respond) {
        post_dead_retry(backend, request, std::move(respond));
    });
    router.add("GET", "/healthz", [](Request&&, const Responder& respond) {
        respond(text("{\"alive\":true}\n"));
    });
    router.add("GET", "/readyz", [&](Request&& request, const Responder& respond) {
        std::vector<std::string> problems = backend.problems();
        if (request.is_bound() && !problems.empty()) // they may tell of other wikis
            problems = {"the runner is not ready"};
        respond(ready_response(problems));
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
