// SPDX-License-Identifier: GPL-2.0-or-later
// The path of a check job: lease, gather, check, store, publish. One thread leases, some of each
// wiki gather and check, two store: one of them the large results, so that the others need not wait
// for them. Bounded queues between them carry few jobs when all is quiet, so that each is quick,
// and many under load, so that transactions are large.
#pragma once

#include "app/line/in_hand.hpp"
#include "app/line/wiki.hpp"
#include "base/bounded_queue.hpp"
#include "base/signal.hpp"
#include "base/work_permits.hpp"
#include "ops/health.hpp"
#include "ops/metrics.hpp"
#include "queue/hand.hpp"
#include "queue/queue.hpp"
#include "store/common/session.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <variant>
#include <vector>

namespace runner::app {

/// The options that a reload may change.
struct CheckJobsTuning {
    queue::RetryPolicy retry;
    std::chrono::milliseconds poll_interval{2'000};
};

struct CheckJobsOptions {
    store::DatabaseOptions database;
    std::string worker; ///< name of the lease holder
    std::chrono::milliseconds lease{60'000};
    CheckJobsTuning tuning;
    unsigned threads = 1; ///< running concurrently, not counting those that wait for a source
    std::map<std::string, unsigned> wikis; ///< how many of its jobs may run concurrently
    std::uint32_t batch = 100;             ///< jobs leased at once of a wiki
    std::size_t max_document_bytes = std::size_t{48} << 20U; ///< of all jobs in flight, about
    std::function<void()> flush_classes; ///< before results are stored; may throw UnavailableError
};

/// How an attempt ended, for requests that wait for it.
struct JobEnd {
    store::EntityKey key;
    bool stored = false;  ///< the database has a result of this attempt, or a newer one
    bool deleted = false; ///< the entity is missing or a redirect
    std::string reason;   ///< why nothing was stored
};

class CheckJobs {
public:
    using Tuning = CheckJobsTuning;

    /// Starts the threads. `published` is called after each attempt has ended in the database,
    /// from a storing thread; it must not block.
    CheckJobs(CheckJobsOptions options, Wikis& wikis, queue::DocumentCache& documents,
              ops::Health& health, ops::Metrics& metrics,
              std::function<void(const JobEnd&)> published);
    /// Ends immediately; jobs not stored stay leased until their leases expire.
    ~CheckJobs();
    CheckJobs(const CheckJobs&) = delete;
    CheckJobs& operator=(const CheckJobs&) = delete;

    /// Jobs may be ready. Thread-safe.
    void wake() noexcept { wake_.raise(); }
    /// Stops leasing, gives back jobs not started, and finishes the rest; false when
    /// `timeout` passed before that.
    bool drain(std::chrono::milliseconds timeout);

    /// Gives back all jobs in flight unconditionally; for the end of the process.
    void give_back() noexcept;
    void set_tuning(const Tuning& tuning);

    [[nodiscard]] std::size_t in_hand() const { return in_hand_.size(); }
    void report(ops::Snapshot& snapshot) const { snapshot.in_hand = in_hand(); }
    [[nodiscard]] std::vector<BegunJob> in_work() const { return in_hand_.begun(); }
    /// The last iteration of the slowest loop; for the watchdog.
    [[nodiscard]] std::chrono::steady_clock::time_point last_alive() const noexcept;

private:
    using Clock = std::chrono::steady_clock;
    struct Failed {
        store::Lease lease;
        std::string reason;
        enum class Fault : unsigned char {
            others,  ///< a source, the database, the disk: the attempt does not count
            entity,  ///< may be its own
            hopeless ///< another attempt would end the same way
        } fault = Fault::entity;
    };
    using Ended = std::variant<store::Completed, Failed>;

    /// The input of one storing thread.
    struct Lane {
        Lane(const char* name, std::size_t capacity) : part(name), ended(capacity) {}
        const std::string part; ///< of Health: why results are not stored
        base::BoundedQueue<Ended> ended;
        std::atomic<Clock::time_point> alive{Clock::now()};
        std::thread thread;
    };

    [[nodiscard]] static std::size_t value_size(const Ended& ended) noexcept;
    void lease_loop();
    void work_loop();
    void store_loop(Lane& lane);
    void heartbeat_loop();
    [[nodiscard]] std::uint32_t most_ahead() const noexcept;
    [[nodiscard]] std::chrono::milliseconds lease_some(queue::Queue& queue);
    [[nodiscard]] bool lease_suspects(queue::Queue& queue);
    void note_leased(const std::vector<store::Lease>& leases);
    void process(const store::Lease& lease);
    void hand_over(Ended&& ended);
    void store_batch(queue::Queue& queue, Lane& lane, std::vector<Ended>&& batch);
    void note_unexplained(const Lane& lane, const std::vector<store::Outcome>& outcomes);
    void publish(const store::Completed& completed, const store::Outcome& outcome);
    void abandon(const store::Lease& lease);
    void let_go(const store::Lease& lease);
    void tell_of_other_settings(const std::string& id, Wiki& wiki);
    void tell_of_slow(const store::Lease& lease, std::chrono::nanoseconds took) const;
    void publish(const Failed& failed, store::JobState job);
    bool until_done(const std::string& part, std::atomic<Clock::time_point>& alive,
                    const std::atomic<bool>& give_up, const std::function<bool()>& work);
    [[nodiscard]] store::DatabaseOptions impatient() const;
    [[nodiscard]] queue::Queue queue_on(store::Session& session);
    [[nodiscard]] std::chrono::milliseconds poll_interval();
    void note_size(const store::Lease& lease) noexcept;

    CheckJobsOptions options_;
    Wikis& wikis_;
    queue::DocumentCache& documents_;
    ops::Health& health_;
    ops::Metrics& metrics_;
    std::function<void(const JobEnd&)> published_;

    std::mutex tuning_mutex_;
    InHand in_hand_;
    base::Signal wake_;
    base::Signal stop_heartbeat_;
    queue::Hand hand_;
    Lane small_;
    Lane large_;
    std::atomic<bool> draining_{false};
    std::atomic<bool> stopping_{false};
    std::atomic<std::size_t> mean_document_{0};
    std::atomic<Clock::time_point> lease_alive_{Clock::now()};
    Clock::time_point next_look_{}; ///< of the leasing thread
    std::atomic<bool> suspect_over_{false};
    std::thread leaser_;
    std::thread heart_;
    base::WorkPermits permits_; ///< of the workers
    std::vector<std::thread> workers_;
};

} // namespace runner::app
