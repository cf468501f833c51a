// SPDX-License-Identifier: GPL-2.0-or-later
// The threads that carry imports on. All that they know stands in the database after each chunk,
// so that any runner can go on where one ended, in whatever way it did.
#pragma once

#include "imports/chunk_size.hpp"
#include "imports/importer.hpp"
#include "store/imports/import_store.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <thread>
#include <vector>

namespace runner::imports {

struct EngineOptions {
    store::DatabaseOptions database;
    std::string worker;                ///< the name that leases bear
    std::span<const ImportKind> kinds; ///< that this runner carries out
    /// Where classes of a wiki are kept; may be null.
    std::function<std::shared_ptr<facts::ClassKeeper>(const std::string& wiki)> classes;
};

struct EngineCounts {
    std::uint64_t chunks = 0;   ///< saved
    std::uint64_t failures = 0; ///< attempts that came to nothing
    std::uint64_t things = 0;   ///< done
    std::size_t running = 0;    ///< imports in work now
};

/// Thread-safe.
class Engine {
public:
    /// Starts `settings.imports.threads` threads; the schema must be right. `settings` and
    /// `sessions` outlive the engine.
    Engine(EngineOptions options, const config::Settings& settings, store::SessionPool& sessions);
    /// Interrupts what runs, gives it back and ends the threads. The chunk in hand is not saved.
    ~Engine();
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    /// Something was asked for or resumed.
    void wake() noexcept;
    [[nodiscard]] EngineCounts counts() const noexcept;

private:
    /// An import with what is known beside its row.
    struct InWork {
        store::ImportLease lease;
        std::unique_ptr<Importer> importer;
        ChunkSize size;
        Pulse pulse;
    };
    struct Idle { ///< one that waits for its next turn, its connections kept open
        std::unique_ptr<Importer> importer;
        ChunkSize size;
        Pulse pulse;
        std::chrono::steady_clock::time_point since;
    };

    void work();
    void beat();
    void turn(store::ImportStore& store, store::ImportLease lease);
    void chunks(store::ImportStore& store, InWork& in_work);
    bool one_chunk(store::ImportStore& store, InWork& in_work);
    void require_room(store::ImportStore& store, const store::ImportLease& lease) const;
    void put_off(store::ImportStore& store, InWork& in_work, const std::string& reason);
    void failed(store::ImportStore& store, InWork& in_work, std::string_view code,
                const std::string& reason, bool hopeless);
    [[nodiscard]] InWork take(store::ImportLease lease);
    void put_back(InWork in_work);
    [[nodiscard]] bool fresh_edits_wait(store::ImportStore& store);
    bool sleep(std::chrono::milliseconds time);

    const EngineOptions options_;
    const config::Settings& settings_;
    store::SessionPool& sessions_;
    std::vector<std::string> wikis_, kind_names_;

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    bool stopping_ = false;
    std::uint64_t woken_ = 0;
    std::map<std::uint64_t, Idle> idle_;             ///< by id
    std::set<std::uint64_t> tokens_;                 ///< of the leases held
    std::set<Importer*> running_;                    ///< to interrupt
    std::map<std::uint64_t, std::uint32_t> put_off_; ///< by id: how often in a row
    std::chrono::steady_clock::time_point look_at_edits_{};
    bool edits_wait_ = false;

    std::atomic<std::uint64_t> chunks_{0}, failures_{0}, things_{0};
    std::vector<std::thread> threads_;
};

} // namespace runner::imports
