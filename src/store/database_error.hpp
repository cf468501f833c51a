// SPDX-License-Identifier: GPL-2.0-or-later
// Errors of the runner's own database, told apart from those of wikis and their replicas.
#pragma once

#include "base/error.hpp"

namespace runner::store {

/// The database is away, full or read-only, or no session is free.
struct AwayError : base::UnavailableError {
    using UnavailableError::UnavailableError;
};

/// Whether a session threw it: whatever the work was, it is not the reason.
[[nodiscard]] bool is_of_database(const base::UnavailableError& error) noexcept;

} // namespace runner::store
