// SPDX-License-Identifier: GPL-2.0-or-later
// `constraint-runner ctl` in the daemon. Pauses and priorities are rows of the database; a reload
// and a drain are begun by the signals that also begin them without a request, and the main thread,
// which handles signals, reports their ends here.
#pragma once

#include "api/control_handlers.hpp"
#include "base/thread_pool.hpp"
#include "config/load.hpp"
#include "store/common/session.hpp"

#include <exception>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

namespace runner::app {

/// Thread-safe.
class Control final : public api::ControlBackend {
public:
    /// `require_open` throws while the database can't be used. The references outlive it.
    Control(store::SessionPool& sessions, base::ThreadPool& pool,
            std::function<void()> require_open)
        : sessions_(sessions), pool_(pool), require_open_(std::move(require_open)) {}

    void pause(std::string wiki, std::string reason,
               api::Reply<std::vector<store::Pause>> reply) override;
    void resume(std::string wiki, api::Reply<std::vector<store::Pause>> reply) override;
    void reprioritise(store::NewPriority wanted, api::Reply<std::uint64_t> reply) override;
    void reload(api::Reply<api::Reloaded> reply) override;
    void drain(api::Reply<bool> reply) override;

    /// Runs `reload`, and tells its outcome to those that had asked for it before. Rethrows.
    config::ReloadReport reload_for_all(const std::function<config::ReloadReport()>& reload);
    /// Whether all jobs in flight are finished. Nothing begins after it.
    void drained(bool finished);

private:
    store::SessionPool& sessions_;
    base::ThreadPool& pool_;
    const std::function<void()> require_open_;
    std::mutex mutex_;
    std::vector<api::Reply<api::Reloaded>> want_reload_;
    std::vector<api::Reply<bool>> want_drain_;
    bool over_ = false;
};

} // namespace runner::app
