// SPDX-License-Identifier: GPL-2.0-or-later
// The routes of the API: from a request to a call of the Backend, and back to JSON.
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

/// Adds all routes. Both references must outlive the router.
void add_routes(Router& router, Backend& backend, const HandlerLimits& limits);

/// `{wiki, entity, revision, checked_at, …, value}`; `value` is given byte for byte.
[[nodiscard]] std::string result_json(std::string_view wiki, const entity::EntityId& entity,
                                      const store::ResultRow& row);

} // namespace runner::api
