// SPDX-License-Identifier: GPL-2.0-or-later
// What keeps check jobs going: the threads, heartbeats, patience with the database, draining.
#include "app/line/check_job.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace runner::app {

namespace {

constexpr std::size_t max_threads = 512; // that work or wait, of however many wikis
constexpr std::size_t max_store_batch = 200;
// while more than a few jobs are in flight, results wait so long for others
constexpr std::size_t few_in_hand = 8;
constexpr std::chrono::milliseconds gather_results{4};
constexpr std::size_t max_store_bytes = std::size_t{8} << 20U; // of one transaction, about
constexpr std::size_t large_value = std::size_t{256} << 10U;   // takes the other lane
constexpr std::size_t max_large = 8; // that wait: they bound the memory, with the lane's batch
constexpr std::chrono::milliseconds lock_patience{500};
constexpr std::chrono::milliseconds database_pause{500};
constexpr std::chrono::milliseconds glance{200}; // how soon a waiting thread sees the end

} // namespace

CheckJobs::CheckJobs(CheckJobsOptions options, Wikis& wikis, queue::DocumentCache& documents,
                     ops::Health& health, ops::Metrics& metrics,
                     std::function<void(const JobEnd&)> published)
    : options_(std::move(options)), wikis_(wikis), documents_(documents), health_(health),
      metrics_(metrics), published_(std::move(published)),
      hand_(options_.wikis, options_.batch, [this] { wake_.raise(); }),
      small_("storing", max_store_batch * 2), large_("storing large results", max_large),
      permits_(std::max(1U, options_.threads)) {
    const std::size_t threads = std::min(hand_.most_threads(), max_threads);
    leaser_ = std::thread([this] { lease_loop(); });
    for (Lane* lane : {&small_, &large_})
        lane->thread = std::thread([this, lane] { store_loop(*lane); });
    heart_ = std::thread([this] { heartbeat_loop(); });
    for (std::size_t i = 0; i < threads; ++i)
        workers_.emplace_back([this] { work_loop(); });
}

CheckJobs::~CheckJobs() {
    stopping_ = true;
    draining_ = true;
    wake_.raise();
    (void)hand_.close();
    small_.ended.close();
    large_.ended.close();
    stop_heartbeat_.raise();
    for (std::thread* thread : {&leaser_, &small_.thread, &large_.thread, &heart_})
        if (thread->joinable())
            thread->join();
    for (std::thread& worker : workers_)
        worker.join();
}

bool CheckJobs::drain(std::chrono::milliseconds timeout) {
    const base::Deadline deadline(timeout);
    draining_ = true;
    wake_.raise();
    while (in_hand_.size() > 0 || !hand_.closed()) {
        if (deadline.passed())
            return false;
        in_hand_.wait_at_most(0, std::min(deadline.left(), glance));
        if (!hand_.closed())
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return true;
}

void CheckJobs::give_back() noexcept {
    try {
        store::Session session(options_.database);
        const std::vector<store::Lease> leases = in_hand_.all();
        queue_on(session).release(leases);
    } catch (const std::exception& error) {
        spdlog::warn("the leases could not be given back and will expire: {}", error.what());
    }
}

void CheckJobs::set_tuning(const Tuning& tuning) {
    const std::lock_guard lock(tuning_mutex_);
    options_.tuning = tuning;
}

/// A lock that another session holds must not hold up more than what it is on.
store::DatabaseOptions CheckJobs::impatient() const {
    store::DatabaseOptions database = options_.database;
    database.lock_timeout = lock_patience;
    return database;
}

queue::Queue CheckJobs::queue_on(store::Session& session) {
    const std::lock_guard lock(tuning_mutex_);
    return {session, documents_, {options_.worker, options_.lease, options_.tuning.retry}};
}

std::chrono::milliseconds CheckJobs::poll_interval() {
    const std::lock_guard lock(tuning_mutex_);
    return options_.tuning.poll_interval;
}

std::chrono::steady_clock::time_point CheckJobs::last_alive() const noexcept {
    return std::min({lease_alive_.load(), small_.alive.load(), large_.alive.load()});
}

/// Large documents make it fewer jobs, so that memory stays bounded.
std::uint32_t CheckJobs::most_ahead() const noexcept {
    const std::size_t mean = mean_document_;
    if (mean == 0)
        return options_.batch;
    const std::size_t wikis = std::max<std::size_t>(1, options_.wikis.size());
    return static_cast<std::uint32_t>(
        std::clamp<std::size_t>(options_.max_document_bytes / 2 / mean / wikis, 1, options_.batch));
}

void CheckJobs::note_size(const store::Lease& lease) noexcept {
    const std::size_t size = lease.document ? lease.document->size() : 0;
    const std::size_t mean = mean_document_;
    // up immediately, down slowly
    mean_document_ = size > mean ? mean + (size - mean) / 4 : mean - (mean - size) / 64;
}

void CheckJobs::work_loop() {
    while (auto job = hand_.take()) {
        const auto began = Clock::now();
        job->lease.age +=
            std::chrono::duration_cast<std::chrono::microseconds>(began - job->leased_at);
        {
            const base::Working working(permits_);
            process(job->lease);
        }
        hand_.done(job->lease.key.wiki, job->lease.priority, Clock::now() - began);
    }
}

std::size_t CheckJobs::value_size(const Ended& ended) noexcept {
    const auto* completed = std::get_if<store::Completed>(&ended);
    return completed != nullptr ? completed->result.value.size() : 0;
}

void CheckJobs::hand_over(Ended&& ended) {
    const bool large = value_size(ended) > large_value;
    if (!(large ? large_ : small_).ended.push(std::move(ended)))
        metrics_.job_ended("abandoned"); // stopping immediately: the lease expires
}

void CheckJobs::store_loop(Lane& lane) {
    store::Session session(impatient());
    while (!stopping_) {
        lane.alive = Clock::now();
        auto next = lane.ended.pop_for(glance);
        std::vector<Ended> batch;
        const auto until = Clock::now() + gather_results;
        const auto patience = [&] { // a transaction costs as much as several results
            const bool more_to_come = in_hand_.size() > batch.size() + few_in_hand;
            return more_to_come ? std::max(until - Clock::now(), Clock::duration::zero())
                                : Clock::duration::zero();
        };
        for (std::size_t bytes = 0; next; next = lane.ended.pop_for(patience())) {
            bytes += value_size(*next);
            batch.push_back(std::move(*next));
            if (batch.size() >= max_store_batch || bytes >= max_store_bytes)
                break;
        }
        if (batch.empty())
            continue;
        queue::Queue queue = queue_on(session); // again, with the retry policy of now
        store_batch(queue, lane, std::move(batch));
    }
}

void CheckJobs::heartbeat_loop() {
    store::Session session(impatient());
    queue::Queue queue = queue_on(session);
    while (!stopping_) {
        stop_heartbeat_.wait(options_.lease / 3);
        const std::vector<store::Lease> leases = in_hand_.all();
        if (stopping_ || leases.empty())
            continue;
        try {
            const std::vector<bool> held = queue.heartbeat(leases);
            const auto lost = std::count(held.begin(), held.end(), false);
            // ended between the look and the question, or taken over: storing tells which
            if (lost > 0)
                spdlog::debug("{} of {} leases are no longer held", lost, leases.size());
        } catch (const std::exception& error) {
            spdlog::warn("heartbeat: {}", error.what());
        }
    }
}

/// Repeats `work`, keeping `alive` up to date, until the database has done it (true), or `give_up`,
/// or it fails by a bug of ours. Everything in the store may be repeated. `work` returns whether it
/// proves that earlier problems of the part are over too; those of this call are, once it is done.
bool CheckJobs::until_done(const std::string& part, std::atomic<Clock::time_point>& alive,
                           const std::atomic<bool>& give_up, const std::function<bool()>& work) {
    bool noted = false;
    for (;;) {
        try {
            const bool proof = work();
            if ((proof || noted) && health_.good(part))
                spdlog::info("{}: works again", part);
            return true;
        } catch (const base::UnavailableError& error) {
            noted = true;
            if (health_.problem(part, error.what()))
                spdlog::warn("{}: {}", part, error.what());
        } catch (const std::exception& error) {
            // repeating would not help: the jobs return when their leases expire
            spdlog::error("{}: {}", part, error.what());
            health_.problem(part, error.what(), std::chrono::seconds(30));
            std::this_thread::sleep_for(database_pause);
            return false;
        }
        for (auto waited = std::chrono::milliseconds(0); waited < database_pause;
             waited += glance) {
            alive = Clock::now();
            if (give_up)
                return false;
            std::this_thread::sleep_for(glance);
        }
    }
}

} // namespace runner::app
