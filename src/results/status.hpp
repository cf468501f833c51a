// SPDX-License-Identifier: GPL-2.0-or-later
// The nine statuses of a check, named as WBQC's CheckResult names them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace runner::results {

/// In WBQC's sorting order, most severe first; `todo` sorts last.
enum class Status : std::uint8_t {
    bad_parameters,
    violation,
    warning,
    suggestion,
    exception,
    compliance,
    deprecated,
    not_in_scope,
    todo,
};

inline constexpr std::size_t status_count = 9;

/// Indexed by Status.
inline constexpr std::array<std::string_view, status_count> status_names{
    "bad-parameters", "violation",  "warning",      "suggestion", "exception",
    "compliance",     "deprecated", "not-in-scope", "todo"};

[[nodiscard]] constexpr std::string_view to_string(Status status) noexcept {
    return status_names[static_cast<std::size_t>(status)];
}

/// Empty for a name that WBQC does not use.
[[nodiscard]] constexpr std::optional<Status> status_from(std::string_view name) noexcept {
    for (std::size_t i = 0; i < status_count; ++i)
        if (status_names[i] == name)
            return static_cast<Status>(i);
    return std::nullopt;
}

/// Whether WBQC's CachingResultsSource keeps results of this status (CACHED_STATUSES).
[[nodiscard]] constexpr bool is_stored(Status status) noexcept {
    return status <= Status::suggestion;
}

/// Whether a statement violates the constraint: such results are stored, and bad parameters too.
[[nodiscard]] constexpr bool is_violation(Status status) noexcept {
    return is_stored(status) && status != Status::bad_parameters;
}

} // namespace runner::results
