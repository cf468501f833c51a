// SPDX-License-Identifier: GPL-2.0-or-later
// Checks every few seconds, even when idle, whether the runner still has what it needs: the schema,
// its privileges, a writable database, disk space for imports, wikis that answer. Failures of the
// first three make it not ready; the others are warnings.
#pragma once

#include "config/settings.hpp"
#include "ops/health.hpp"
#include "store/common/session.hpp"

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <set>
#include <stop_token>
#include <string>
#include <thread>

namespace runner::app {

/// Warns of file sources that can't be read, before anything is answered. The log has it from those
/// that open them.
void note_unreadable_files(const config::Settings& settings, ops::Health& health);

class Readiness {
public:
    /// Starts the thread. `runner` is the name of its row; `settings` and `health` live longer.
    Readiness(const config::Settings& settings, const store::DatabaseOptions& database,
              std::string runner, ops::Health& health);
    ~Readiness();
    Readiness(const Readiness&) = delete;
    Readiness& operator=(const Readiness&) = delete;

private:
    void run(const std::stop_token& stop);
    void look_at_database(store::Session& session);
    void look_at_pauses(store::Session& session);
    void look_at_disk();
    [[nodiscard]] bool look_at_sources(const std::stop_token& stop);

    const config::Settings& settings_;
    const store::DatabaseOptions database_;
    const std::string runner_;
    ops::Health& health_;
    std::set<std::string> probed_; ///< wikis
    std::size_t next_probe_ = 0;   ///< in settings_.wikis
    std::mutex mutex_;
    std::condition_variable_any stopped_;
    std::jthread thread_; ///< last: it uses all the others
};

} // namespace runner::app
