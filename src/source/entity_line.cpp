// SPDX-License-Identifier: GPL-2.0-or-later
// A scanner for the keys of one JSON object. As documents are written, "id" is among the first
// 200 bytes; nested values before it are skipped by counting brackets outside of strings.
#include "source/entity_line.hpp"

#include "base/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <string>

namespace runner::source {
namespace {

constexpr std::string_view white = " \t\r\n";

class Scanner {
public:
    explicit Scanner(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

    void skip_white() noexcept {
        while (at_ < end_ && white.find(*at_) != std::string_view::npos)
            ++at_;
    }
    [[nodiscard]] char peek() const noexcept { return at_ < end_ ? *at_ : '\0'; }
    void expect(char c) {
        skip_white();
        if (peek() != c || at_ == end_)
            fail(fmt::format("expected '{}'", c));
        ++at_;
    }
    bool take(char c) noexcept {
        skip_white();
        if (at_ == end_ || *at_ != c)
            return false;
        ++at_;
        return true;
    }

    /// The inside of a string, escapes as they are written.
    std::string_view string() {
        expect('"');
        const char* const begin = at_;
        for (;;) {
            const auto* quote = static_cast<const char*>(
                std::memchr(at_, '"', static_cast<std::size_t>(end_ - at_)));
            if (quote == nullptr)
                fail("a string does not end");
            const char* backslash = quote;
            while (backslash > begin && backslash[-1] == '\\')
                --backslash;
            at_ = quote + 1;
            if ((quote - backslash) % 2 == 0)
                return {begin, static_cast<std::size_t>(quote - begin)};
        }
    }

    void skip_value() {
        skip_white();
        std::size_t depth = 0;
        do {
            if (at_ == end_)
                fail("the object does not end");
            const char c = *at_;
            if (c == '"') {
                string();
                continue;
            }
            if (c == '{' || c == '[')
                ++depth;
            else if ((c == '}' || c == ']') && depth > 0)
                --depth;
            else if (depth == 0) {
                skip_scalar();
                return;
            }
            ++at_;
        } while (depth > 0);
    }

    [[noreturn]] static void fail(const std::string& what) {
        throw base::DataError("no JSON object: " + what);
    }

private:
    void skip_scalar() {
        const char* const begin = at_;
        while (at_ < end_ && std::strchr(",]} \t\r\n", *at_) == nullptr)
            ++at_;
        if (at_ == begin)
            fail("a value is missing");
    }

    const char* at_;
    const char* end_;
};

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
    Scanner scan(json);
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
                scan.skip_value();
                continue;
            }
            if (scan.peek() != '"') {
                if (key == "id")
                    throw base::DataError("\"id\" is no string");
                scan.skip_value();
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
