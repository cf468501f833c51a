// SPDX-License-Identifier: GPL-2.0-or-later
// See read.hpp.
#include "api/read.hpp"

#include "api/handler_parts.hpp"
#include "api/import_handlers.hpp"
#include "store/common/session.hpp"
#include "store/imports/import_store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

namespace runner::api {

namespace {

using Kind = Parameter::Kind;

constexpr std::uint32_t default_page = 100;
constexpr std::uint32_t max_page = 1'000;

/// The segment of the path that the pattern calls `{name}`; empty when there is none.
std::string_view captured(const Request& request, std::string_view pattern, std::string_view name) {
    std::size_t number = 0;
    for (std::size_t at = pattern.find('{'); at != std::string_view::npos;
         at = pattern.find('{', at + 1), ++number)
        if (pattern.substr(at + 1, pattern.find('}', at) - at - 1) == name)
            return request.captures.at(number);
    return {};
}

bool is_in_path(std::string_view pattern, const Parameter& parameter) {
    return pattern.find('{' + std::string(parameter.name) + '}') != std::string_view::npos;
}

void require_id(const Parameter& parameter, std::string_view given) {
    if (parameter.kind == Kind::entity) {
        (void)parse_entity_text(given, parameter.name, &entity::EntityId::parse);
        return;
    }
    const bool item = parameter.kind == Kind::item;
    const auto id = entity::EntityId::parse(given);
    if (!id || id->type != (item ? entity::EntityType::item : entity::EntityType::property))
        bad_field(
            std::string(parameter.name).c_str(),
            fmt::format("{} is not {} id", json_string(given), item ? "an item" : "a property"));
}

} // namespace

ReadRequest::ReadRequest(Request request, std::span<const Parameter> parameters,
                         std::string_view pattern, const Backend& backend)
    : request_(std::move(request)), pattern_(pattern),
      limit_(limit_of(request_, default_page, max_page)) {
    for (const Parameter& parameter : parameters)
        check(parameter, text(parameter.name), backend);
}

void ReadRequest::check(store::Session& session) const {
    if (import_ == 0 || !request_.is_bound())
        return;
    const auto row = store::ImportStore(session).get(import_);
    if (!row || !request_.may_see(row->wiki))
        throw no_import(import_);
}

void ReadRequest::check(const Parameter& parameter, std::string_view given,
                        const Backend& backend) {
    const std::string name(parameter.name);
    if (parameter.kind == Kind::wiki) {
        wiki_ = wiki_or_own(request_, given);
        if (!wiki_.empty())
            require_wiki(backend, request_, wiki_);
        has_extras_ = backend.has_extras(wiki_);
        given = wiki_;
    }
    if (given.empty()) {
        if (parameter.required)
            bad_field(name.c_str(), "must be given");
        return;
    }
    switch (parameter.kind) {
    case Kind::text:
    case Kind::wiki: return;
    case Kind::entity:
    case Kind::item:
    case Kind::property: require_id(parameter, given); return;
    case Kind::flag:
        if (given != "true" && given != "false")
            bad_field(name.c_str(), json_string(given) + " is neither true nor false");
        return;
    case Kind::number: (void)number(name); return;
    case Kind::import: import_ = import_id(request_); return;
    case Kind::choice:
        if (std::find(parameter.choices.begin(), parameter.choices.end(), given) ==
            parameter.choices.end())
            bad_field(name.c_str(), fmt::format("{} is not one of {}", json_string(given),
                                                fmt::join(parameter.choices, ", ")));
        return;
    }
}

std::string_view ReadRequest::text(std::string_view name) const {
    const std::string_view segment = captured(request_, pattern_, name);
    return segment.empty() ? request_.parameter(name) : segment;
}

std::optional<entity::EntityId> ReadRequest::entity(std::string_view name) const {
    return entity::EntityId::parse(text(name));
}

bool ReadRequest::flag(std::string_view name) const { return text(name) == "true"; }

std::uint64_t ReadRequest::number(std::string_view name) const {
    constexpr std::uint64_t most = (std::uint64_t{1} << 63U) - 1;
    return number_parameter(request_, std::string(name).c_str(), 0, 0, most);
}

void bad_cursor() { bad_field("after", "not a cursor; it is the \"next\" of the page before"); }

std::optional<store::EntityKey> key_of_cursor(std::string_view cursor) {
    if (cursor.empty())
        return std::nullopt;
    const std::size_t bar = cursor.rfind('|');
    if (bar == std::string_view::npos)
        bad_cursor();
    const auto id = entity::EntityId::parse(cursor.substr(bar + 1));
    if (!id)
        bad_cursor();
    return store::EntityKey{std::string(cursor.substr(0, bar)), *id};
}

void add_read_routes(Router& router, Backend& backend) {
    for (const ReadRow& row : read_rows()) {
        std::vector<std::string_view> names;
        for (const Parameter& parameter : row.parameters)
            if (!is_in_path(row.path, parameter) && parameter.name != row.list.cursor)
                names.push_back(parameter.name);
        if (row.page != nullptr)
            names.insert(names.end(), {"format", "limit", row.list.cursor});
        router.add("GET", std::string(row.path), std::move(names),
                   [&row, &backend](Request&& asked, Responder respond) {
                       const ListFormat format =
                           row.page != nullptr ? list_format(asked) : ListFormat::json;
                       const auto request = std::make_shared<const ReadRequest>(
                           std::move(asked), row.parameters, row.path, backend);
                       backend.read(
                           [&row, request, format](store::Session& session) {
                               request->check(session);
                               return row.page != nullptr
                                          ? list_response(row.list, format,
                                                          row.page(session, *request),
                                                          request->request())
                                          : text(row.one(session, *request));
                           },
                           answering<Response>(std::move(respond),
                                               [](Response response) { return response; }));
                   });
    }
}

} // namespace runner::api
