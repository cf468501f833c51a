// SPDX-License-Identifier: GPL-2.0-or-later
// A regular expression as PHP's preg_match sees it in WBQC's format check: the same pattern, the
// same PCRE2 options, the same limits on backtracking and stack.
#pragma once

#include <cstdint>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace runner::checks {

class Regex {
public:
    /// The pattern that WBQC makes of a format: anchored, slashes escaped, flag u.
    [[nodiscard]] static std::string pattern(std::string_view format);

    /// Empty where preg_match would warn about an invalid pattern.
    [[nodiscard]] static std::optional<Regex> compile(std::string_view format);

    /// Whether the text matches; a limit that preg_match runs into is a "no", as in WBQC.
    /// Empty when a long text takes longer than `most`; one of a few kilobytes is bounded by those
    /// limits, to about a second. Thread-safe.
    [[nodiscard]] std::optional<bool> matches(std::string_view text,
                                              std::chrono::nanoseconds most) const;

    Regex(Regex&&) noexcept;
    Regex& operator=(Regex&&) noexcept;
    ~Regex();

private:
    struct Code;
    explicit Regex(std::unique_ptr<Code> code);
    std::unique_ptr<Code> code_;
};

} // namespace runner::checks
