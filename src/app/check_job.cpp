// SPDX-License-Identifier: GPL-2.0-or-later
// The way of a job is lease_loop → process → store_batch → publish, from top to bottom; what
// keeps it going (heartbeats, retries, draining) stands in check_job_run.cpp.
#include "app/check_job.hpp"

#include "base/clock.hpp"
#include "base/error.hpp"

#include <spdlog/spdlog.h>

#include <utility>

namespace runner::app {

/// 1. Lease: ready jobs of the database, shared fairly among wikis and runners.
void CheckJobs::lease_loop() {
    store::Session session(options_.database);
    queue::Queue queue = queue_on(session);
    while (!draining_) {
        lease_alive_ = Clock::now();
        const std::uint32_t limit = how_many();
        if (limit == 0)
            continue;
        std::vector<store::Lease> leases;
        if (!until_done("leasing", lease_alive_, draining_, [&] { leases = queue.lease(limit); }))
            continue;
        if (leases.empty()) {
            wake_.wait(poll_interval());
            continue;
        }
        in_hand_.add(leases);
        const auto now = Clock::now();
        for (store::Lease& lease : leases) {
            note_size(lease);
            if (!leased_.push({std::move(lease), now}))
                break;
        }
    }
    // draining: what no worker has begun goes back unharmed
    leased_.close();
    std::vector<store::Lease> unbegun;
    for (Job& job : leased_.drain())
        unbegun.push_back(std::move(job.lease));
    until_done("leasing", lease_alive_, stopping_, [&] { queue.release(unbegun); });
    for (const store::Lease& lease : unbegun) {
        in_hand_.remove(lease);
        metrics_.job_ended("released");
    }
    lease_alive_ = Clock::time_point::max(); // ended in order: nothing to watch
}

/// 2. Gather what the checks need (all input happens here), 3. check (pure), and hand over.
void CheckJobs::process(const store::Lease& lease) {
    const base::Stopwatch all;
    try {
        const auto wiki = wikis_.find(lease.key.wiki);
        if (wiki == wikis_.end())
            throw base::UnavailableError("this runner has no [wiki." + lease.key.wiki + "]");

        const Input input = wiki->second->gather(lease);
        metrics_.stage(ops::Stage::gather, all.elapsed());

        store::Completed completed;
        completed.lease = lease;
        if (input.gathered) {
            const base::Stopwatch check;
            completed.result = wiki->second->check(input);
            metrics_.stage(ops::Stage::check, check.elapsed());
            metrics_.checks(completed.result.counts);
        } else {
            completed.result.deleted = true;
            completed.result.class_node = input.gone;
            completed.result.is_class = input.was_class;
        }
        completed.result.entity = lease.key.entity;
        completed.result.revision = input.revision;
        completed.result.duration_us = static_cast<std::uint64_t>(all.elapsed().count());
        completed.lease.document.reset();
        hand_over(std::move(completed));
    } catch (const base::UnavailableError& error) {
        hand_over(Failed{lease, error.what(), false});
    } catch (const base::DataError& error) {
        hand_over(Failed{lease, error.what(), true});
    } catch (const std::exception& error) {
        spdlog::error("{} of {}: {}", lease.key.entity.to_string(), lease.key.wiki, error.what());
        hand_over(Failed{lease, std::string("a bug: ") + error.what(), false});
    }
}

/// 4. Store: one transaction for the results, their pairs, dependencies and the ends of the jobs.
/// The jobs that failed go back with a delay, or to the dead list.
void CheckJobs::store_batch(queue::Queue& queue, Lane& lane, std::vector<Ended>&& batch) {
    std::vector<store::Completed> completed;
    for (Ended& ended : batch)
        if (auto* done = std::get_if<store::Completed>(&ended))
            completed.push_back(std::move(*done));

    std::vector<store::Outcome> outcomes;
    const base::Stopwatch time;
    if (until_done("storing", lane.alive, stopping_, [&] { outcomes = queue.complete(completed); })) {
        metrics_.stage(ops::Stage::store, time.elapsed());
        metrics_.stored_batch(completed.size());
    }
    for (std::size_t i = 0; i < completed.size(); ++i)
        if (i < outcomes.size())
            publish(completed[i], outcomes[i]);
        else
            abandon(completed[i].lease);
    for (const Ended& ended : batch) {
        const auto* failed = std::get_if<Failed>(&ended);
        if (failed == nullptr)
            continue;
        if (until_done("storing", lane.alive, stopping_, [&] {
                if (failed->hopeless)
                    queue.bury(failed->lease, failed->reason);
                else
                    queue.fail(failed->lease, failed->reason);
            }))
            publish(*failed);
        else
            abandon(failed->lease);
    }
}

/// 5. Publish: the transaction has told the other runners; here those who wait in this process.
void CheckJobs::publish(const store::Completed& completed, const store::Outcome& outcome) {
    static constexpr const char* job_states[] = {"none",    "stored", "again",
                                                 "delayed", "dead",   "lost"};
    const bool stored = outcome.result != store::StoreState::rejected;
    metrics_.job_ended(outcome.result == store::StoreState::outdated
                           ? "outdated"
                           : job_states[static_cast<std::size_t>(outcome.job)]);
    metrics_.job_took(completed.lease.age +
                      std::chrono::microseconds(completed.result.duration_us));
    if (!stored)
        spdlog::warn("{} of {} is not stored: {}", completed.lease.key.entity.to_string(),
                     completed.lease.key.wiki, outcome.reason);
    in_hand_.remove(completed.lease);
    published_({completed.lease.key, stored, completed.result.deleted, outcome.reason});
}

void CheckJobs::publish(const Failed& failed) {
    spdlog::log(failed.hopeless ? spdlog::level::warn : spdlog::level::info,
                "{} of {} failed (attempt {}): {}", failed.lease.key.entity.to_string(),
                failed.lease.key.wiki, failed.lease.attempts, failed.reason);
    metrics_.job_ended(failed.hopeless ? "dead" : "failed");
    in_hand_.remove(failed.lease);
    published_({failed.lease.key, false, false, failed.reason});
}

/// Whoever leases it after its lease has run out does it again.
void CheckJobs::abandon(const store::Lease& lease) {
    in_hand_.remove(lease);
    metrics_.job_ended("abandoned");
}

} // namespace runner::app
