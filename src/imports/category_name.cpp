// SPDX-License-Identifier: GPL-2.0-or-later
// See category_name.hpp. What MediaWiki refuses in titles is refused here too.
#include "imports/category_name.hpp"

#include "imports/importer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <clocale>
#include <cstdint>
#include <cwctype>
#include <locale.h>
#include <optional>

namespace runner::imports {

namespace {

constexpr std::size_t longest = 255; // bytes of a title in the database
constexpr std::size_t shown = 60;    // bytes of a wrong name that the message repeats

constexpr std::array<std::string_view, 15> other_namespaces{
    "file", "image", "media", "special", "talk", "user", "template", "help", "mediawiki", "commons",
    "project", "creator", "institution", "data", "category talk"};

/// One character from `at`, which moves behind it; empty when the bytes are no UTF-8.
std::optional<std::uint32_t> character(std::string_view text, std::size_t& at) noexcept {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char lead = byte(at);
    const int more = lead < 0x80 ? 0 : lead >> 5U == 6 ? 1 : lead >> 4U == 14 ? 2 : lead >> 3U == 30 ? 3 : -1;
    if (more < 0 || at + static_cast<std::size_t>(more) >= text.size())
        return std::nullopt;
    std::uint32_t code = more == 0 ? lead : lead & (0x3FU >> static_cast<unsigned>(more));
    for (int i = 1; i <= more; ++i) {
        const unsigned char next = byte(at + static_cast<std::size_t>(i));
        if (next >> 6U != 2)
            return std::nullopt;
        code = code << 6U | (next & 0x3FU);
    }
    constexpr std::array<std::uint32_t, 4> least{0, 0x80, 0x800, 0x10000};
    if (code < least[static_cast<std::size_t>(more)] || code > 0x10FFFF ||
        (code >= 0xD800 && code < 0xE000))
        return std::nullopt;
    at += static_cast<std::size_t>(more) + 1;
    return code;
}

std::string encoded(std::uint32_t code) {
    std::string out;
    if (code < 0x80) {
        out += static_cast<char>(code);
    } else if (code < 0x800) {
        out += static_cast<char>(0xC0U | code >> 6U);
        out += static_cast<char>(0x80U | (code & 0x3FU));
    } else if (code < 0x10000) {
        out += static_cast<char>(0xE0U | code >> 12U);
        out += static_cast<char>(0x80U | (code >> 6U & 0x3FU));
        out += static_cast<char>(0x80U | (code & 0x3FU));
    } else {
        out += static_cast<char>(0xF0U | code >> 18U);
        out += static_cast<char>(0x80U | (code >> 12U & 0x3FU));
        out += static_cast<char>(0x80U | (code >> 6U & 0x3FU));
        out += static_cast<char>(0x80U | (code & 0x3FU));
    }
    return out;
}

std::uint32_t upper(std::uint32_t code) {
    static const locale_t utf8 = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    if (code == 0xDF || utf8 == nullptr) // ß has no capital of one letter in PHP's eyes either
        return code >= 'a' && code <= 'z' ? code - 'a' + 'A' : code;
    return static_cast<std::uint32_t>(::towupper_l(static_cast<wint_t>(code), utf8));
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
    constexpr std::string_view blanks = " \t\r\n";
    while (!text.empty() && blanks.find(text.front()) != std::string_view::npos)
        text.remove_prefix(1);
    while (!text.empty() && blanks.find(text.back()) != std::string_view::npos)
        text.remove_suffix(1);
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t from = at;
        const auto code = character(text, at);
        if (!is_space(*code) && !is_mark(*code))
            out += text.substr(from, at - from);
        else if (is_space(*code) && !out.empty() && out.back() != '_')
            out += '_';
    }
    while (!out.empty() && out.back() == '_')
        out.pop_back();
    return out;
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c == '_' ? ' ' : c;
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
        const auto code = character(text, at);
        if (!code)
            return "that name";
        out += *code < ' ' || *code == 0x7F ? std::string("?") : std::string(text.substr(from, at - from));
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
    if (name == "." || name == ".." || name.starts_with("./") || name.starts_with("../") ||
        name.find("/./") != std::string_view::npos || name.find("/../") != std::string_view::npos ||
        name.ends_with("/.") || name.ends_with("/.."))
        return "looks like a relative path, which no title may";
    if (name.find("~~~") != std::string_view::npos)
        return "has ~~~, which no title may";
    for (std::size_t at = 0; at + 2 < name.size(); ++at)
        if (name[at] == '%' && hex(name[at + 1]) >= 0 && hex(name[at + 2]) >= 0)
            return "has an escape, which no title may";
    return {};
}

} // namespace

bool is_text(std::string_view bytes) noexcept {
    for (std::size_t at = 0; at < bytes.size();)
        if (const auto code = character(bytes, at); !code || *code == 0)
            return false;
    return true;
}

std::string category_name(std::string_view text, const std::string& field) {
    if (text.size() > 4 * longest) // with room for escapes
        throw BadRequest(field, fmt::format("a name of {} bytes; the longest has {}", text.size(),
                                            longest));
    std::string name = unescaped(text);
    if (!is_text(name)) // before anything is taken away: what is left could pass for text
        throw BadRequest(field, in_quotes(name) + " is no UTF-8");
    name = joined(name);
    if (name.starts_with(':'))
        name = joined(std::string_view(name).substr(1));
    const std::string before = prefix(name);
    if (before == "category")
        name = joined(std::string_view(name).substr(name.find(':') + 1));
    else if (std::find(other_namespaces.begin(), other_namespaces.end(), before) !=
             other_namespaces.end())
        throw BadRequest(field, fmt::format("{} is no category but a page of the namespace "
                                            "{}; for a category of that name write Category:{}",
                                            in_quotes(name), name.substr(0, name.find(':')),
                                            shown_name(name.substr(0, shown))));
    if (name.empty())
        throw BadRequest(field, "an empty name");
    if (const std::string why = illegal(name); !why.empty())
        throw BadRequest(field, in_quotes(name) + ' ' + why);
    std::size_t at = 0;
    const auto first = character(name, at);
    name = encoded(upper(*first)) + name.substr(at);
    if (name.size() > longest)
        throw BadRequest(field, fmt::format("a name of {} bytes; the longest has {}", name.size(),
                                            longest));
    return name;
}

std::string shown_name(std::string_view name) {
    std::string out(name);
    std::replace(out.begin(), out.end(), '_', ' ');
    return out;
}

} // namespace runner::imports
