// SPDX-License-Identifier: GPL-2.0-or-later
// A thread that listens to what other runners on the same database commit, and tells this
// process: jobs are ready, results have changed. Reconnects by itself.
#pragma once

#include "store/common/listener.hpp"

#include <functional>
#include <memory>

namespace runner::publish {

class Watcher {
public:
    struct Handlers {
        std::function<void()> jobs_ready; ///< also after a reconnect: some may have been missed
        std::function<void()> results_changed; ///< likewise
        std::function<void(bool)> available;   ///< the connection came or went; first call: came
    };

    /// However many notifications come, no handler is called more often than fifty times a second.
    /// Handlers are called from the watcher's thread; they must not block or throw. Null ones are
    /// skipped.
    Watcher(store::DatabaseOptions options, Handlers handlers);
    /// Ends the thread, within milliseconds.
    ~Watcher();
    Watcher(const Watcher&) = delete;
    Watcher& operator=(const Watcher&) = delete;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace runner::publish
