// SPDX-License-Identifier: GPL-2.0-or-later
// See presence.hpp.
#include "app/upkeep/presence.hpp"

#include "base/error.hpp"
#include "store/jobs/runner_table.hpp"

#include <spdlog/spdlog.h>

#include <utility>

namespace runner::app {

namespace {

using namespace std::chrono_literals;

constexpr auto interval = 500ms;
constexpr auto patience = 2s; // for a runner whose connection broke, to take its lock again

} // namespace

Presence::Presence(const store::DatabaseOptions& database, std::string name, ops::Health& health,
                   std::function<void()> given_back)
    : session_(database), name_(std::move(name)), health_(health),
      given_back_(std::move(given_back)) {
    store::RunnerTable(session_).announce(name_);
    thread_ = std::thread([this] { run(); });
}

Presence::~Presence() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
    try {
        store::RunnerTable(session_).leave(name_);
    } catch (const std::exception& error) {
        spdlog::debug("the runner's row is left in place: {}", error.what()); // others take it away
    }
}

void Presence::run() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        lock.unlock();
        try {
            store::RunnerTable(session_).announce(name_);
            look_at_others();
            health_.good("presence");
        } catch (const std::exception& error) {
            unlocked_.clear(); // how long they have been so is not known any more
            if (health_.problem("presence", error.what()))
                spdlog::warn("watching other runners: {}", error.what());
        }
        lock.lock();
        changed_.wait_for(lock, interval, [this] { return stopping_; });
    }
}

/// A runner is dead when its lock was free in every look for `patience`.
void Presence::look_at_others() {
    const auto names = store::RunnerTable(session_).unlocked(name_);
    const auto now = Clock::now();
    std::map<std::string, Clock::time_point> unlocked;
    for (const std::string& name : names) {
        const auto before = unlocked_.find(name);
        unlocked.emplace(name, before != unlocked_.end() ? before->second : now);
    }
    unlocked_ = std::move(unlocked);
    for (const auto& [name, since] : unlocked_)
        if (now - since >= patience)
            end(name);
}

void Presence::end(const std::string& name) {
    const auto ended = store::RunnerTable(session_).end(name);
    if (ended.jobs + ended.imports > 0)
        spdlog::warn("the runner {} is dead: its {} jobs and {} imports are released", name,
                     ended.jobs, ended.imports);
    if (ended.jobs > 0 && given_back_)
        given_back_();
}

} // namespace runner::app
