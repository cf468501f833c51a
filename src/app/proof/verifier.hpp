// SPDX-License-Identifier: GPL-2.0-or-later
// Verification in production: WBQC recomputes a sample of native results in the background,
// and differences are kept in the database for a while.
#pragma once

#include "app/proof/php_engine.hpp"
#include "base/bounded_queue.hpp"
#include "ops/metrics.hpp"
#include "store/common/session.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace runner::app {

/// The native engine's results.
struct NativeCheck {
    entity::EntityId entity;
    std::uint64_t revision = 0;
    std::string all_results; ///< a JSON array of the results of every status
    std::vector<results::Dependency> dependencies;
};

struct VerifierOptions {
    std::string wiki;
    double sample = 0;                 ///< share of results, 0 to 1
    std::chrono::milliseconds keep{0}; ///< differences
};

/// Thread-safe. Drops excess work: checking never waits for it.
class Verifier {
public:
    Verifier(VerifierOptions options, std::shared_ptr<php::Pool> workers,
             store::DatabaseOptions database, ops::Metrics& metrics);
    ~Verifier();
    Verifier(const Verifier&) = delete;
    Verifier& operator=(const Verifier&) = delete;

    /// Whether the next result should be compared: true for the configured share.
    [[nodiscard]] bool wanted();
    void verify(NativeCheck check);
    /// Stops comparing; returns when all writes are done.
    void stop();

private:
    void loop();
    void compare(const NativeCheck& check, store::Session& session);
    void clean(store::Session& session);

    const VerifierOptions options_;
    PhpEngine engine_;
    const store::DatabaseOptions database_;
    ops::Metrics& metrics_;
    std::atomic<std::uint64_t> seen_{0};
    std::atomic<bool> stopping_{false};
    std::chrono::steady_clock::time_point next_clean_{};
    base::BoundedQueue<NativeCheck> waiting_;
    std::thread thread_;
};

} // namespace runner::app
