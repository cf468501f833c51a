// SPDX-License-Identifier: GPL-2.0-or-later
// See list.hpp. The rows of CSV are read from their JSON, so that both always agree.
#include "api/list.hpp"

#include "api/handler_parts.hpp"
#include "api/json_scanner.hpp"
#include "api/uri.hpp"
#include "base/csv.hpp"

#include <algorithm>
#include <utility>

namespace runner::api {

namespace {

using Columns = std::vector<std::string_view>;

std::string csv_header(const Columns& columns) {
    std::string line;
    for (const std::string_view column : columns)
        (line += line.empty() ? "" : ",") += column;
    return line + '\n';
}

/// Strings as they are, null as nothing, everything else as its JSON.
void append_csv_row(std::string& out, const Columns& columns, const std::string& object) {
    std::vector<std::string> cells(columns.size());
    JsonScanner json(object);
    json.object([&](const std::string& name) {
        const bool is_string = json.peek() == '"';
        std::string value = is_string ? json.string() : std::string(json.skip());
        if (!is_string && value == "null")
            value.clear();
        const auto at = std::find(columns.begin(), columns.end(), name);
        if (at != columns.end())
            cells[static_cast<std::size_t>(at - columns.begin())] = std::move(value);
    });
    for (std::size_t i = 0; i < cells.size(); ++i) {
        if (i > 0)
            out += ',';
        base::append_csv_field(out, cells[i]);
    }
    out += '\n';
}

std::string json_page(const ListSpec& spec, const ListPage& page) {
    std::string body = "{\"" + std::string(spec.member) + "\":[";
    for (std::size_t i = 0; i < page.rows.size(); ++i) {
        if (i > 0)
            body += ',';
        body += page.rows[i];
    }
    body += ']';
    body += page.more_members;
    if (!page.next.empty())
        body += ",\"next\":" + (page.next_is_number ? page.next : json_string(page.next));
    return body + "}\n";
}

/// The same request, but for the cursor.
std::string next_address(const ListSpec& spec, const ListPage& page, const Request& request) {
    std::string address = percent_encode(request.path, "/") + '?';
    for (const auto& [name, value] : request.query)
        if (name != spec.cursor)
            address += percent_encode(name) + '=' + percent_encode(value) + '&';
    return address + std::string(spec.cursor) + '=' + percent_encode(page.next);
}

} // namespace

ListFormat list_format(const Request& request, ListFormat otherwise) {
    const std::string_view given = request.parameter("format");
    if (given == "csv")
        return ListFormat::csv;
    if (given == "ndjson")
        return ListFormat::lines;
    if (given == "json")
        return ListFormat::json;
    if (!given.empty())
        bad_field("format", json_string(given) + " is not json, csv or ndjson");
    const unsigned json = request.wants("application/json");
    const unsigned csv = request.wants("text/csv");
    const unsigned lines = request.wants("application/x-ndjson");
    return csv > 0 && csv >= std::max(json, lines) ? ListFormat::csv
           : lines > 0 && lines >= json            ? ListFormat::lines
                                                   : otherwise;
}

const char* content_type(ListFormat format) noexcept {
    return format == ListFormat::csv     ? "text/csv; charset=utf-8"
           : format == ListFormat::lines ? "application/x-ndjson"
                                         : "application/json";
}

Response list_response(const ListSpec& spec, ListFormat format, const ListPage& page,
                       const Request& request) {
    std::string body;
    if (format == ListFormat::json) {
        body = json_page(spec, page);
    } else {
        Columns columns(spec.columns.begin(), spec.columns.end());
        columns.insert(columns.end(), page.more_columns.begin(), page.more_columns.end());
        if (format == ListFormat::csv)
            body = csv_header(columns);
        for (const std::string& row : page.rows) {
            if (format == ListFormat::csv)
                append_csv_row(body, columns, row);
            else
                body += row + '\n';
        }
    }
    Response response = text(std::move(body), content_type(format));
    if (!page.next.empty())
        response.headers.emplace_back("Link",
                                      '<' + next_address(spec, page, request) + ">; rel=\"next\"");
    return response;
}

} // namespace runner::api
