// SPDX-License-Identifier: GPL-2.0-or-later
// See check_service.hpp. A request goes from state to state: look at what is stored, ask the wiki
// for its revision if the request names none, and if nothing stored is good enough, a job.
#include "app/serving/check_service.hpp"

#include "base/error.hpp"
#include "store/jobs/pause_table.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace runner::app {

namespace {

constexpr std::int16_t ahead_of_all = 100;
// another runner may do the job: its notification can be lost, so the database is asked as well
constexpr std::chrono::milliseconds look_interval{250};
constexpr std::chrono::milliseconds hint_interval{50}; // notifications may come in floods
constexpr std::chrono::milliseconds database_pause{200};
constexpr unsigned most_askers = 32;
constexpr unsigned busy_retry_after = 2; // seconds
constexpr unsigned paused_retry_after = 60;

std::exception_ptr error(unsigned status, const char* code, std::string message,
                         unsigned retry_after = 0) {
    return std::make_exception_ptr(
        api::ApiError{status, code, std::move(message), {}, retry_after});
}

std::exception_ptr no_entity(const store::EntityKey& key) {
    return error(404, "no_entity",
                 fmt::format("{} has no entity {}", key.wiki, key.entity.to_string()));
}

} // namespace

CheckService::CheckService(Wikis& wikis, const store::DatabaseOptions& database, Submit submit,
                           CheckLimits limits)
    : wikis_(wikis), database_(database), submit_(std::move(submit)), limits_(limits),
      askers_(std::clamp<unsigned>(static_cast<unsigned>(wikis.size()) * limits.asks_per_wiki, 1,
                                   most_askers),
              "ask"),
      looker_([this] { look_loop(); }), clock_([this] { clock_loop(); }) {}

void CheckService::stop() {
    drain();
    askers_.close();
    for (std::thread* thread : {&looker_, &clock_})
        if (thread->joinable())
            thread->join();
}

void CheckService::drain() {
    Waiters left;
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        left.swap(waiters_);
        for (auto& [wiki, asks] : asks_)
            asks.waiting.clear();
    }
    deadlines_changed_.notify_all();
    look_wanted_.notify_all();
    for (auto& [key, waiters] : left)
        for (Waiter& waiter : waiters)
            waiter.reply({}, error(503, "stopping", "the runner stops", 5));
}

std::size_t CheckService::waiting() const {
    const std::lock_guard lock(mutex_);
    return count_;
}

void CheckService::require_room(const api::CheckRequest& request) const {
    const auto of = [](const std::map<std::string, std::size_t>& counts, const std::string& name) {
        const auto it = counts.find(name);
        return it == counts.end() ? std::size_t{0} : it->second;
    };
    const char* whose = of(by_wiki_, request.wiki) >= limits_.per_wiki         ? "of this wiki"
                        : of(by_client_, request.client) >= limits_.per_client ? "of this client"
                        : count_ >= limits_.all                                ? "in all"
                                                                               : nullptr;
    if (whose != nullptr)
        throw api::ApiError{503,
                            "busy",
                            fmt::format("too many checks {} wait already; a job can be queued at "
                                        "/v1/jobs",
                                        whose),
                            {},
                            busy_retry_after};
}

void CheckService::check(api::CheckRequest request, Reply reply) {
    const store::EntityKey key{request.wiki, request.entity};
    {
        const std::lock_guard lock(mutex_);
        if (stopping_)
            throw base::UnavailableError("the runner stops");
        require_room(request);
        Waiter waiter;
        waiter.number = ++next_number_;
        waiter.revision = request.revision;
        waiter.knows_revision =
            request.revision != 0 || !wikis_.find(key.wiki)->second->has_source();
        waiter.other_than = std::move(request.other_than);
        waiter.client = std::move(request.client);
        waiter.deadline = Clock::now() + request.deadline;
        waiter.reply = std::move(reply);
        ++count_;
        ++by_wiki_[key.wiki];
        ++by_client_[waiter.client];
        waiters_[key].push_back(std::move(waiter));
        to_look_at_.insert(key);
    }
    deadlines_changed_.notify_all();
    look_wanted_.notify_all();
}

/// One query for all pending entities: new or just stored ones immediately, all others
/// now and then.
void CheckService::look_loop() {
    store::Session session(database_);
    auto next_look = Clock::now() + look_interval;
    auto hints_from = Clock::now();
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        if (waiters_.empty()) {
            to_look_at_.clear();
            hint_ = false;
        }
        const auto now = Clock::now();
        const bool all = !waiters_.empty() && (now >= next_look || (hint_ && now >= hints_from));
        if (!all && to_look_at_.empty()) {
            if (waiters_.empty())
                look_wanted_.wait(lock);
            else
                look_wanted_.wait_until(lock, hint_ ? std::min(next_look, hints_from) : next_look);
            continue;
        }
        std::vector<store::EntityKey> keys(to_look_at_.begin(), to_look_at_.end());
        to_look_at_.clear();
        if (all) {
            hint_ = false;
            next_look = now + look_interval;
            hints_from = now + hint_interval;
            keys.clear();
            for (const auto& [key, waiters] : waiters_)
                keys.push_back(key);
        }
        lock.unlock();
        bool failed = false;
        try {
            look(session, keys);
        } catch (const std::exception& problem) {
            spdlog::debug("looking at stored results: {}", problem.what());
            failed = true;
            for (const store::EntityKey& key : keys) // new requests learn it immediately
                for (const Reply& reply : take(key, [](const Waiter& waiter) {
                         return waiter.state == Waiter::State::begun;
                     }))
                    reply({}, std::current_exception());
        }
        lock.lock();
        if (failed)
            look_wanted_.wait_for(lock, database_pause, [this] { return stopping_; });
    }
}

void CheckService::look(store::Session& session, const std::vector<store::EntityKey>& keys) {
    const auto states = store::result_states(session, keys);
    for (const store::EntityKey& key : keys) {
        const auto state = states.find(key);
        const store::ResultState* stored = state == states.end() ? nullptr : &state->second;
        bool good = false;
        if (stored != nullptr) {
            const std::lock_guard lock(mutex_);
            const auto it = waiters_.find(key);
            good = it != waiters_.end() &&
                   std::any_of(it->second.begin(), it->second.end(), [&](const Waiter& waiter) {
                       return is_good(waiter, stored->revision, stored->checked_at);
                   });
        }
        if (good) {
            const auto row = store::ResultStore(session).get(key.wiki, key.entity);
            if (row)
                for (const Reply& reply : take(key, [&](const Waiter& waiter) {
                         return is_good(waiter, row->revision, row->checked_at);
                     }))
                    reply(*row, nullptr);
        }
        go_on(session, key, stored);
    }
}

bool CheckService::is_good(const Waiter& waiter, std::uint64_t revision,
                           const std::string& checked_at) const {
    return waiter.knows_revision && !waiter.gone && revision >= waiter.revision &&
           checked_at != waiter.other_than;
}

/// What those do next for whom no stored result was good enough.
void CheckService::go_on(store::Session& session, const store::EntityKey& key,
                         const store::ResultState* stored) {
    bool asks = false;
    std::optional<std::uint64_t> job;
    bool page_stored = false; // with all that it has
    {
        const std::lock_guard lock(mutex_);
        page_stored = pages_stored_.erase(key) > 0;
    }
    if (page_stored && stored == nullptr) {
        fail(key, no_entity(key));
        return;
    }
    {
        const std::lock_guard lock(mutex_);
        const auto it = waiters_.find(key);
        if (it == waiters_.end())
            return;
        for (Waiter& waiter : it->second) {
            if (!waiter.knows_revision) {
                if (waiter.state == Waiter::State::begun) {
                    waiter.state = Waiter::State::asks;
                    asks = true;
                }
            } else if (waiter.state != Waiter::State::job) {
                waiter.state = Waiter::State::job;
                if (waiter.gone && stored != nullptr) // the job finds out what it is now
                    waiter.other_than = stored->checked_at;
                waiter.gone = false;
                job = std::max(job.value_or(0), waiter.revision);
            }
        }
    }
    if (asks)
        ask(key);
    if (job && store::is_paused(store::PauseTable(session).list(), key.wiki)) {
        for (const Reply& reply :
             take(key, [](const Waiter& waiter) { return waiter.state == Waiter::State::job; }))
            reply({}, error(503, "paused", fmt::format("the jobs of {} are paused", key.wiki),
                            paused_retry_after));
        return;
    }
    // without a source only a job that brings its document can help; it may be on its way
    if (job && wikis_.find(key.wiki)->second->has_source())
        submit_job(key, *job);
}

/// A request to the wiki may take long: only a few per wiki run concurrently, the others wait.
void CheckService::ask(const store::EntityKey& key) {
    {
        const std::lock_guard lock(mutex_);
        auto& waiting = asks_[key.wiki].waiting;
        if (std::find(waiting.begin(), waiting.end(), key) == waiting.end())
            waiting.push_back(key);
    }
    ask_next(key.wiki);
}

void CheckService::ask_next(const std::string& wiki) {
    const std::lock_guard lock(mutex_);
    Asks& asks = asks_[wiki];
    while (!stopping_ && asks.running < limits_.asks_per_wiki && !asks.waiting.empty()) {
        const store::EntityKey key = asks.waiting.front();
        asks.waiting.pop_front();
        if (!waiters_.contains(key))
            continue; // their deadlines have passed
        ++asks.running;
        askers_.post([this, key] { ask_now(key); });
    }
}

void CheckService::ask_now(const store::EntityKey& key) {
    std::uint64_t asked_until = 0;
    {
        const std::lock_guard lock(mutex_);
        asked_until = next_number_; // later requests need a later answer
    }
    try {
        const auto current = wikis_.find(key.wiki)->second->current_revision(key.entity);
        const std::lock_guard lock(mutex_);
        if (const auto it = waiters_.find(key); it != waiters_.end())
            for (Waiter& waiter : it->second)
                if (waiter.state == Waiter::State::asks && waiter.number <= asked_until) {
                    waiter.knows_revision = true;
                    waiter.revision = current.value_or(0);
                    waiter.state = Waiter::State::asked;
                    waiter.gone = current == std::uint64_t{0};
                    to_look_at_.insert(key);
                }
        look_wanted_.notify_all();
    } catch (...) {
        for (const Reply& reply : take(key, [&](const Waiter& waiter) {
                 return waiter.state == Waiter::State::asks && waiter.number <= asked_until;
             }))
            reply({}, std::current_exception());
    }
    bool others = false;
    {
        const std::lock_guard lock(mutex_);
        --asks_[key.wiki].running;
        if (const auto it = waiters_.find(key); it != waiters_.end())
            others = std::any_of(it->second.begin(), it->second.end(), [](const Waiter& waiter) {
                return waiter.state == Waiter::State::asks;
            });
    }
    if (others)
        ask(key);
    ask_next(key.wiki);
}

void CheckService::submit_job(const store::EntityKey& key, std::uint64_t revision) {
    store::NewJob job;
    job.key = key;
    job.revision = revision;
    job.priority = ahead_of_all;
    job.reason = store::JobReason::request;
    std::vector<store::NewJob> jobs;
    jobs.push_back(std::move(job));
    submit_(std::move(jobs), [this, key](store::Accepted, const std::exception_ptr& failed) {
        if (failed)
            fail(key, failed);
    });
}

void CheckService::ended(const JobEnd& end) {
    std::vector<store::EntityKey>
        keys; // a job is of a page; its forms and senses are checked with it
    {
        const std::lock_guard lock(mutex_);
        for (auto it = waiters_.lower_bound({end.key.wiki, {}}); it != waiters_.end(); ++it) {
            if (it->first.wiki != end.key.wiki)
                break;
            if (it->first.entity.page() != end.key.entity)
                continue;
            keys.push_back(it->first);
            if (end.stored && !end.deleted) {
                to_look_at_.insert(it->first);
                if (it->first.entity != end.key.entity)
                    pages_stored_.insert(it->first);
            }
        }
    }
    if (end.stored && !end.deleted) {
        look_wanted_.notify_all();
        return;
    }
    for (const store::EntityKey& key : keys)
        fail(key, end.stored ? no_entity(key) : error(503, "check_failed", end.reason, 30));
}

void CheckService::results_changed() {
    {
        const std::lock_guard lock(mutex_);
        if (waiters_.empty() || hint_)
            return;
        hint_ = true;
    }
    look_wanted_.notify_all();
}

void CheckService::fail(const store::EntityKey& key, const std::exception_ptr& error) {
    for (const Reply& reply : take(key, [](const Waiter&) { return true; }))
        reply({}, error);
}

std::vector<CheckService::Reply>
CheckService::take(const store::EntityKey& key, const std::function<bool(const Waiter&)>& which) {
    std::vector<Reply> replies;
    const std::lock_guard lock(mutex_);
    const auto it = waiters_.find(key);
    if (it == waiters_.end())
        return replies;
    const auto less = [](std::map<std::string, std::size_t>& counts, const std::string& name) {
        if (const auto count = counts.find(name); count != counts.end() && --count->second == 0)
            counts.erase(count);
    };
    std::erase_if(it->second, [&](Waiter& waiter) {
        if (!which(waiter))
            return false;
        --count_;
        less(by_wiki_, key.wiki);
        less(by_client_, waiter.client);
        replies.push_back(std::move(waiter.reply));
        return true;
    });
    if (it->second.empty())
        waiters_.erase(it);
    return replies;
}

/// Deadlines to the millisecond.
void CheckService::clock_loop() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        auto until = Clock::time_point::max();
        std::vector<store::EntityKey> late;
        const auto now = Clock::now();
        for (const auto& [key, waiters] : waiters_)
            for (const Waiter& waiter : waiters) {
                if (waiter.deadline > now)
                    until = std::min(until, waiter.deadline);
                else if (late.empty() || late.back() != key)
                    late.push_back(key);
            }
        if (late.empty()) {
            if (until == Clock::time_point::max())
                deadlines_changed_.wait(lock);
            else
                deadlines_changed_.wait_until(lock, until);
            continue;
        }
        lock.unlock();
        for (const store::EntityKey& key : late)
            for (const Reply& reply :
                 take(key, [&](const Waiter& waiter) { return waiter.deadline <= now; }))
                reply({}, error(504, "deadline",
                                fmt::format("{} was not checked within the deadline; it will be",
                                            key.entity.to_string())));
        lock.lock();
    }
}

} // namespace runner::app
