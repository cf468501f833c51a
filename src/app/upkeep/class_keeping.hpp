// SPDX-License-Identifier: GPL-2.0-or-later
// Moves the class graphs between memory and the database: loaded once the database is available;
// classes read from the wikis are written asynchronously, in batches. Classes that can't be written
// for long is lost, and read from the wiki again after a restart.
#pragma once

#include "app/line/wiki.hpp"
#include "facts/class_keeper.hpp"
#include "store/common/session.hpp"
#include "store/results/class_store.hpp"

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace runner::app {

/// Thread-safe.
class ClassKeeping {
public:
    explicit ClassKeeping(store::DatabaseOptions database);
    /// As stop().
    ~ClassKeeping();
    ClassKeeping(const ClassKeeping&) = delete;
    ClassKeeping& operator=(const ClassKeeping&) = delete;

    /// For the engine of that wiki; empty until start() and after stop().
    [[nodiscard]] std::shared_ptr<facts::ClassKeeper> of(const std::string& wiki);

    /// Starts the thread; the schema must be right. `wikis` outlive stop().
    void start(Wikis& wikis);
    /// Soon loads the classes that other runners have stored: initially, and when notifications
    /// may have been missed.
    void load() noexcept;
    /// See facts::ClassKeeper::flush().
    void flush();
    /// Other runners may have changed classes: changed ones are read again on their next use.
    void look_for_changes() noexcept;
    /// Writes pending classes if the database accepts them immediately, and ends the thread.
    void stop();

private:
    struct Keeper;
    using Clock = std::chrono::steady_clock;
    struct Waiting {
        store::ClassRow row;
        Clock::time_point read;
    };

    [[nodiscard]] std::vector<results::KeptClass> find(const std::string& wiki,
                                                       std::span<const entity::EntityId> classes);
    void keep(const std::string& wiki, std::vector<results::ClassNode> classes);
    void run(Wikis& wikis);
    void take_changes(store::Session& session, Wikis& wikis);
    bool load_all(store::Session& session, Wikis& wikis);
    bool write(store::Session& session, std::vector<Waiting>& batch);

    const store::DatabaseOptions database_;
    store::SessionPool sessions_; ///< for find()
    std::atomic<bool> started_{false};
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<Waiting> waiting_;
    std::uint64_t given_ = 0; ///< classes, since the start
    std::uint64_t kept_ = 0;
    bool urgent_ = false; ///< flush() waits
    bool load_wanted_ = false;
    bool look_wanted_ = false;
    std::set<std::uint64_t> seen_changes_;        ///< ids, of the last minute; for the thread
    std::set<std::string, std::less<>> unloaded_; ///< wikis; for the thread
    bool stopping_ = false;
    std::thread thread_;
};

} // namespace runner::app
