// SPDX-License-Identifier: GPL-2.0-or-later
#include "api/import_handlers.hpp"

#include "api/handler_parts.hpp"
#include "api/import_files.hpp"
#include "api/list.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <utility>

namespace runner::api {

namespace {

constexpr std::uint32_t max_page = 1'000;
constexpr std::array<std::string_view, 7> statuses{"queued",   "running", "waiting",  "paused",
                                                   "complete", "failed",  "cancelled"};

constexpr std::uint64_t longest_wait = 60; // seconds
constexpr std::uint64_t any_number = (std::uint64_t{1} << 63U) - 1;

using namespace std::string_view_literals;
constexpr std::array import_columns{
    "job_id"sv,      "wiki"sv,        "import_method"sv, "subject"sv,    "status"sv,
    "total"sv,       "total_is"sv,    "done"sv,          "failed"sv,     "rate"sv,
    "eta_seconds"sv, "current"sv,     "chunk_size"sv,    "retrying"sv,   "error"sv,
    "attempts"sv,    "next_attempt"sv, "created_at"sv,   "started_at"sv, "ended_at"sv,
    "compared_with"sv, "data_deleted_at"sv, "label"sv, "owner"sv, "notify"sv};
constexpr std::array problem_columns{"number"sv,    "code"sv,    "item"sv,    "reason"sv,
                                     "retryable"sv, "counted"sv, "noted_at"sv};
constexpr std::array item_columns{"number"sv,  "asked"sv,    "outcome"sv,
                                  "page_id"sv, "img_name"sv, "reason"sv,
                                  "known_name"sv, "replaced"sv};

/// With the number of the last row as the cursor, when the page is full.
template <class Row, class Number>
ListPage ended(ListPage page, const std::vector<Row>& rows, std::uint32_t limit,
               Number Row::*number) {
    page.next_is_number = true;
    if (!rows.empty() && rows.size() == limit)
        page.next = std::to_string(rows.back().*number);
    return page;
}

std::string or_null(const std::string& text) {
    return text.empty() ? "null" : json_string(text);
}

/// The members of a JSON object that the runner itself wrote, to stand among others.
std::string members(const std::string& object) {
    const std::size_t from = object.find('{');
    const std::size_t to = object.rfind('}');
    if (from == std::string::npos || to == std::string::npos || to <= from + 1)
        return {};
    return object.substr(from + 1, to - from - 1) + ',';
}

std::string eta(const store::ImportRow& row) {
    if (!row.total || row.rate <= 0 || row.retrying ||
        (row.status != "running" && row.status != "waiting"))
        return "null";
    const std::uint64_t over = row.done + row.failed;
    const std::uint64_t left = row.total->count > over ? row.total->count - over : 0;
    return fmt::format("{}", std::llround(std::ceil(static_cast<double>(left) / row.rate)));
}

void post_import(ImportsBackend& backend, Request&& request, Responder respond) {
    Client client{request.client,
                  request.token ? request.token->wikis : std::vector<std::string>{}};
    backend.start_import(
        std::move(request.body), std::move(client),
        answering<store::ImportAccepted>(std::move(respond), [subject = request.subject](
                                                                 store::ImportAccepted accepted) {
            *subject = {accepted.wiki, accepted.id};
            Response response =
                text(fmt::format("{{\"job_id\":{},\"is_new\":{}}}\n", accepted.id, accepted.is_new),
                     "application/json", 202);
            response.headers.emplace_back("Location", fmt::format("/v1/import/{}", accepted.id));
            return response;
        }));
}

void get_imports(ImportsBackend& backend, const Request& request, Responder respond) {
    std::string wiki = wiki_of_list(backend, request);
    std::string status(request.parameter("status"));
    if (!status.empty() && std::find(statuses.begin(), statuses.end(), status) == statuses.end())
        bad_field("status", fmt::format("{} is not {}", json_string(status),
                                        fmt::join(statuses, ", ")));
    const std::uint32_t limit = limit_of(request, 100, max_page);
    const ListFormat format = list_format(request);
    backend.imports(
        {std::move(wiki), std::move(status), std::string(request.parameter("label")),
         std::string(request.parameter("owner"))},
        limit,
        number_parameter(request, "before", 0, 0, any_number),
        answering<std::vector<store::ImportRow>>(
            std::move(respond),
            [request, limit, format](const std::vector<store::ImportRow>& rows) {
                ListPage page;
                for (const store::ImportRow& row : rows)
                    page.rows.push_back(import_json(row));
                return list_response({"imports", import_columns, "before"}, format,
                                     ended(std::move(page), rows, limit, &store::ImportRow::id),
                                     request);
            }));
}

void get_status(ImportsBackend& backend, const Request& request, Responder respond) {
    const std::uint64_t id = import_id(request);
    backend.import(id, std::chrono::seconds(number_parameter(request, "wait", 0, 0, longest_wait)),
                   answering<std::optional<store::ImportRow>>(
                       std::move(respond),
                       [id, subject = request.subject](const std::optional<store::ImportRow>& row) {
                           if (row)
                               subject->wiki = row->wiki;
                           return row ? text(import_json(*row) + '\n')
                                      : error_response(no_import(id));
                       }));
}

void get_problems(ImportsBackend& backend, const Request& request, Responder respond) {
    const std::uint64_t id = import_id(request);
    const std::uint32_t limit = limit_of(request, 100, max_page);
    const ListFormat format = list_format(request);
    backend.import_problems(
        id, limit, number_parameter(request, "after", 0, 0, any_number),
        answering<ImportsBackend::Problems>(
            std::move(respond),
            [request, id, limit, format](const ImportsBackend::Problems& problems) {
                if (!problems)
                    return error_response(no_import(id));
                ListPage page;
                for (const store::ImportProblem& problem : *problems)
                    page.rows.push_back(fmt::format(
                        R"({{"number":{},"code":{},"item":{},"reason":{},"retryable":{},)"
                        R"("counted":{},"noted_at":{}}})",
                        problem.number, json_string(problem.code),
                        json_string(problem.item), json_string(problem.reason), problem.retryable,
                        problem.counted, json_string(problem.noted_at)));
                return list_response(
                    {"problems", problem_columns}, format,
                    ended(std::move(page), *problems, limit, &store::ImportProblem::number),
                    request);
            }));
}

void get_items(ImportsBackend& backend, const Request& request, Responder respond) {
    const std::uint64_t id = import_id(request);
    const std::uint32_t limit = limit_of(request, 100, max_page);
    std::optional<store::ItemOutcome> outcome;
    if (const std::string_view given = request.parameter("outcome"); !given.empty()) {
        const auto* at = std::find(store::item_outcomes.begin(), store::item_outcomes.end(), given);
        if (at == store::item_outcomes.end())
            bad_field("outcome", fmt::format("{} is not {}", json_string(given),
                                             fmt::join(store::item_outcomes, ", ")));
        outcome = static_cast<store::ItemOutcome>(at - store::item_outcomes.begin());
    }
    std::optional<bool> replaced;
    if (const std::string_view given = request.parameter("replaced"); !given.empty()) {
        if (given != "true" && given != "false")
            bad_field("replaced", json_string(given) + " is not true or false");
        replaced = given == "true";
    }
    const ListFormat format = list_format(request);
    backend.import_items(
        id, number_parameter(request, "after", 0, 0, any_number), limit, outcome, replaced,
        answering<store::ImportItemStore::Page>(
            std::move(respond),
            [request, id, limit, format](const store::ImportItemStore::Page& found) {
                if (!found.found)
                    return error_response(no_import(id));
                ListPage page;
                for (const store::ImportItem& item : found.items)
                    page.rows.push_back(fmt::format(
                        R"({{"number":{},"asked":{},"outcome":"{}","page_id":{},"img_name":{},)"
                        R"("reason":{},"known_name":{},"replaced":{}}})",
                        item.number, json_string(item.asked),
                        store::item_outcomes.at(static_cast<std::size_t>(item.outcome)),
                        item.page_id ? std::to_string(*item.page_id) : "null",
                        or_null(item.title.value_or("")), or_null(item.reason.value_or("")),
                        or_null(item.known_name.value_or("")),
                        !item.replaced ? "null" : *item.replaced ? "true" : "false"));
                return list_response(
                    {"items", item_columns}, format,
                    ended(std::move(page), found.items, limit, &store::ImportItem::number),
                    request);
            }));
}

Reply<store::ImportChange> changed(std::uint64_t id, Responder respond) {
    return answering<store::ImportChange>(
        std::move(respond), [id](const store::ImportChange& changed) {
            if (!changed.found)
                return error_response(no_import(id));
            if (changed.over_limit > 0)
                return error_response(too_many_imports(changed.over_limit));
            if (!changed.refusal.empty())
                return error_response(
                    {409, "not_now",
                     fmt::format("import {} is {}: {}", id, changed.status, changed.refusal),
                     {}});
            return text(fmt::format("{{\"job_id\":{},\"status\":\"{}\",\"changed\":{}}}\n", id,
                                    changed.status, changed.changed));
        });
}

void change(ImportsBackend& backend, store::ImportAction action, const Request& request,
            Responder respond) {
    const std::uint64_t id = import_id(request);
    backend.change_import(id, action, changed(id, std::move(respond)));
}

} // namespace

ApiError no_import(std::uint64_t id) {
    return {404, "no_import", fmt::format("there is no import {}", id), {}};
}

ApiError too_many_imports(std::uint64_t under_way) {
    constexpr unsigned retry_after = 60; // seconds
    return {429, "too_many_imports",
            fmt::format("{} imports of this client are not over, and no more are allowed "
                        "(imports.max_running_of_client)",
                        under_way),
            {}, retry_after};
}

std::uint64_t import_id(const Request& request) {
    const auto id = number_in(request.captures.at(0));
    if (!id)
        bad_field("job_id", json_string(request.captures.at(0)) + " is not a number");
    request.subject->import = *id;
    return *id;
}

std::string import_json(const store::ImportRow& row) {
    std::string body = fmt::format(
        R"({{"job_id":{},"wiki":{},"import_method":{},"subject":{},"status":"{}",)", row.id,
        json_string(row.wiki), json_string(row.kind), json_string(row.subject), row.status);
    body += members(row.counts);
    body += members(row.details);
    body += fmt::format(
        R"("total":{},"total_is":{},"done":{},"failed":{},"rate":{:.1f},"eta_seconds":{},)"
        R"("current":{},"chunk_size":{},"retrying":{},)",
        row.total ? std::to_string(row.total->count) : "null",
        !row.total ? "null" : row.total->known ? "\"known\"" : "\"estimated\"", row.done,
        row.failed, row.rate, eta(row), or_null(row.current), row.chunk_size, row.retrying);
    body += fmt::format(
        R"("error":{},"attempts":{},"next_attempt":{},"created_at":{},"started_at":{},)"
        R"("ended_at":{},"compared_with":{},"data_deleted_at":{},"label":{},"owner":{},"notify":{}}})",
        row.error.empty() ? "null"
                          : fmt::format(R"({{"code":{},"message":{}}})",
                                        json_string(row.error_code), json_string(row.error)),
        row.attempts, or_null(row.next_attempt), json_string(row.created_at),
        or_null(row.started_at), or_null(row.ended_at),
        row.base_id == 0 ? "null" : std::to_string(row.base_id), or_null(row.data_deleted_at),
        or_null(row.label), or_null(row.owner), row.notify);
    return body;
}

void add_route_of_import(Router& router, ImportsBackend& backend, const char* method,
                         const std::string& below, std::vector<std::string_view> parameters,
                         Handler handler) {
    router.add(method, "/v1/import/{job_id}" + below, std::move(parameters),
               [&backend, handler = std::move(handler)](Request&& request, Responder respond) {
                   if (!request.is_bound()) {
                       handler(std::move(request), std::move(respond));
                       return;
                   }
                   const std::uint64_t id = import_id(request);
                   auto kept = std::make_shared<Request>(std::move(request));
                   backend.import(id, std::chrono::seconds(0), [id, kept, handler, respond](
                                          const std::optional<store::ImportRow>& row,
                                          const std::exception_ptr& error) {
                       try {
                           if (error)
                               std::rethrow_exception(error);
                           if (!row || !kept->may_see(row->wiki))
                               throw no_import(id);
                           handler(std::move(*kept), respond);
                       } catch (...) {
                           respond(error_from(std::current_exception()));
                       }
                   });
               });
}

void add_import_routes(Router& router, ImportsBackend& backend) {
    router.add("POST", "/v1/import", [&](Request&& request, Responder respond) {
        post_import(backend, std::move(request), std::move(respond));
    });
    router.add("GET", "/v1/import", {"wiki", "status", "label", "owner", "limit", "before", "format"},
               [&](Request&& request, Responder respond) {
                   get_imports(backend, request, std::move(respond));
               });
    add_route_of_import(router, backend, "DELETE", "", {},
                        [&](Request&& request, Responder respond) {
                            change(backend, store::ImportAction::cancel, request,
                                   std::move(respond));
                        });
    for (const char* below : {"", "/status"})
        add_route_of_import(router, backend, "GET", below, {"wait"},
                            [&](Request&& request, Responder respond) {
                                get_status(backend, request, std::move(respond));
                            });
    add_route_of_import(router, backend, "GET", "/problems", {"limit", "after", "format"},
                        [&](Request&& request, Responder respond) {
                            get_problems(backend, request, std::move(respond));
                        });
    add_route_of_import(router, backend, "GET", "/items", {"limit", "after", "outcome", "replaced", "format"},
                        [&](Request&& request, Responder respond) {
                            get_items(backend, request, std::move(respond));
                        });
    add_route_of_import(router, backend, "DELETE", "/data", {},
                        [&](Request&& request, Responder respond) {
                            const std::uint64_t id = import_id(request);
                            backend.delete_import_data(id, changed(id, std::move(respond)));
                        });
    add_file_routes(router, backend);
    using Action = store::ImportAction;
    for (const auto& [name, action] : {std::pair{"/pause", Action::pause},
                                       {"/resume", Action::resume},
                                       {"/retry", Action::retry}})
        add_route_of_import(router, backend, "POST", name, {},
                            [&backend, action = action](Request&& request, Responder respond) {
                                change(backend, action, request, std::move(respond));
                            });
}

} // namespace runner::api
