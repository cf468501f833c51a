// SPDX-License-Identifier: GPL-2.0-or-later
// The numbers that /metrics shows, in Prometheus' text form. prometheus-cpp is used only in
// metrics.cpp.
#pragma once

#include "results/status.hpp"
#include "store/jobs/job.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace runner::ops {

/// Titles looked up at Commons for one wiki, since the start.
struct TitleLookups {
    std::string wiki;
    std::uint64_t requests = 0;
    std::uint64_t failures = 0;
    std::uint64_t asked = 0;
    std::uint64_t cached = 0;
};

/// The size of one wiki's class graph.
struct ClassGraphSize {
    std::string wiki;
    std::size_t classes = 0;
    std::size_t edges = 0;
    std::size_t bytes = 0; ///< of memory
};

/// Imports of one kind that are in one state.
struct ImportsInState {
    std::string kind;
    std::string status;
    std::uint64_t count = 0;
};

/// The PHP workers of one wiki.
struct PhpWorkers {
    std::string wiki;
    std::size_t alive = 0;
    std::size_t busy = 0;
    std::uint64_t started = 0;
    std::uint64_t recycled = 0;
    std::uint64_t died = 0;
    std::uint64_t killed = 0;
    std::uint64_t requests = 0;
    std::uint64_t failures = 0;
};

/// Checks of one constraint type, since the start.
struct CheckTypeTime {
    std::string type; ///< "single-value"
    std::uint64_t checks = 0;
    double seconds = 0;
};

/// The stream of events.
struct EventNumbers {
    bool known = false; ///< what the database tells:
    double oldest_seconds = 0;
    double held_back_seconds = 0;
    std::uint64_t removed = 0;   ///< by this process since the start, as all that follow
    std::uint64_t forgotten = 0; ///< tombstones
    std::size_t listeners = 0;   ///< now
    std::uint64_t sent = 0;      ///< once for each listener
    std::uint64_t cut_off = 0;   ///< listeners
    std::uint64_t refused = 0;
};

/// Values that are read on demand.
struct Snapshot {
    std::vector<store::WikiCounts> queue;             ///< empty when the database did not tell
    std::vector<std::pair<std::string, bool>> paused; ///< for each configured wiki
    bool queue_known = false;
    double oldest_snapshot_seconds = 0; ///< when queue_known
    bool ready = false;
    std::size_t connections = 0;
    std::uint64_t connections_refused = 0;
    std::uint64_t request_timeouts = 0;
    std::uint64_t accept_transactions = 0;
    std::uint64_t jobs_refused = 0;
    std::size_t in_hand = 0;        ///< jobs leased by this process
    std::size_t checks_waiting = 0; ///< requests for a result
    std::size_t document_cache_bytes = 0;
    std::vector<CheckTypeTime> check_types;
    std::vector<TitleLookups> titles;
    std::vector<ClassGraphSize> class_graphs;
    std::vector<ImportsInState> imports;  ///< empty when the database did not tell
    std::uint64_t import_chunks = 0;      ///< saved by this process, since the start
    std::uint64_t import_failures = 0;    ///< failed attempts
    std::uint64_t import_things = 0;      ///< files, entities …
    std::uint64_t webhooks_delivered = 0; ///< addresses that were told of the end of an import
    std::uint64_t webhook_failures = 0;   ///< attempts that came to nothing
    std::uint64_t webhooks_given_up = 0;
    std::vector<PhpWorkers> php_workers;
    EventNumbers events;
};

enum class Stage : std::uint8_t { gather, check, store };

/// Thread-safe.
class Metrics {
public:
    Metrics();
    ~Metrics();
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;

    void http_request(std::string_view route, unsigned status, std::chrono::nanoseconds took);
    void jobs_accepted(std::uint64_t accepted, std::uint64_t coalesced);
    /// `outcome`: "stored", "outdated", "again", "delayed", "dead", "lost", "released" …
    void job_ended(std::string_view outcome);
    void stage(Stage stage, std::chrono::nanoseconds took);
    /// From accepted to stored.
    void job_took(std::chrono::nanoseconds age);
    void stored_batch(std::size_t size);
    void checks(const std::array<std::uint32_t, results::status_count>& counts);

    /// A native result compared with WBQC's; `outcome`: "same", "different", "outdated" (edited
    /// meanwhile), "failed", "dropped" (too many at once).
    void verified(std::string_view wiki, std::string_view outcome, std::size_t differences);

    /// Entities whose result was stored since the start.
    [[nodiscard]] std::uint64_t entities_stored() const noexcept;
    [[nodiscard]] std::string text(const Snapshot& snapshot);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// Bytes of this process in memory; 0 when unknown.
[[nodiscard]] std::size_t resident_bytes() noexcept;

} // namespace runner::ops
