// SPDX-License-Identifier: GPL-2.0-or-later
#include "api/import_handlers.hpp"

#include "api/handler_parts.hpp"
#include "api/import_files.hpp"

#include <fmt/format.h>

#include <cmath>
#include <memory>
#include <utility>

namespace runner::api {

namespace {

constexpr std::uint64_t longest_wait = 60; // seconds
std::string or_null(const std::string& text) { return text.empty() ? "null" : json_string(text); }

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

Reply<store::ImportChange> changed(std::uint64_t id, Responder respond) {
    return answering<store::ImportChange>(
        std::move(respond), [id](const store::ImportChange& changed) {
            if (!changed.found)
                return error_response(no_import(id));
            if (changed.over_limit > 0)
                return error_response(too_many_imports(changed.over_limit));
            if (!changed.refusal.empty())
                return error_response(
                    {409,
                     "not_now",
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
    return {429,
            "too_many_imports",
            fmt::format("{} imports of this client are not over, and no more are allowed "
                        "(imports.max_running_of_client)",
                        under_way),
            {},
            retry_after};
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
        !row.total         ? "null"
        : row.total->known ? "\"known\""
                           : "\"estimated\"",
        row.done, row.failed, row.rate, eta(row), or_null(row.current), row.chunk_size,
        row.retrying);
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
                   backend.import(
                       id, std::chrono::seconds(0),
                       [id, kept, handler, respond](const std::optional<store::ImportRow>& row,
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
    add_route_of_import(
        router, backend, "DELETE", "", {}, [&](Request&& request, Responder respond) {
            change(backend, store::ImportAction::cancel, request, std::move(respond));
        });
    for (const char* below : {"", "/status"})
        add_route_of_import(router, backend, "GET", below, {"wait"},
                            [&](Request&& request, Responder respond) {
                                get_status(backend, request, std::move(respond));
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
