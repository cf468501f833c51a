// SPDX-License-Identifier: GPL-2.0-or-later
// What a request for a list of files says. See file_list.hpp.
#include "base/sha1.hpp"
#include "base/utf8.hpp"
#include "imports/category_name.hpp"
#include "imports/file_filter.hpp"
#include "imports/file_list.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

namespace runner::imports {

namespace json = boost::json;

namespace {

constexpr std::size_t most_files = 500'000;
constexpr std::size_t longest_item = 2'000; // bytes; an address with escapes
constexpr std::size_t shown = 60;

// names of columns, in small letters, and what they hold
constexpr std::array<std::pair<std::string_view, std::string_view>, 10> columns{
    {{"filename", "name"},
     {"img_name", "name"},
     {"file_name", "name"},
     {"name", "name"},
     {"file", "name"},
     {"title", "name"},
     {"page_id", "page_id"},
     {"pageid", "page_id"},
     {"file_id", "file_id"},
     {"rec_img_timestamp", "time"}}};
constexpr std::array<std::string_view, 5> ways{"files", "page_ids", "file_ids", "csv", "of_import"};

/// The next row of CSV as RFC 4180 has it; the text moves behind it.
std::vector<std::string> next_row(std::string_view& text, char separator) {
    std::vector<std::string> row(1);
    bool quoted = false;
    std::size_t at = 0;
    for (; at < text.size(); ++at) {
        const char c = text[at];
        if (quoted && c == '"' && at + 1 < text.size() && text[at + 1] == '"') {
            row.back() += c;
            ++at;
        } else if (c == '"' && (quoted || row.back().empty())) {
            quoted = !quoted;
        } else if (!quoted && c == separator) {
            row.emplace_back();
        } else if (!quoted && c == '\n') {
            break;
        } else {
            row.back() += c;
        }
    }
    text.remove_prefix(std::min(at + 1, text.size()));
    if (!row.back().empty() && row.back().back() == '\r')
        row.back().pop_back();
    return row;
}

std::string trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n";
    const std::size_t from = text.find_first_not_of(blanks);
    return from == std::string_view::npos
               ? std::string()
               : std::string(text.substr(from, text.find_last_not_of(blanks) + 1 - from));
}

std::string lower(std::string text) {
    for (char& c : text)
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return text;
}

bool is_number(std::string_view text) noexcept {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size() && number > 0 &&
           number < (std::uint64_t{1} << 62U);
}

/// The numbers of a request's array.
std::vector<std::string> numbers_of(const json::array& list, const std::string& field) {
    std::vector<std::string> items;
    for (std::size_t i = 0; i < list.size(); ++i) {
        const json::value& each = list[i];
        std::string text = each.is_int64() && each.get_int64() > 0
                               ? std::to_string(each.get_int64())
                               : std::string();
        if (!is_number(text))
            throw BadRequest(fmt::format("{}[{}]", field, i), "not a positive number");
        items.push_back(std::move(text));
    }
    return items;
}

std::vector<std::string> names_of(const json::array& list, const std::string& field) {
    std::vector<std::string> items;
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (!list[i].is_string())
            throw BadRequest(fmt::format("{}[{}]", field, i), "not a string");
        items.emplace_back(list[i].as_string());
    }
    return items;
}

ListedFiles asked_files(const json::object& fields) {
    std::string_view way;
    for (const std::string_view each : ways)
        if (fields.contains(each)) {
            if (!way.empty())
                throw BadRequest(std::string(each),
                                 fmt::format("beside {}; give one of them", way));
            way = each;
        }
    if (way.empty())
        throw BadRequest("files",
                         "missing; a list of names, or page_ids, file_ids, csv or of_import");
    const json::value& value = fields.at(way);
    const std::string field(way);
    if (way == "of_import")
        return {"page_id", {}};
    if (way == "csv") {
        if (!value.is_string())
            throw BadRequest(field, "not a string");
        return listed_files(value.as_string());
    }
    if (!value.is_array())
        throw BadRequest(field, "not an array");
    const json::array& list = value.as_array();
    if (list.size() > most_files)
        throw BadRequest(field, fmt::format("more than {}", most_files));
    if (way == "files")
        return {"name", names_of(list, field)};
    return {way == "page_ids" ? "page_id" : "file_id", numbers_of(list, field)};
}

} // namespace

namespace {

/// Where a header has a column of these names; its size when it has none.
std::size_t column_of(const std::vector<std::string>& header, std::string_view holds) {
    for (std::size_t column = 0; column < header.size(); ++column) {
        const std::string name = lower(trimmed(header[column]));
        if (std::any_of(columns.begin(), columns.end(), [&](const auto& each) {
                return each.first == name && each.second == holds;
            }))
            return column;
    }
    return header.size();
}

/// The 14 digits of a time in any of MediaWiki's forms; else empty.
std::string digits_of(const std::string& text) {
    std::string digits;
    for (const char c : text)
        if (c >= '0' && c <= '9')
            digits += c;
        else if (std::string_view("-:TZ ").find(c) == std::string_view::npos)
            return {};
    return digits.size() == 14 ? digits : std::string();
}

/// The rows of CSV below a header that has one of the columns.
ListedFiles listed_in(const std::vector<std::string>& header, std::string_view rest,
                      char separator) {
    constexpr std::array<std::string_view, 4> held{"page_id", "file_id", "name", "time"};
    std::array<std::size_t, held.size()> columns_of_held{};
    std::transform(held.begin(), held.end(), columns_of_held.begin(),
                   [&](std::string_view holds) { return column_of(header, holds); });
    std::array<std::vector<std::string>, held.size()> fields;
    while (!rest.empty()) {
        const std::vector<std::string> row = next_row(rest, separator);
        if (std::all_of(row.begin(), row.end(), [](const auto& f) { return trimmed(f).empty(); }))
            continue;
        for (std::size_t i = 0; i < held.size(); ++i)
            fields[i].push_back(columns_of_held[i] < row.size() ? trimmed(row[columns_of_held[i]])
                                                                : std::string());
    }
    const auto has = [&](std::size_t i) { return columns_of_held[i] < header.size(); };
    constexpr std::size_t name = 2, time = 3;
    std::size_t by = 0;
    while (by < name &&
           (!has(by) || (has(name) && !std::all_of(fields[by].begin(), fields[by].end(), is_number))))
        ++by;
    ListedFiles list;
    list.by = held[by];
    for (std::size_t row = 0; row < fields[by].size(); ++row) {
        if (fields[by][row].empty())
            continue;
        list.items.push_back(std::move(fields[by][row]));
        if (by != name && has(name)) {
            std::string& known = fields[name][row];
            const bool usable = known.size() <= longest_item && is_text(known);
            list.known_names.push_back(usable ? std::move(known) : std::string());
        }
        if (has(time))
            list.known_times.push_back(digits_of(fields[time][row]));
    }
    return list;
}

} // namespace

ListedFiles listed_files(std::string_view text) {
    if (text.starts_with("\xEF\xBB\xBF")) // of a spreadsheet's export
        text.remove_prefix(3);
    for (const char separator : {',', '\t', ';'}) {
        std::string_view rest = text;
        const std::vector<std::string> header = next_row(rest, separator);
        for (const std::string_view holds : {"name", "page_id", "file_id"})
            if (column_of(header, holds) < header.size())
                return listed_in(header, rest, separator);
    }
    ListedFiles list;
    list.by = "name";
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string line = trimmed(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        line = trimmed(line.substr(0, line.find('\t')));
        if (line.size() >= 2 && line.front() == '"' && line.back() == '"') {
            std::string_view quoted = line;
            line = next_row(quoted, '\n').front();
        }
        if (!line.empty())
            list.items.push_back(std::move(line));
    }
    return list;
}

void plan_file_list(std::string_view text, const config::WikiSettings& wiki,
                    store::NewImport& into) {
    const json::value value = json::parse(text);
    const json::object& fields = value.as_object();
    for (const auto& field : fields)
        if (field.key() != "filter" &&
            std::find(ways.begin(), ways.end(), field.key()) == ways.end())
            throw BadRequest(std::string(base::utf8_prefix(field.key(), shown)),
                             "there is no such field; there are import_method, wiki, files, "
                             "page_ids, file_ids, csv, of_import, filter");
    ListedFiles list = asked_files(fields);
    const json::value* of = fields.if_contains("of_import");
    if (of != nullptr && (!of->is_int64() || of->get_int64() < 1))
        throw BadRequest("of_import", "not the number of an import");
    const std::string field = fields.contains("csv") ? "csv"
                              : list.by == "name"    ? "files"
                                                     : list.by + "s";
    if (list.items.empty() && of == nullptr)
        throw BadRequest(field, "an empty list");
    if (list.items.size() > most_files)
        throw BadRequest(field, fmt::format("more than {}", most_files));
    for (std::size_t i = 0; i < list.items.size(); ++i) {
        const std::string& item = list.items[i];
        if (item.size() > longest_item || !is_text(item))
            throw BadRequest(
                fmt::format("{}[{}]", field, i),
                item.size() > longest_item
                    ? fmt::format("{} bytes; the longest has {}", item.size(), longest_item)
                    : "not valid UTF-8, or with a NUL");
        if (list.by != "name" && !is_number(item))
            throw BadRequest(fmt::format("{}[{}]", field, i), "not a positive number");
    }
    if (wiki.replica_database.empty())
        throw BadRequest("wiki", wiki.id + " has no replica_database in the configuration, from "
                                           "which files could be read");
    std::string all = list.by;
    for (const std::string& item : list.items)
        all += '\n' + item;
    for (const auto* known : {&list.known_names, &list.known_times})
        for (const std::string& each : *known)
            all += '\n' + each;
    into.subject = fmt::format("{} files by {}, list {}", list.items.size(),
                               list.by == "name"      ? "name"
                               : list.by == "page_id" ? "page id"
                                                      : "file id",
                               base::sha1_hex(all).substr(0, 16));
    if (of != nullptr) {
        into.list_of = static_cast<std::uint64_t>(of->get_int64());
        into.subject = fmt::format("files of import {}", into.list_of);
    }
    plan_filter(fields, into);
    into.parameters = json::serialize(json::object{{"by", list.by}});
    into.items = std::move(list.items);
    into.known_names = std::move(list.known_names);
    into.known_times = std::move(list.known_times);
    for (const char* count :
         {"files_imported", "files_new", "files_changed", "files_renamed", "files_unchanged",
          "files_vanished", "items_done", "items_found", "items_renamed", "items_redirect",
          "items_deleted", "items_missing", "items_twice", "items_no_file", "items_bad_name",
          "items_replaced"})
        into.counts[count] = 0;
    if (into.filter)
        into.counts["items_left_out"] = 0;
}

} // namespace runner::imports
