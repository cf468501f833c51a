// SPDX-License-Identifier: GPL-2.0-or-later
// `check --fail-on STATUS`: which results make the exit code 1.
#pragma once

#include "results/status.hpp"

#include <algorithm>
#include <span>
#include <string>

namespace runner::cli {

/// Whether one of the names means that status. "warning" and "suggestion" include more severe ones.
[[nodiscard]] inline bool fails_on(std::span<const std::string> names, results::Status status) {
    return std::any_of(names.begin(), names.end(), [status](const std::string& name) {
        const auto named = results::status_from(name);
        return named == status || (named && results::is_stored(*named) && status < *named &&
                                   status >= results::Status::violation);
    });
}

} // namespace runner::cli
