// SPDX-License-Identifier: GPL-2.0-or-later
// Imports in the daemon: the engine once the database is there, and what the handlers ask.
#pragma once

#include "api/import_handlers.hpp"
#include "app/serving/import_watch.hpp"
#include "app/serving/webhooks.hpp"
#include "app/upkeep/class_keeping.hpp"
#include "base/thread_pool.hpp"
#include "config/settings.hpp"
#include "imports/engine.hpp"
#include "ops/metrics.hpp"
#include "store/common/session.hpp"
#include "store/imports/import_store.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>

namespace runner::app {

/// Thread-safe.
class Imports final : public api::ImportsBackend {
public:
    struct Parts {
        const config::Settings& settings;
        store::SessionPool& sessions; ///< for questions
        base::ThreadPool& pool;
        store::DatabaseOptions database;
        std::string worker; ///< name of the lease holder
        ClassKeeping& classes;
    };
    explicit Imports(Parts parts);
    /// As stop().
    ~Imports() override;
    Imports(const Imports&) = delete;
    Imports& operator=(const Imports&) = delete;

    /// Starts the engine; the schema must be right.
    void start();
    /// Gives back what is in work. Questions are still answered.
    void stop();
    /// Zeros before start().
    [[nodiscard]] imports::EngineCounts counts() const;

    /// An import may have ended, here or at another runner. Thread-safe, never blocks.
    void ended() noexcept;
    /// Asks the database for the states of imports; they are empty when it does not answer.
    void report(ops::Snapshot& snapshot) const;

    void start_import(std::string body, api::Client client,
                      api::Reply<store::ImportAccepted> reply) override;
    void import(std::uint64_t id, std::chrono::seconds wait,
                api::Reply<std::optional<store::ImportRow>> reply) override;
    void import_files(store::CommonsFileStore::Question question,
                      api::Reply<store::CommonsFileStore::Page> reply) override;
    void delete_import_data(std::uint64_t id, api::Reply<store::ImportChange> reply) override;
    void change_import(std::uint64_t id, store::ImportAction action,
                       api::Reply<store::ImportChange> reply) override;

private:
    template <class T, class Ask>
    void with_session(api::Reply<T> reply, Ask ask);
    void wake();
    [[nodiscard]] store::ImportLimits limits() const;

    Parts parts_;
    store::SessionPool own_sessions_; ///< of the importers
    ImportWatch watch_;
    mutable std::mutex mutex_;
    std::unique_ptr<imports::Engine> engine_;
    std::unique_ptr<Webhooks> webhooks_;
    std::atomic<bool> open_{false};
};

} // namespace runner::app
