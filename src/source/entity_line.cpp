// SPDX-License-Identifier: GPL-2.0-or-later
// Goes over the keys of one JSON object. As documents are written, "id" is among the first 200
// bytes; elsewhere what stands before it is skipped.
#include "source/entity_line.hpp"

#include "base/error.hpp"
#include "source/json_scanner.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace runner::source {
namespace {

constexpr std::string_view white = " \t\r\n";

entity::EntityId parse_id(std::string_view key, std::string_view text) {
    if (const auto id = entity::EntityId::parse(text))
        return *id;
    throw base::DataError(
        fmt::format("\"{}\" is no entity id: \"{}\"", key, text.substr(0, 40)));
}

} // namespace

std::string_view json_of_line(std::string_view line) noexcept {
    const auto strip_end = [&line](std::string_view chars) {
        line = line.substr(0, line.find_last_not_of(chars) + 1); // npos + 1 is 0
    };
    if (line.starts_with("\xEF\xBB\xBF"))
        line.remove_prefix(3);
    line.remove_prefix(std::min(line.find_first_not_of(white), line.size()));
    strip_end(white);
    if (line.starts_with('[')) {
        line.remove_prefix(1);
        line.remove_prefix(std::min(line.find_first_not_of(white), line.size()));
    }
    if (line.ends_with(']')) {
        line.remove_suffix(1);
        strip_end(white);
    }
    if (line.ends_with(',')) {
        line.remove_suffix(1);
        strip_end(white);
    }
    return line;
}

LineHead read_line_head(std::string_view json) {
    JsonScanner scan(json);
    std::optional<entity::EntityId> redirecting;
    std::optional<entity::EntityId> target;
    scan.expect('{');
    if (!scan.take('}')) {
        do {
            scan.skip_white();
            const std::string_view key = scan.string();
            scan.expect(':');
            scan.skip_white();
            const bool wanted = key == "id" || key == "entity" || key == "redirect";
            if (!wanted) {
                scan.value();
                continue;
            }
            if (scan.peek() != '"') {
                if (key == "id")
                    throw base::DataError("\"id\" is no string");
                scan.value();
                continue;
            }
            const std::string_view value = scan.string();
            if (key == "id")
                return {parse_id(key, value), std::nullopt};
            (key == "entity" ? redirecting : target) = parse_id(key, value);
        } while (scan.take(','));
        scan.expect('}');
    }
    if (redirecting && target)
        return {*redirecting, target};
    throw base::DataError("an entity without \"id\"");
}

} // namespace runner::source
