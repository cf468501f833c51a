// SPDX-License-Identifier: GPL-2.0-or-later
// The first bytes of formats, as their specifications and file(1) have them.
#include "source/input_format.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace runner::source {
namespace {

using namespace std::string_view_literals;

struct Signature {
    std::size_t at;
    std::string_view bytes;
    const char* name;
};

constexpr std::array signatures{
    Signature{0,
              "\xFD"
              "7zXZ\0"sv,
              "xz data: unpack it with xz -d"},
    Signature{0, "7z\xBC\xAF\x27\x1C"sv, "a 7z archive: unpack it first"},
    Signature{0, "PK\x03\x04"sv, "a zip archive: unpack it first"},
    Signature{0, "PK\x05\x06"sv, "an empty zip archive"},
    Signature{0, "Rar!\x1A\x07"sv, "a rar archive: unpack it first"},
    Signature{0, "\x04\x22\x4D\x18"sv, "lz4 data: unpack it with lz4 -d"},
    Signature{0, "LZIP"sv, "lzip data: unpack it with lzip -d"},
    Signature{0, "\x1F\x9D"sv, "compress (.Z) data: unpack it first"},
    Signature{0, "\x1F\x8B\x08"sv, "gzip data inside compressed data: unpack it once"},
    Signature{0, "\x28\xB5\x2F\xFD"sv, "Zstandard data inside compressed data: unpack it once"},
    Signature{0, "BZh91AY&SY"sv, "bzip2 data inside compressed data: unpack it once"},
    Signature{257, "ustar"sv, "a tar archive: unpack it first"},
    // before UTF-16, which begins the same
    Signature{0, "\xFF\xFE\0\0"sv, "UTF-32 text; JSON is read as UTF-8"},
    Signature{0, "[\0\0\0"sv, "UTF-32 text; JSON is read as UTF-8"},
    Signature{0, "{\0\0\0"sv, "UTF-32 text; JSON is read as UTF-8"},
    Signature{0, "\0\0\0["sv, "UTF-32 text; JSON is read as UTF-8"},
    Signature{0, "\0\0\0{"sv, "UTF-32 text; JSON is read as UTF-8"},
    Signature{0, "\xFF\xFE"sv, "UTF-16 text; JSON is read as UTF-8"},
    Signature{0, "\xFE\xFF"sv, "UTF-16 text; JSON is read as UTF-8"},
    Signature{0, "\0\0\xFE\xFF"sv, "UTF-32 text; JSON is read as UTF-8"},
    Signature{0, "[\0"sv, "UTF-16 text; JSON is read as UTF-8"},
    Signature{0, "{\0"sv, "UTF-16 text; JSON is read as UTF-8"},
    Signature{0, "\0["sv, "UTF-16 text; JSON is read as UTF-8"},
    Signature{0, "\0{"sv, "UTF-16 text; JSON is read as UTF-8"},
    Signature{0, "SQLite format 3"sv, "a SQLite database"},
    Signature{0, "%PDF-"sv, "a PDF document"},
    Signature{0, "version https://git-lfs"sv, "a Git LFS pointer, not the file itself"},
};

/// Beginnings of texts, in lower case.
struct Beginning {
    std::string_view text;
    const char* name;
};

constexpr const char* rdf_hint = "; a JSON dump (.json) is what can be read";

constexpr std::array beginnings{
    Beginning{"<!doctype html", "HTML, perhaps an error page instead of the file"},
    Beginning{"<html", "HTML, perhaps an error page instead of the file"},
    Beginning{"<mediawiki", "an XML dump of wiki pages; a JSON dump (.json) is what can be read"},
    Beginning{"<rdf:rdf", "RDF/XML; a JSON dump (.json) is what can be read"},
    Beginning{"<?xml", "XML; a JSON dump (.json) is what can be read"},
    Beginning{"<http", "RDF (N-Triples); a JSON dump (.json) is what can be read"},
    Beginning{"_:", "RDF (N-Triples); a JSON dump (.json) is what can be read"},
    Beginning{"@prefix", "RDF (Turtle); a JSON dump (.json) is what can be read"},
    Beginning{"@base", "RDF (Turtle); a JSON dump (.json) is what can be read"},
    Beginning{"prefix ", "RDF (Turtle); a JSON dump (.json) is what can be read"},
    Beginning{"-- mysql dump", "an SQL dump; a JSON dump (.json) is what can be read"},
    Beginning{"-- mariadb dump", "an SQL dump; a JSON dump (.json) is what can be read"},
    Beginning{"/*m!999999\\- enable", "an SQL dump; a JSON dump (.json) is what can be read"},
};

std::string_view without_mark(std::string_view text) {
    if (text.starts_with("\xEF\xBB\xBF"))
        text.remove_prefix(3);
    const std::size_t begin = text.find_first_not_of(" \t\r\n");
    return begin == std::string_view::npos ? std::string_view{} : text.substr(begin);
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) {
        return c < 0x80 ? static_cast<char>(std::tolower(c)) : static_cast<char>(c);
    });
    return out;
}

/// The first line, as far as it is printable ASCII.
std::string quoted_beginning(std::string_view text) {
    constexpr std::size_t most = 40;
    std::string out;
    for (const char c : text.substr(0, text.find('\n'))) {
        if (out.size() == most)
            break;
        if (c >= ' ' && c <= '~')
            out += c;
        else if (c != '\r' && !out.ends_with('?'))
            out += '?';
    }
    return out;
}

} // namespace

std::optional<std::string> foreign_format(std::string_view head) {
    for (const Signature& each : signatures)
        if (head.size() >= each.at && head.substr(each.at).starts_with(each.bytes))
            return each.name;
    const std::string text = lower(without_mark(head).substr(0, 64));
    for (const Beginning& each : beginnings)
        if (text.starts_with(each.text))
            return each.name;
    return std::nullopt;
}

std::string looks_like(std::string_view text) {
    if (auto known = foreign_format(text))
        return *known;
    constexpr std::size_t enough = 64 << 10;
    const std::string_view some = without_mark(text.substr(0, enough));
    if (some.empty())
        return "nothing but white space";
    const std::string head = lower(some);
    for (const std::string_view word : {"\n@prefix"sv, "\nprefix "sv, "\n@base"sv})
        if (head.find(word) != std::string::npos)
            return std::string("RDF (Turtle)") + rdf_hint;
    if (head.find("\n<http") != std::string::npos)
        return std::string("RDF (N-Triples)") + rdf_hint;
    if (head.find("\ninsert into") != std::string::npos ||
        head.find("\ncreate table") != std::string::npos)
        return "an SQL dump; a JSON dump (.json) is what can be read";
    if (some.find('\0') != std::string_view::npos)
        return "binary data";
    if (some.starts_with('{') || some.starts_with('['))
        return "JSON, but not of Wikibase entities: it begins with \"" + quoted_beginning(some) +
               '"';
    const std::string_view line = some.substr(0, some.find('\n'));
    if (line.find('\t') != std::string_view::npos)
        return "a table of tab-separated values";
    if (std::count(line.begin(), line.end(), ',') > 1 && line.find('{') == std::string_view::npos)
        return "a table of comma-separated values";
    return "text that begins with \"" + quoted_beginning(some) + '"';
}

} // namespace runner::source
