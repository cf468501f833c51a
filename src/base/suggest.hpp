// SPDX-License-Identifier: GPL-2.0-or-later
// The "did you mean …?" of error messages.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace runner::base {

/// The candidate that is a few typing mistakes away from `word` (a letter missing, too many,
/// wrong, or two swapped; about one in three letters); empty when none is.
[[nodiscard]] std::string_view closest(std::string_view word,
                                       std::span<const std::string_view> candidates);

/// `; did you mean "x"?`, or nothing when no candidate is close.
[[nodiscard]] std::string did_you_mean(std::string_view word,
                                       std::span<const std::string_view> candidates);

} // namespace runner::base
