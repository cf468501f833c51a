// SPDX-License-Identifier: GPL-2.0-or-later
// See category_name.hpp. What MediaWiki refuses in titles is refused here too.
#include "imports/category_name.hpp"

#include "base/unicode.hpp"
#include "base/utf8.hpp"
#include "imports/importer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>

namespace runner::imports {

namespace {

constexpr std::size_t longest = 255; // bytes of a title in the database
constexpr std::size_t shown = 60;    // bytes of a wrong name that the message repeats

constexpr std::array<std::string_view, 17> namespaces{
    "category", "file",        "image", "media",         "special",  "talk",
    "user",     "template",    "help",  "mediawiki",     "commons",  "project",
    "creator",  "institution", "data",  "category talk", "file talk"};

/// What is read: the names of its namespace, and what it is called in messages.
struct Wanted {
    std::array<std::string_view, 2> prefixes;
    std::string_view thing;
    std::string_view prefix; ///< as it is written
};
constexpr Wanted categories{{"category", "category"}, "category", "Category"};
constexpr Wanted files{{"file", "image"}, "file", "File"};

/// What MediaWiki makes of the first letter of a title. Wikimedia's wikis leave some alone that
/// later versions of Unicode gave a capital, and so do their titles; Georgian ones have none.
std::uint32_t first_letter(std::uint32_t code) noexcept {
    const bool numeral = code >= 0x2170 && code <= 0x217F;
    const bool circled = code >= 0x24D0 && code <= 0x24E9;
    return numeral || circled ? code : base::title_case(code);
}

int hex(char c) noexcept {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/// %C3%A9 as in the address of a page; no title has such a sequence itself.
std::string unescaped(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const int high = i + 2 < text.size() && text[i] == '%' ? hex(text[i + 1]) : -1;
        const int low = high >= 0 ? hex(text[i + 2]) : -1;
        if (low >= 0) {
            out += static_cast<char>(high * 16 + low);
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c == '_' ? ' ' : c;
    return out;
}

/// &amp; and the like, as MediaWiki resolves them in titles; what is unknown stays.
std::string without_entities(std::string_view text) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 7> named{
        {{"amp", "&"},
         {"lt", "<"},
         {"gt", ">"},
         {"quot", "\""},
         {"apos", "'"},
         {"nbsp", "\u00A0"},
         {"shy", "\u00AD"}}};
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const std::size_t end = text[i] == '&' ? text.find(';', i) : std::string_view::npos;
        const std::string_view entity =
            end == std::string_view::npos ? "" : text.substr(i + 1, end - i - 1);
        const auto* known = std::find_if(named.begin(), named.end(),
                                         [&](const auto& each) { return each.first == entity; });
        std::uint32_t code = 0;
        if (known != named.end()) {
            out += known->second;
        } else if (entity.size() > 1 && entity.front() == '#') {
            const bool in_hex = entity[1] == 'x' || entity[1] == 'X';
            const char* from = entity.data() + (in_hex ? 2 : 1);
            const char* to = entity.data() + entity.size();
            const auto [stop, error] = std::from_chars(from, to, code, in_hex ? 16 : 10);
            if (error != std::errc{} || stop != to || code == 0 || code > 0x10FFFF ||
                (code >= 0xD800 && code < 0xE000)) {
                out += text[i];
                continue;
            }
            base::append_utf8(out, code);
        } else {
            out += text[i];
            continue;
        }
        i = end;
    }
    return out;
}

std::string_view trimmed(std::string_view text) noexcept {
    constexpr std::string_view blanks = " \t\r\n";
    while (!text.empty() && blanks.find(text.front()) != std::string_view::npos)
        text.remove_prefix(1);
    while (!text.empty() && blanks.find(text.back()) != std::string_view::npos)
        text.remove_suffix(1);
    return text;
}

struct Pasted {
    std::string title;    ///< still with escapes
    bool address = false; ///< it was the address of a page, so it has the name of its namespace
};

/// The title in an address: behind /wiki/, or the parameter "title".
Pasted title_of_address(std::string_view address, const std::string& field) {
    address = address.substr(0, address.find('#'));
    const std::size_t mark = address.find('?');
    std::string_view query = mark == std::string_view::npos ? "" : address.substr(mark + 1);
    while (!query.empty()) {
        const std::string_view part = query.substr(0, query.find('&'));
        if (part.starts_with("title=")) {
            std::string title(part.substr(6));
            std::replace(title.begin(), title.end(), '+', ' ');
            return {title, true};
        }
        query.remove_prefix(std::min(query.size(), part.size() + 1));
    }
    const std::string_view path = address.substr(0, mark);
    const std::size_t wiki = path.find("/wiki/");
    if (wiki == std::string_view::npos || wiki + 6 == path.size())
        throw BadRequest(field, "an address without the title of a page");
    return {std::string(path.substr(wiki + 6)), true};
}

/// What a name was copied with: an address around it, or the brackets of a link.
Pasted unwrapped(std::string_view text, const std::string& field) {
    text = trimmed(text);
    if (text.starts_with("[[") && text.ends_with("]]") && text.size() >= 4) {
        text = text.substr(2, text.size() - 4);
        return {std::string(text.substr(0, text.find('|'))), false};
    }
    const std::string start = lower(text.substr(0, 8));
    if (start.starts_with("http://") || start.starts_with("https://") || start.starts_with("//"))
        return title_of_address(text, field);
    return {std::string(text), false};
}

/// What MediaWiki takes as a space in titles.
bool is_space(std::uint32_t code) noexcept {
    return code == ' ' || code == '_' || code == 0xA0 || code == 0x1680 || code == 0x180E ||
           (code >= 0x2000 && code <= 0x200A) || code == 0x2028 || code == 0x2029 ||
           code == 0x202F || code == 0x205F || code == 0x3000;
}

/// Marks of direction, which come along when a title is copied and belong to none.
bool is_mark(std::uint32_t code) noexcept {
    return code == 0x200E || code == 0x200F || (code >= 0x202A && code <= 0x202E);
}

/// Runs of spaces as one underscore, none at the ends. Of UTF-8.
std::string joined(std::string_view text) {
    text = trimmed(text);
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t from = at;
        const auto code = base::next_character(text, at);
        if (!is_space(*code) && !is_mark(*code))
            out += text.substr(from, at - from);
        else if (is_space(*code) && !out.empty() && out.back() != '_')
            out += '_';
    }
    while (!out.empty() && out.back() == '_')
        out.pop_back();
    return out;
}

/// The text before the first colon, in small letters; empty when there is none.
std::string prefix(std::string_view name) {
    const std::size_t colon = name.find(':');
    return colon == std::string_view::npos ? std::string() : lower(joined(name.substr(0, colon)));
}

std::string in_quotes(std::string_view text) {
    std::string out = "\"";
    std::size_t at = 0;
    while (at < text.size() && at < shown) {
        const std::size_t from = at;
        const auto code = base::next_character(text, at);
        if (!code)
            return "that name";
        out += *code < ' ' || *code == 0x7F ? std::string("?")
                                            : std::string(text.substr(from, at - from));
    }
    return out + (at < text.size() ? "…\"" : "\"");
}

/// Why no page can have that name; empty when one can.
std::string illegal(std::string_view name) {
    for (const char c : name)
        if (static_cast<unsigned char>(c) < ' ' || c == '\x7F')
            return "has a control character";
    if (const std::size_t at = name.find_first_of("#<>[]|{}"); at != std::string_view::npos)
        return fmt::format("has the character {}, which no title can have", name[at]);
    if (name.find("\xEF\xBF\xBD") != std::string_view::npos)
        return "has the character U+FFFD, which stands for lost ones";
    if (name == "." || name == ".." || name.starts_with("./") || name.starts_with("../") ||
        name.find("/./") != std::string_view::npos || name.find("/../") != std::string_view::npos ||
        name.ends_with("/.") || name.ends_with("/.."))
        return "looks like a relative path, which no title may";
    if (name.find("~~~") != std::string_view::npos)
        return "has ~~~, which no title may";
    for (std::size_t at = name.find('&'); at != std::string_view::npos;
         at = name.find('&', at + 1)) {
        const std::size_t end = std::min(name.find(';', at), name.size());
        const std::string_view entity = name.substr(at + 1, end - at - 1);
        if (end < name.size() && !entity.empty() &&
            std::all_of(entity.begin(), entity.end(), [](char c) {
                return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       static_cast<unsigned char>(c) >= 0x80;
            }))
            return "has an entity of HTML, which no title may";
    }
    for (std::size_t at = 0; at + 2 < name.size(); ++at)
        if (name[at] == '%' && hex(name[at + 1]) >= 0 && hex(name[at + 2]) >= 0)
            return "has an escape, which no title may";
    return {};
}

/// The file that a page such as Special:FilePath/A.jpg leads to; empty for other pages.
std::string_view led_to(std::string_view name) {
    const std::string small = lower(name);
    for (const std::string_view page : {"special:filepath/", "special:redirect/file/"})
        if (small.starts_with(page))
            return name.substr(page.size());
    return {};
}

} // namespace

bool is_text(std::string_view bytes) noexcept {
    for (std::size_t at = 0; at < bytes.size();)
        if (const auto code = base::next_character(bytes, at); !code || *code == 0)
            return false;
    return true;
}

namespace {

PageName read_name(std::string_view text, const std::string& field, const Wanted& wanted) {
    if (text.size() > 4 * longest) // with room for escapes
        throw BadRequest(
            field, fmt::format("a name of {} bytes; the longest has {}", text.size(), longest));
    const Pasted pasted = unwrapped(text, field);
    std::string name = unescaped(without_entities(pasted.title));
    if (!is_text(name)) // before anything is taken away: what is left could pass for text
        throw BadRequest(field, in_quotes(name) + " is not valid UTF-8");
    name = base::nfc(joined(name)); // a mark of direction may have kept two apart
    if (name.starts_with(':'))
        name = joined(std::string_view(name).substr(1));
    if (const std::size_t mark = name.find('#'); mark != std::string::npos) {
        if (joined(name.substr(0, mark)).empty())
            throw BadRequest(field, in_quotes(name) + " is a section and not a page");
        name = joined(name.substr(0, mark));
    }
    const std::string before = prefix(name);
    const std::string file(&wanted == &files ? led_to(name) : std::string_view());
    const auto is_before = [&](std::string_view each) { return each == before; };
    if (!file.empty())
        name = joined(file);
    else if (std::any_of(wanted.prefixes.begin(), wanted.prefixes.end(), is_before))
        name = joined(std::string_view(name).substr(name.find(':') + 1));
    else if (std::any_of(namespaces.begin(), namespaces.end(), is_before))
        throw BadRequest(field,
                         fmt::format("{} is no {} but a page of the namespace "
                                     "{}; for a {} of that name write {}:{}",
                                     in_quotes(name), wanted.thing, name.substr(0, name.find(':')),
                                     wanted.thing, wanted.prefix,
                                     shown_name(base::utf8_prefix(name, shown))));
    else if (pasted.address)
        throw BadRequest(field, fmt::format("the address of {}, which is not a {}", in_quotes(name),
                                            wanted.thing));
    if (name.empty())
        throw BadRequest(field, "an empty name");
    if (const std::string why = illegal(name); !why.empty())
        throw BadRequest(field, in_quotes(name) + ' ' + why);
    std::size_t at = 0;
    const std::uint32_t first = base::next_character(name, at).value_or(0);
    const auto begun_with = [&](std::uint32_t letter) {
        std::string other;
        base::append_utf8(other, letter);
        return base::nfc(other + name.substr(at));
    };
    PageName read;
    read.name = begun_with(first_letter(first));
    if (read.name.size() > longest)
        throw BadRequest(field, fmt::format("a name of {} bytes; the longest has {}",
                                            read.name.size(), longest));
    if (first >= 0x80)
        for (const std::string& other : {name, begun_with(base::title_case(first))})
            if (other != read.name && other.size() <= longest &&
                std::find(read.others.begin(), read.others.end(), other) == read.others.end())
                read.others.push_back(other);
    return read;
}

} // namespace

PageName read_category_name(std::string_view text, const std::string& field) {
    return read_name(text, field, categories);
}

PageName read_file_name(std::string_view text, const std::string& field) {
    return read_name(text, field, files);
}

std::string category_name(std::string_view text, const std::string& field) {
    return read_category_name(text, field).name;
}

std::string shown_name(std::string_view name) {
    std::string out(name);
    std::replace(out.begin(), out.end(), '_', ' ');
    return out;
}

} // namespace runner::imports
