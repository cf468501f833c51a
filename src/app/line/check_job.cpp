// SPDX-License-Identifier: GPL-2.0-or-later
// The way of a job is lease_loop → process → store_batch → publish, from top to bottom; what
// keeps it going (heartbeats, retries, draining) is in check_job_run.cpp.
#include "app/line/check_job.hpp"

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/log_fields.hpp"
#include "base/plain_reason.hpp"
#include "source/entity_unavailable.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace runner::app {

namespace {

using std::chrono::milliseconds;

// longer than the pause of a job that is put off for the first time
constexpr std::chrono::seconds unexplained_lifetime{30};
constexpr std::chrono::minutes source_lifetime{5}; // without another job that would report it
constexpr std::chrono::minutes settings_lifetime{5};
// for leases that ran out, delays that are over and jobs whose process died
constexpr milliseconds look_interval{100};
// as WBQC's settings have them by default
constexpr std::chrono::seconds slow_entity{5};
constexpr std::chrono::seconds very_slow_entity{55};

base::LogFields fields_of(const store::Lease& lease) {
    return {{"wiki", lease.key.wiki},
            {"entity", lease.key.entity.to_string()},
            {"job", lease.token},
            {"revision", lease.revision}};
}

bool any_stored(const std::vector<store::Outcome>& outcomes) {
    return std::any_of(outcomes.begin(), outcomes.end(), [](const store::Outcome& outcome) {
        return outcome.result == store::StoreState::stored;
    });
}

/// Not the part of what the wiki itself says of its settings: that ends otherwise.
std::string other_settings_part(const std::string& wiki) {
    return "settings of wiki " + wiki + " (another runner)";
}

} // namespace

/// 1. Lease: the jobs that each wiki can process soon, and more urgent ones immediately.
void CheckJobs::lease_loop() {
    store::Session session(impatient());
    queue::Queue queue = queue_on(session);
    while (!draining_) {
        lease_alive_ = Clock::now();
        milliseconds pause{0};
        if (until_done("leasing", lease_alive_, draining_,
                       [&] {
                           pause = lease_some(queue);
                           return true;
                       }) &&
            pause > milliseconds{0})
            wake_.wait(pause);
    }
    // draining: what no worker has begun goes back unharmed
    const std::vector<store::Lease> unbegun = hand_.close();
    until_done("leasing", lease_alive_, stopping_, [&] {
        queue.release(unbegun);
        return true;
    });
    for (const store::Lease& lease : unbegun) {
        in_hand_.remove(lease);
        metrics_.job_ended("released");
    }
    lease_alive_ = Clock::time_point::max(); // ended in order: nothing to watch
}

/// Returns how long to wait for a signal before the next lease.
milliseconds CheckJobs::lease_some(queue::Queue& queue) {
    // Under load one lease follows another within milliseconds, and ready jobs come first.
    const bool look = Clock::now() >= next_look_ || suspect_over_.exchange(false);
    bool more = look && !queue.promote_due();
    const std::vector<store::WikiShare> shares = hand_.wanted(most_ahead());
    std::vector<store::Lease> leases = queue.lease(shares);
    note_leased(leases);
    more = hand_.put(shares, std::move(leases)) || more;
    if (look) {
        queue.table().move_on();
        more = lease_suspects(queue) || more;
        next_look_ = Clock::now() + look_interval;
    }
    if (more)
        return milliseconds{0};
    return look ? poll_interval() : std::min(poll_interval(), look_interval);
}

bool CheckJobs::lease_suspects(queue::Queue& queue) {
    if (in_hand_.suspects() != 0)
        return false;
    std::vector<std::string> wikis;
    for (const auto& [wiki, threads] : options_.wikis)
        wikis.push_back(wiki);
    std::vector<store::Lease> suspects = queue.lease_suspects(wikis);
    note_leased(suspects);
    const bool any = !suspects.empty();
    hand_.put(std::move(suspects));
    return any;
}

void CheckJobs::note_leased(const std::vector<store::Lease>& leases) {
    in_hand_.add(leases);
    for (const store::Lease& lease : leases)
        note_size(lease);
}

/// 2. Gather what the checks need (all input happens here), 3. check (pure), and hand over.
void CheckJobs::process(const store::Lease& lease) {
    const base::Stopwatch all;
    const base::LogFields fields = fields_of(lease);
    in_hand_.note_stage(lease, "is gathered for");
    try {
        const auto wiki = wikis_.find(lease.key.wiki);
        if (wiki == wikis_.end())
            throw base::UnavailableError("this runner has no [wiki." + lease.key.wiki + "]");

        const PageInput input = wiki->second->gather(lease);
        metrics_.stage(ops::Stage::gather, all.elapsed());
        if (input.basis == store::Basis::answer && health_.good(source_part(lease.key.wiki)))
            spdlog::info("wiki {}: the wiki answers again", lease.key.wiki);

        store::Completed completed;
        completed.lease = lease;
        completed.lease.document.reset();
        completed.basis = input.basis;
        completed.compares_properties = input.kept_properties;
        completed.settings = input.settings;
        const base::Stopwatch check;
        in_hand_.note_stage(lease, "is checked");
        for (const Input& each : input.entities) {
            results::StoredResult result = wiki->second->check(each);
            metrics_.checks(result.counts);
            result.entity = each.gathered.asked;
            result.revision = input.revision;
            if (&each == &input.entities.front())
                completed.result = std::move(result);
            else
                completed.parts.push_back(std::move(result));
        }
        if (input.entities.empty()) {
            completed.result.entity = lease.key.entity;
            completed.result.revision = input.revision;
            completed.result.deleted = true;
            completed.result.seen = input.seen.value_or(results::seen_missing);
            completed.result.class_node = input.gone;
            completed.result.is_class = input.was_class;
        } else {
            metrics_.stage(ops::Stage::check, check.elapsed());
        }
        completed.result.duration_us = static_cast<std::uint64_t>(all.elapsed().count());
        tell_of_slow(lease, all.elapsed());
        in_hand_.note_stage(lease, "waits to be stored");
        hand_over(std::move(completed));
    } catch (const source::EntityUnavailable& error) {
        hand_over(Failed{lease, error.what(), Failed::Fault::entity});
    } catch (const source::SourceUnavailable& error) {
        if (health_.warning(source_part(lease.key.wiki), error.what(), source_lifetime))
            spdlog::warn("wiki {}: {}", lease.key.wiki, error.what());
        hand_over(Failed{lease, error.what(), Failed::Fault::others});
    } catch (const base::UnavailableError& error) {
        hand_over(Failed{lease, error.what(), Failed::Fault::others});
    } catch (const base::DataError& error) {
        hand_over(Failed{lease, error.what(), Failed::Fault::hopeless});
    } catch (const std::exception& error) {
        spdlog::error("{} of {}: {}", lease.key.entity.to_string(), lease.key.wiki, error.what());
        hand_over(Failed{lease, "a bug: " + base::plain_reason(error), Failed::Fault::entity});
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
    if (!completed.empty() && until_done(lane.part, lane.alive, stopping_, [&] {
            if (options_.flush_classes)
                options_.flush_classes();
            outcomes = queue.complete(completed);
            return any_stored(outcomes);
        })) {
        metrics_.stage(ops::Stage::store, time.elapsed());
        metrics_.stored_batch(completed.size());
        note_unexplained(lane, outcomes);
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
        store::JobState job{};
        const auto end = [&] {
            return failed->fault == Failed::Fault::hopeless
                       ? queue.bury(failed->lease, failed->reason)
                   : failed->fault == Failed::Fault::others
                       ? queue.defer(failed->lease, failed->reason)
                       : queue.fail(failed->lease, failed->reason);
        };
        if (until_done(lane.part + ": failed jobs", lane.alive, stopping_, [&] {
                try {
                    job = end();
                } catch (const store::LockedError&) { // its lease runs out
                    job = store::JobState::lost;
                }
                return true;
            }))
            publish(*failed, job);
        else
            abandon(failed->lease);
    }
}

/// An error that may be of one row, or of all: of all, as long as no result is stored.
void CheckJobs::note_unexplained(const Lane& lane, const std::vector<store::Outcome>& outcomes) {
    if (any_stored(outcomes))
        return;
    for (const store::Outcome& outcome : outcomes)
        if (outcome.unexplained)
            health_.problem(lane.part, outcome.reason, unexplained_lifetime);
}

/// 5. Publish: the transaction has told the other runners; here the requests that wait in this
/// process.
void CheckJobs::publish(const store::Completed& completed, const store::Outcome& outcome) {
    const base::LogFields fields = fields_of(completed.lease);
    const base::LogFields duration{
        {"duration", static_cast<double>(completed.result.duration_us) / 1e6}};
    static constexpr const char* job_states[] = {"none",    "stored", "again",
                                                 "delayed", "dead",   "lost"};
    const bool stored = outcome.result != store::StoreState::rejected;
    if (const auto wiki = wikis_.find(completed.lease.key.wiki); wiki != wikis_.end()) {
        wiki->second->forget(outcome.differing);
        wiki->second->forget_classes(outcome.differing_classes);
        if (outcome.result == store::StoreState::stored)
            health_.good(other_settings_part(completed.lease.key.wiki));
        if (outcome.result == store::StoreState::other_settings)
            tell_of_other_settings(completed.lease.key.wiki, *wiki->second);
        if (outcome.result == store::StoreState::unsure) // an old document may be in the caches
            wiki->second->forget({&completed.lease.key.entity, 1});
    }
    metrics_.job_ended(outcome.result == store::StoreState::outdated
                           ? "outdated"
                           : job_states[static_cast<std::size_t>(outcome.job)]);
    metrics_.job_took(completed.lease.age +
                      std::chrono::microseconds(completed.result.duration_us));
    if (outcome.job == store::JobState::dead)
        spdlog::warn("{} of {} goes to the dead list after {} attempts: {}",
                     completed.lease.key.entity.to_string(), completed.lease.key.wiki,
                     completed.lease.attempts,
                     stored ? "its result is incomplete or too old" : outcome.reason);
    else if (!stored && outcome.unexplained)
        spdlog::error("{} of {} waits: {}", completed.lease.key.entity.to_string(),
                      completed.lease.key.wiki, outcome.reason);
    else if (!stored)
        spdlog::warn("{} of {} is not stored: {}", completed.lease.key.entity.to_string(),
                     completed.lease.key.wiki, outcome.reason);
    else if (outcome.result == store::StoreState::stored)
        spdlog::debug("{} of {} is stored", completed.lease.key.entity.to_string(),
                      completed.lease.key.wiki);
    let_go(completed.lease);
    if (outcome.result != store::StoreState::unsure &&
        outcome.result != store::StoreState::other_settings) // else the next attempt reports it
        published_({completed.lease.key, stored, completed.result.deleted, outcome.reason});
}

void CheckJobs::publish(const Failed& failed, store::JobState job) {
    const base::LogFields fields = fields_of(failed.lease);
    const std::string entity = failed.lease.key.entity.to_string();
    const bool dead = job == store::JobState::dead;
    if (dead)
        spdlog::warn("{} of {} goes to the dead list after {} attempts: {}", entity,
                     failed.lease.key.wiki, failed.lease.attempts, failed.reason);
    else if (failed.fault == Failed::Fault::others)
        spdlog::info("{} of {} is deferred (deferral {}): {}", entity, failed.lease.key.wiki,
                     failed.lease.deferrals + 1, failed.reason);
    else
        spdlog::info("{} of {} failed (attempt {}): {}", entity, failed.lease.key.wiki,
                     failed.lease.attempts, failed.reason);
    metrics_.job_ended(dead ? "dead" : "failed");
    let_go(failed.lease);
    published_({failed.lease.key, false, false, failed.reason});
}

void CheckJobs::tell_of_slow(const store::Lease& lease, std::chrono::nanoseconds took) const {
    if (took < slow_entity)
        return;
    const double seconds = std::chrono::duration<double>(took).count();
    const base::LogFields fields{{"duration", seconds}};
    spdlog::log(took >= very_slow_entity ? spdlog::level::warn : spdlog::level::info,
                "{} of {} took {:.1f} s to gather and check", lease.key.entity.to_string(),
                lease.key.wiki, seconds);
}

/// Another runner serves the wiki with different settings, or has learnt of a change first.
void CheckJobs::tell_of_other_settings(const std::string& id, Wiki& wiki) {
    if (wiki.ask_settings_again()) {
        spdlog::info("wiki {}: the database has different settings for it; asking the wiki again",
                     id);
        return;
    }
    const std::string text = "another runner has written other settings to the database, and "
                             "results of these are not stored: give all runners one configuration, "
                             "and restart";
    if (health_.warning(other_settings_part(id), text, settings_lifetime))
        spdlog::warn("wiki {}: {}", id, text);
}

/// Whoever leases it after its lease has run out does it again.
void CheckJobs::abandon(const store::Lease& lease) {
    let_go(lease);
    metrics_.job_ended("abandoned");
}

/// The next suspects are leased when the last one is over.
void CheckJobs::let_go(const store::Lease& lease) {
    in_hand_.remove(lease);
    if (lease.suspect()) {
        suspect_over_ = true;
        wake_.raise();
    }
}

} // namespace runner::app
