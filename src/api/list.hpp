// SPDX-License-Identifier: GPL-2.0-or-later
// The format of every list of the API: a page as JSON, or its rows as CSV or JSON lines.
#pragma once

#include "api/message.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace runner::api {

enum class ListFormat : std::uint8_t { json, csv, lines };

/// The parameter `format` (json, csv or ndjson), else what the client accepts, else `otherwise`.
/// Throws ApiError 400 for another format.
[[nodiscard]] ListFormat list_format(const Request& request,
                                     ListFormat otherwise = ListFormat::json);

[[nodiscard]] const char* content_type(ListFormat format) noexcept;

struct ListSpec {
    std::string_view member;                   ///< of the JSON object: where the rows are
    std::span<const std::string_view> columns; ///< of CSV: names of members of each row
    std::string_view cursor = "after";         ///< the parameter that takes `next`
};

struct ListPage {
    std::vector<std::string> rows; ///< JSON objects, each on one line
    std::string next;              ///< cursor of the next page; empty: there is none
    bool next_is_number = false;
    std::string more_members = {};                   ///< of the JSON object, each after a comma
    std::vector<std::string_view> more_columns = {}; ///< of CSV, behind those of the list
};

/// A page. The next page's address is in `next` of the JSON object and, in every format, in
/// the header `Link` (rel="next").
[[nodiscard]] Response list_response(const ListSpec& spec, ListFormat format, const ListPage& page,
                                     const Request& request);

} // namespace runner::api
