// SPDX-License-Identifier: GPL-2.0-or-later
// Runs database queries on behalf of requests in a few threads.
#pragma once

#include "api/backend.hpp"
#include "base/error.hpp"
#include "base/thread_pool.hpp"
#include "store/common/session.hpp"

#include <cstddef>
#include <exception>
#include <utility>

namespace runner::app {

/// Runs `ask` with a session on the pool; its value or exception is the reply. Throws
/// base::UnavailableError when too many wait. `sessions` outlives the pool's work.
template <class T, class Ask>
void ask_database(base::ThreadPool& pool, store::SessionPool& sessions, api::Reply<T> reply,
                  Ask ask) {
    constexpr std::size_t max_waiting = 2000; // each may hold a connection's request
    if (pool.waiting() > max_waiting)
        throw base::UnavailableError("too many requests wait for the database");
    pool.post([&sessions, reply = std::move(reply), ask = std::move(ask)] {
        T value{};
        try {
            const auto session = sessions.borrow();
            value = ask(*session);
        } catch (...) {
            reply({}, std::current_exception());
            return;
        }
        reply(std::move(value), nullptr);
    });
}

} // namespace runner::app
