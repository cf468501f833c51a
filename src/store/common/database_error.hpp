// SPDX-License-Identifier: GPL-2.0-or-later
// Errors of the runner's own database, as opposed to those of wikis and their replicas.
#pragma once

#include "base/error.hpp"

namespace runner::store {

/// The database is away, full or read-only, or no session is free.
struct AwayError : base::UnavailableError {
    using UnavailableError::UnavailableError;
};

/// Whether a session threw it: then the work itself is not the cause.
[[nodiscard]] bool is_of_database(const base::UnavailableError& error) noexcept;

} // namespace runner::store
