// SPDX-License-Identifier: GPL-2.0-or-later
// The routes of the API that change something, or report on the process; read-only routes are in
// read_rows.cpp.
#pragma once

#include "api/backend.hpp"
#include "api/router.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>

namespace runner::api {

/// Limits that a reload may change.
struct HandlerLimits {
    std::atomic<std::size_t> max_jobs{1000};
    std::atomic<std::chrono::milliseconds> max_deadline{std::chrono::milliseconds{300'000}};
};

/// Adds these routes and those of read.hpp. Both references must outlive the router.
void add_routes(Router& router, Backend& backend, const HandlerLimits& limits);

} // namespace runner::api
