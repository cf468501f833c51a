// SPDX-License-Identifier: GPL-2.0-or-later
// A regular expression as PHP's preg_match sees it in WBQC's format check: the same pattern, the
// same end of it, the same PCRE2 options, the same limits on backtracking and stack.
#pragma once

#include "config/dialect.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace runner::checks {

enum class Match : std::uint8_t {
    yes,
    no,
    limit,   ///< preg_match fails: too much backtracking, recursion or stack
    no_time, ///< longer than the caller allows
};

class Regex {
public:
    /// The pattern that WBQC builds from a format: anchored, with delimiters and flag u.
    [[nodiscard]] static std::string pattern(std::string_view format, config::PatternStyle style);

    /// Empty where preg_match would warn about an invalid pattern; in the style of Shellbox also
    /// where it would warn that it can't compile the pattern for JIT.
    [[nodiscard]] static std::optional<Regex> compile(std::string_view format,
                                                      config::PatternStyle style);

    /// Whether the text matches. Match::no_time is only for long texts: one of a few kilobytes is
    /// bounded by preg_match's limits, to about a second. A long text that ends in time is matched
    /// once more, so it takes up to twice `most`. Thread-safe.
    [[nodiscard]] Match matches(std::string_view text, std::chrono::nanoseconds most) const;

    Regex(Regex&&) noexcept;
    Regex& operator=(Regex&&) noexcept;
    ~Regex();

private:
    struct Code;
    explicit Regex(std::unique_ptr<Code> code);
    std::unique_ptr<Code> code_;
};

} // namespace runner::checks
