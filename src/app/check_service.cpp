// SPDX-License-Identifier: GPL-2.0-or-later
#include "app/check_service.hpp"

#include "base/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace runner::app {

namespace {

constexpr std::int16_t ahead_of_all = 100;
// another runner may do the job: its notification can be lost, so the database is asked as well
constexpr std::chrono::milliseconds look_interval{250};

std::exception_ptr error(unsigned status, const char* code, std::string message,
                         unsigned retry_after = 0) {
    return std::make_exception_ptr(
        api::ApiError{status, code, std::move(message), {}, retry_after});
}

} // namespace

CheckService::CheckService(Wikis& wikis, store::SessionPool& sessions, base::ThreadPool& pool,
                           Submit submit)
    : wikis_(wikis), sessions_(sessions), pool_(pool), submit_(std::move(submit)),
      clock_([this] { clock_loop(); }) {}

CheckService::~CheckService() {
    stop();
    clock_.join();
}

void CheckService::stop() {
    std::map<store::EntityKey, std::vector<Waiter>> left;
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        left.swap(waiters_);
    }
    changed_.notify_all();
    for (auto& [key, waiters] : left)
        for (Waiter& waiter : waiters)
            waiter.reply({}, error(503, "stopping", "the runner stops", 5));
}

void CheckService::check(api::CheckRequest request, Reply reply) {
    const store::EntityKey key{request.wiki, request.entity};
    std::uint64_t number = 0;
    {
        const std::lock_guard lock(mutex_);
        if (stopping_)
            throw base::UnavailableError("the runner stops");
        number = ++next_number_;
        waiters_[key].push_back({number, request.revision, request.other_than,
                                 Clock::now() + request.deadline, std::move(reply)});
    }
    changed_.notify_all();
    pool_.post([this, key, number, revision = request.revision,
                other_than = std::move(request.other_than)] {
        try {
            look(key, number, revision, other_than);
        } catch (...) {
            fail(key, std::current_exception());
        }
    });
}

/// Is what is stored good enough? If not, a job.
void CheckService::look(const store::EntityKey& key, std::uint64_t number,
                        std::uint64_t revision, const std::string& other_than) {
    const auto row = stored(key);
    Wiki& wiki = *wikis_.find(key.wiki)->second;
    std::optional<std::uint64_t> current;
    if (revision == 0) {
        current = wiki.current_revision(key.entity);
        revision = current.value_or(0);
        const std::lock_guard lock(mutex_);
        if (const auto it = waiters_.find(key); it != waiters_.end())
            for (Waiter& waiter : it->second)
                if (waiter.number == number)
                    waiter.revision = revision;
    }
    const bool gone = current == std::uint64_t{0};
    if (row && row->revision >= revision && row->checked_at != other_than && !gone) {
        answer(key, *row);
        return;
    }
    // without a source only a job that brings its document can help; it may be on its way
    if (wiki.has_source())
        submit_job(key, revision);
}

void CheckService::submit_job(const store::EntityKey& key, std::uint64_t revision) {
    store::NewJob job;
    job.key = key;
    job.revision = revision;
    job.priority = ahead_of_all;
    std::vector<store::NewJob> jobs;
    jobs.push_back(std::move(job));
    submit_(std::move(jobs), [this, key](store::Accepted, const std::exception_ptr& failed) {
        if (failed)
            fail(key, failed);
    });
}

std::optional<store::ResultRow> CheckService::stored(const store::EntityKey& key) {
    const auto session = sessions_.borrow();
    return store::ResultStore(*session).get(key.wiki, key.entity);
}

void CheckService::ended(const JobEnd& end) {
    {
        const std::lock_guard lock(mutex_);
        if (!waiters_.contains(end.key))
            return;
    }
    if (end.stored && end.deleted)
        fail(end.key, error(404, "no_entity",
                            fmt::format("{} has no entity {}", end.key.wiki,
                                        end.key.entity.to_string())));
    else if (end.stored)
        changed(end.key);
    else
        fail(end.key, error(503, "check_failed", end.reason, 30));
}

void CheckService::changed(const store::EntityKey& key) {
    {
        const std::lock_guard lock(mutex_);
        if (!waiters_.contains(key))
            return;
    }
    pool_.post([this, key] { look_again(key); });
}

void CheckService::look_again(const store::EntityKey& key) {
    try {
        if (const auto row = stored(key))
            answer(key, *row);
    } catch (const base::UnavailableError&) {
        // the next look or the deadline
    }
}

void CheckService::answer(const store::EntityKey& key, const store::ResultRow& row) {
    for (const Reply& reply :
         take(key, [&](const Waiter& waiter) {
             return row.revision >= waiter.revision && row.checked_at != waiter.other_than;
         }))
        reply(row, nullptr);
}

void CheckService::fail(const store::EntityKey& key, const std::exception_ptr& error) {
    for (const Reply& reply : take(key, [](const Waiter&) { return true; }))
        reply({}, error);
}

std::vector<CheckService::Reply> CheckService::take(
    const store::EntityKey& key, const std::function<bool(const Waiter&)>& which) {
    std::vector<Reply> replies;
    const std::lock_guard lock(mutex_);
    const auto it = waiters_.find(key);
    if (it == waiters_.end())
        return replies;
    std::erase_if(it->second, [&](Waiter& waiter) {
        if (!which(waiter))
            return false;
        replies.push_back(std::move(waiter.reply));
        return true;
    });
    if (it->second.empty())
        waiters_.erase(it);
    return replies;
}

/// Deadlines to the millisecond, and now and then a look at the database.
void CheckService::clock_loop() {
    auto next_look = Clock::now() + look_interval;
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        auto until = Clock::time_point::max();
        std::vector<store::EntityKey> keys;
        for (const auto& [key, waiters] : waiters_) {
            keys.push_back(key);
            for (const Waiter& waiter : waiters)
                until = std::min(until, waiter.deadline);
        }
        if (keys.empty())
            changed_.wait(lock);
        else
            changed_.wait_until(lock, std::min(until, next_look));
        const auto now = Clock::now();
        const bool look_now = now >= next_look;
        if (look_now)
            next_look = now + look_interval;
        lock.unlock();
        for (const store::EntityKey& key : keys) {
            for (const Reply& reply :
                 take(key, [&](const Waiter& waiter) { return waiter.deadline <= now; }))
                reply({}, error(504, "deadline",
                                fmt::format("{} was not checked within the deadline; it will be",
                                            key.entity.to_string())));
            if (look_now)
                changed(key);
        }
        lock.lock();
    }
}

} // namespace runner::app
