// SPDX-License-Identifier: GPL-2.0-or-later
// See list_text.hpp: which form a text has, and lines and CSV.
#include "imports/list_text.hpp"

#include "imports/category_name.hpp"
#include "imports/importer.hpp"
#include "imports/list_json.hpp"
#include "imports/list_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace runner::imports {

namespace {

constexpr std::size_t looked_at = 1'024;    // bytes at the beginning of a page
constexpr std::size_t most_columns = 1'000; // the last has the rest of the row, whatever it is
constexpr std::array separators{',', '\t', ';'};

using Row = std::vector<std::string>;

/// Whether \" within quotes is a quote as PetScan writes it, and not a backslash before the end of
/// the field, which RFC 4180 would have.
bool is_escaped_quote(std::string_view text, std::size_t at, char separator) {
    const auto ends = [&](std::size_t where) {
        return where >= text.size() || text[where] == separator || text[where] == '\r' ||
               text[where] == '\n';
    };
    if (text[at] != '\\' || at + 1 >= text.size() || text[at + 1] != '"' || ends(at + 2))
        return false;
    return text[at + 2] != '"' || ends(at + 3);
}

/// The next row of CSV as RFC 4180 has it; the text moves behind it.
Row next_row(std::string_view& text, char separator) {
    Row row(1);
    bool quoted = false;
    std::size_t at = 0;
    for (; at < text.size(); ++at) {
        const char c = text[at];
        if (quoted && ((c == '"' && at + 1 < text.size() && text[at + 1] == '"') ||
                       is_escaped_quote(text, at, separator))) {
            row.back() += '"';
            ++at;
        } else if (c == '"' && (quoted || row.back().empty())) {
            quoted = !quoted;
        } else if (!quoted && c == separator && row.size() < most_columns) {
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

/// Whether the first row, which has no name that is known, can be a header: the words of a query
/// above addresses of files.
bool is_header_of_addresses(const Row& header, std::string_view rest, char separator) {
    if (header.size() < 2 || std::any_of(header.begin(), header.end(), [](const auto& name) {
            return trimmed(name).empty() || name.find_first_of(".:/") != std::string::npos;
        }))
        return false;
    const Row row = next_row(rest, separator);
    return row.size() == header.size() && std::any_of(row.begin(), row.end(), is_file_address);
}

ListedFiles rows_of(const Row& header, std::string_view rest, char separator) {
    ListTable table;
    std::vector<ListTable::Column> columns;
    columns.reserve(header.size());
    for (const std::string& name : header)
        columns.push_back(table.column(name));
    while (!rest.empty()) {
        const Row row = next_row(rest, separator);
        if (std::all_of(row.begin(), row.end(), [](const auto& f) { return trimmed(f).empty(); }))
            continue;
        table.begin_row();
        for (std::size_t i = 0; i < columns.size(); ++i)
            table.set(columns[i], i < row.size() ? std::string_view(row[i]) : "");
    }
    ListedFiles list = std::move(table).list();
    list.form = "csv";
    return list;
}

ListedFiles lines_of(std::string_view text) {
    ListedFiles list;
    list.by = "name";
    list.form = "lines";
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string line = trimmed(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        line = trimmed(line.substr(0, line.find('\t')));
        if (line.size() >= 2 && line.front() == '"' && line.back() == '"') {
            std::string_view quoted = line;
            line = next_row(quoted, '\n').front();
        }
        if (line.empty())
            continue;
        if (list.items.size() == most_listed)
            throw BadList(fmt::format("more than {} lines", most_listed));
        list.items.push_back(std::move(line));
    }
    return list;
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return out;
}

/// Throws BadList for a page that people read, such as one to log in.
void refuse_pages(std::string_view text, bool said) {
    const std::string start = lower(text.substr(0, looked_at));
    const bool has_mark = start.find("<html") != std::string::npos ||
                          start.find("<!doctype html") != std::string::npos;
    if (has_mark && (said || start.front() == '<'))
        throw BadList("an HTML page and not a list; it may ask to log in");
    if (start.starts_with('<'))
        throw BadList(said ? "an HTML page and not a list; it may ask to log in"
                           : "XML or HTML and not a list");
}

} // namespace

ListedFiles listed_files(std::string_view text, std::string_view content_type) {
    if (text.starts_with("\xEF\xBB\xBF")) // of a spreadsheet's export
        text.remove_prefix(3);
    const std::string type = lower(content_type);
    const std::string_view content =
        text.substr(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
    refuse_pages(content, type.find("html") != std::string::npos);
    for (const char* lines : {"ndjson", "jsonl", "json-lines"})
        if (type.find(lines) != std::string::npos)
            return json_lines(content);
    const bool link = content.starts_with("[["); // of wikitext, unless JSON was said
    if (type.find("json") != std::string::npos || content.starts_with('{') ||
        (content.starts_with('[') && !link))
        return json_list(content);
    for (const char separator : separators) {
        std::string_view rest = text;
        const Row header = next_row(rest, separator);
        if (std::any_of(header.begin(), header.end(), ListTable::is_known))
            return rows_of(header, rest, separator);
    }
    for (const char separator : separators) {
        std::string_view rest = text;
        const Row header = next_row(rest, separator);
        if (is_header_of_addresses(header, rest, separator))
            return rows_of(header, rest, separator);
    }
    return lines_of(text);
}

void require_items(const ListedFiles& list, const std::string& field) {
    for (std::size_t i = 0; i < list.items.size(); ++i) {
        const std::string& item = list.items[i];
        const std::string named = fmt::format("{}[{}]", field, i);
        if (item.size() > longest_item)
            throw BadRequest(
                named, fmt::format("{} bytes; the longest has {}", item.size(), longest_item));
        if (!is_text(item))
            throw BadRequest(named, "not valid UTF-8, or with a NUL");
        if (list.by != "name" && !is_number(item))
            throw BadRequest(named, "not a positive number");
    }
}

} // namespace runner::imports
