// SPDX-License-Identifier: GPL-2.0-or-later
// Nested values are skipped by counting brackets outside of strings, without recursion.
#include "source/json_scanner.hpp"

#include "base/error.hpp"

#include <fmt/format.h>

#include <cstring>

namespace runner::source {
namespace {

constexpr std::string_view white = " \t\r\n";
constexpr std::string_view scalar_end = ",]} \t\r\n";

[[noreturn]] void fail(const std::string& what) {
    throw base::DataError("not a JSON object: " + what);
}

} // namespace

void JsonScanner::skip_white() noexcept {
    while (at_ < end_ && white.find(*at_) != std::string_view::npos)
        ++at_;
}

void JsonScanner::expect(char c) {
    if (!take(c))
        fail(fmt::format("expected '{}'", c));
}

bool JsonScanner::take(char c) noexcept {
    skip_white();
    if (at_ == end_ || *at_ != c)
        return false;
    ++at_;
    return true;
}

std::string_view JsonScanner::string() {
    expect('"');
    const char* const begin = at_;
    for (;;) {
        const auto* quote =
            static_cast<const char*>(std::memchr(at_, '"', static_cast<std::size_t>(end_ - at_)));
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

std::string_view JsonScanner::value() {
    skip_white();
    const char* const begin = at_;
    std::size_t depth = 0;
    do {
        if (at_ == end_)
            fail("the object does not end");
        const char c = *at_;
        if (c == '"') {
            string();
            continue;
        }
        if (c == '{' || c == '[') {
            ++depth;
        } else if ((c == '}' || c == ']') && depth > 0) {
            --depth;
        } else if (depth == 0) {
            skip_scalar();
            break;
        }
        ++at_;
    } while (depth > 0);
    return {begin, static_cast<std::size_t>(at_ - begin)};
}

void JsonScanner::skip_scalar() {
    const char* const begin = at_;
    while (at_ < end_ && scalar_end.find(*at_) == std::string_view::npos)
        ++at_;
    if (at_ == begin)
        fail("a value is missing");
}

} // namespace runner::source
