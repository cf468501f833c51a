// SPDX-License-Identifier: GPL-2.0-or-later
#include "imports/list_table.hpp"

#include "base/utf8.hpp"
#include "imports/category_name.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace runner::imports {

namespace {

enum Held : std::size_t { page_id, file_id, sure_name, name, time, space, space_text };

// names of columns, in small letters, and what they hold
constexpr std::array<std::pair<std::string_view, Held>, 18> known{{
    {"page_id", page_id},
    {"pageid", page_id},
    {"file_id", file_id},
    {"filename", sure_name},
    {"img_name", sure_name},
    {"file_name", sure_name},
    {"name", name},
    {"file", name},
    {"title", name},
    {"page_title", name},
    {"image", name},
    {"rec_img_timestamp", time},
    {"namespace", space},
    {"page_namespace", space},
    {"ns", space},
    {"nstext", space_text},
    {"namespace_text", space_text},
    {"nsname", space_text},
}};
constexpr std::size_t most_others = 100;  // columns
constexpr std::size_t longest_shown = 40; // bytes of the name of a column

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return out;
}

/// Where the table of known columns has it; its end when it does not.
const auto* find_known(std::string_view column) {
    const std::string small = lower(trimmed(column));
    return std::find_if(known.begin(), known.end(),
                        [&](const auto& each) { return each.first == small; });
}

/// The number at the end of …/entity/M12; empty when there is none.
std::string_view entity_number(std::string_view text) {
    constexpr std::string_view mark = "/entity/M";
    const std::size_t at = text.rfind(mark);
    if (at == std::string_view::npos || !is_number(text.substr(at + mark.size())))
        return {};
    return text.substr(at + mark.size());
}

bool begins_as_address(std::string_view text) {
    const std::string start = lower(text.substr(0, 8));
    return start.starts_with("http://") || start.starts_with("https://") || start.starts_with("//");
}

/// The 14 digits of a time in any of MediaWiki's forms; else empty.
std::string digits_of(std::string_view text) {
    std::string digits;
    for (const char c : text)
        if (c >= '0' && c <= '9')
            digits += c;
        else if (std::string_view("-:TZ ").find(c) == std::string_view::npos)
            return {};
    return digits.size() == 14 ? digits : std::string();
}

} // namespace

std::string trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n";
    const std::size_t from = text.find_first_not_of(blanks);
    return from == std::string_view::npos
               ? std::string()
               : std::string(text.substr(from, text.find_last_not_of(blanks) + 1 - from));
}

bool is_number(std::string_view text) noexcept {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size() && number > 0 &&
           number < (std::uint64_t{1} << 62U);
}

bool is_file_address(std::string_view text) {
    if (!begins_as_address(text))
        return false;
    if (!entity_number(text).empty())
        return true;
    std::string small = lower(text);
    for (std::size_t at = small.find("%3a"); at != std::string::npos; at = small.find("%3a", at))
        small.replace(at, 3, ":");
    constexpr std::array<std::string_view, 6> marks{"special:filepath/", "special:redirect/file/",
                                                    "/wiki/file:",       "/wiki/image:",
                                                    "title=file:",       "title=image:"};
    return std::any_of(marks.begin(), marks.end(), [&](std::string_view mark) {
        return small.find(mark) != std::string::npos;
    });
}

bool ListTable::is_known(std::string_view column) {
    const auto* at = find_known(column);
    return at != known.end() && at->second <= name;
}

ListTable::Column ListTable::column(std::string_view asked) {
    const auto* at = find_known(asked);
    if (at != known.end()) {
        std::string& is = names_.at(at->second);
        if (is.empty() || is == at->first) {
            is = at->first;
            return {at->second, 0};
        }
    }
    return other_column(asked);
}

ListTable::Column ListTable::other_column(std::string_view asked) {
    const std::string shown(base::utf8_prefix(asked, longest_shown));
    for (std::size_t i = 0; i < others_.size(); ++i)
        if (others_[i].name == shown)
            return {others, i};
    if (others_.size() < most_others)
        others_.push_back({shown, {}, false});
    return {others, others_.size() - 1}; // what is beyond goes into the last of them
}

void ListTable::begin_row() {
    if (rows_ == most_listed)
        throw BadList(fmt::format("more than {} rows", most_listed));
    ++rows_;
}

void ListTable::set(Column column, std::string_view text) {
    if (column.held == name && !entity_number(trimmed(text)).empty()) // a number called a file
        column = other_column(names_[name]);
    if (column.held == others) {
        Other& other = others_.at(column.other);
        const std::string item = trimmed(text);
        if (!is_file_address(item))
            return;
        const std::string_view number = entity_number(item);
        if (other.items.empty())
            other.entities = !number.empty();
        if (other.entities == !number.empty())
            other.items.emplace_back(number.empty() ? std::string_view(item) : number);
        return;
    }
    std::vector<std::string>& held = columns_.at(column.held);
    held.resize(rows_);
    if (held.back().empty())
        held.back() = trimmed(text);
}

std::string_view ListTable::cell(std::size_t held, std::size_t row) const {
    const std::vector<std::string>& cells = columns_.at(held);
    return row < cells.size() ? std::string_view(cells[row]) : std::string_view();
}

/// With the namespace, where the row says it.
std::string ListTable::full_name(std::size_t held, std::size_t row) const {
    const std::string_view title = cell(held, row);
    std::string_view prefix = cell(space_text, row);
    if (const std::string_view number = cell(space, row); number == "6")
        prefix = "File";
    else if (prefix.empty() && !is_number(number) && number != "0")
        prefix = number;
    if (title.empty() || prefix.empty() || lower(title).starts_with(lower(prefix) + ':'))
        return std::string(title);
    return fmt::format("{}:{}", prefix, title);
}

ListedFiles ListTable::list() && {
    ListedFiles list;
    list.by = "name";
    if (rows_ == 0)
        return list;
    const std::size_t named = has(sure_name) ? sure_name : name;
    const bool spaces = has(space) || has(space_text);
    for (const auto& [numbers, by] : {std::pair{page_id, "page_id"}, {file_id, "file_id"}}) {
        std::vector<std::string>& cells = columns_[numbers];
        if (cells.empty() || (has(named) && (spaces || cells.size() < rows_ ||
                                             !std::all_of(cells.begin(), cells.end(), is_number))))
            continue;
        list.by = by;
        for (std::size_t row = 0; row < cells.size(); ++row) {
            if (cells[row].empty())
                continue;
            list.items.push_back(std::move(cells[row]));
            if (has(named)) {
                const std::string_view known_name = cell(named, row);
                const bool usable = known_name.size() <= longest_item && is_text(known_name);
                list.known_names.emplace_back(usable ? known_name : std::string_view());
            }
            if (has(time))
                list.known_times.push_back(digits_of(cell(time, row)));
        }
        return list;
    }
    const auto addresses = std::find_if(others_.begin(), others_.end(),
                                        [](const Other& other) { return !other.items.empty(); });
    if (!has(sure_name) && addresses != others_.end()) {
        list.by = addresses->entities ? "page_id" : "name";
        list.items = std::move(addresses->items);
        return list;
    }
    if (!has(named)) {
        std::string seen;
        for (const Other& other : others_)
            if (seen.size() < 200)
                seen += (seen.empty() ? "" : ", ") + other.name;
        throw BadList(fmt::format("no column holds file names or their addresses; the columns are "
                                  "{}",
                                  seen.empty() ? "without names" : seen));
    }
    for (std::size_t row = 0; row < columns_[named].size(); ++row) {
        std::string full = full_name(named, row);
        if (full.empty())
            continue;
        list.items.push_back(std::move(full));
        if (has(time))
            list.known_times.push_back(digits_of(cell(time, row)));
    }
    return list;
}

} // namespace runner::imports
