// SPDX-License-Identifier: GPL-2.0-or-later
// See hand.hpp.
#include "queue/hand.hpp"

#include <algorithm>
#include <limits>

namespace runner::queue {

namespace {

constexpr double seconds_ahead = 0.5;
// of a wiki, in jobs leased ahead: more, when each batch has higher priorities than the one before
constexpr std::size_t most_batches = 4;

} // namespace

Hand::Hand(const std::map<std::string, unsigned>& threads, std::uint32_t batch,
           std::function<void()> room)
    : batch_(std::max(1U, batch)), room_(std::move(room)) {
    for (const auto& [wiki, count] : threads)
        wikis_[wiki].threads = std::max(1U, count);
}

std::size_t Hand::most_threads() const {
    std::size_t sum = 0;
    for (const auto& [name, wiki] : wikis_)
        sum += wiki.threads + 1;
    return sum;
}

std::size_t Hand::ahead(const Wiki& wiki, std::uint32_t most) const {
    const double rate = wiki.threads / std::max(wiki.seconds, 1e-4);
    const auto count = static_cast<std::size_t>(std::min(rate * seconds_ahead, 1e6));
    return std::clamp<std::size_t>(std::max<std::size_t>(count, wiki.threads), 1,
                                   std::max(1U, std::min(most, batch_)));
}

std::vector<store::WikiShare> Hand::wanted(std::uint32_t most) const {
    std::vector<store::WikiShare> shares;
    const std::lock_guard lock(mutex_);
    if (closed_)
        return shares;
    for (const auto& [name, wiki] : wikis_) {
        const std::size_t full = ahead(wiki, most);
        const std::size_t there = wiki.waiting.size();
        if (there * 2 <= full) {
            shares.push_back({name, static_cast<std::uint32_t>(full - there)});
            continue;
        }
        const std::int16_t lowest = wiki.waiting.rbegin()->first;
        if (lowest == std::numeric_limits<std::int16_t>::max() || there >= full * most_batches)
            continue;
        const auto urgent = static_cast<std::size_t>(
            std::distance(wiki.waiting.begin(), wiki.waiting.lower_bound(lowest)));
        if (urgent < full)
            shares.push_back({name, static_cast<std::uint32_t>(full - urgent),
                              static_cast<std::int16_t>(lowest + 1)});
    }
    return shares;
}

bool Hand::put(std::span<const store::WikiShare> shares, std::vector<store::Lease>&& leases) {
    bool more = false;
    {
        const std::lock_guard lock(mutex_);
        for (auto& [name, wiki] : wikis_)
            wiki.dry = false; // not asked for, or for what is urgent alone: unknown
        for (const store::WikiShare& share : shares) {
            const auto got =
                std::count_if(leases.begin(), leases.end(), [&](const store::Lease& lease) {
                    return lease.key.wiki == share.wiki;
                });
            const bool short_of = static_cast<std::uint64_t>(got) < share.limit;
            more = more || !short_of;
            if (share.min_priority == store::WikiShare{}.min_priority)
                wikis_[share.wiki].dry = short_of;
        }
    }
    put(std::move(leases));
    return more;
}

void Hand::put(std::vector<store::Lease>&& leases) {
    const auto now = Clock::now();
    {
        const std::lock_guard lock(mutex_);
        for (store::Lease& lease : leases) {
            const std::int16_t priority = lease.priority;
            Wiki& wiki = wikis_[lease.key.wiki];
            wiki.waiting.emplace(priority, Job{std::move(lease), now});
        }
    }
    filled_.notify_all();
}

bool Hand::may_begin(const Wiki& wiki) {
    if (wiki.waiting.empty())
        return false;
    if (wiki.running.size() < wiki.threads)
        return true;
    return wiki.running.size() == wiki.threads &&
           wiki.waiting.begin()->first > wiki.running.begin()->first;
}

std::optional<Hand::Job> Hand::take() {
    std::unique_lock lock(mutex_);
    for (;;) {
        if (closed_)
            return std::nullopt;
        auto turn = wikis_.upper_bound(last_);
        for (std::size_t i = 0; i < wikis_.size(); ++i, ++turn) {
            if (turn == wikis_.end())
                turn = wikis_.begin();
            Wiki& wiki = turn->second;
            if (!may_begin(wiki))
                continue;
            Job job = std::move(wiki.waiting.begin()->second);
            wiki.waiting.erase(wiki.waiting.begin());
            wiki.running.emplace(job.lease.priority, true);
            last_ = turn->first;
            const bool room = !wiki.dry && wiki.waiting.size() * 2 <= ahead(wiki, batch_);
            lock.unlock();
            if (room && room_)
                room_();
            return job;
        }
        filled_.wait(lock);
    }
}

void Hand::done(const std::string& wiki, std::int16_t priority, Clock::duration took) {
    {
        const std::lock_guard lock(mutex_);
        Wiki& of = wikis_[wiki];
        if (const auto one = of.running.find(priority); one != of.running.end())
            of.running.erase(one);
        const double seconds = std::chrono::duration<double>(took).count();
        // up immediately, down slowly: a source that begins to hang must not be trusted for long
        of.seconds += (seconds - of.seconds) * (seconds > of.seconds ? 0.25 : 0.05);
    }
    filled_.notify_one();
}

std::vector<store::Lease> Hand::close() {
    std::vector<store::Lease> left;
    {
        const std::lock_guard lock(mutex_);
        closed_ = true;
        for (auto& [name, wiki] : wikis_) {
            for (auto& [priority, job] : wiki.waiting)
                left.push_back(std::move(job.lease));
            wiki.waiting.clear();
        }
    }
    filled_.notify_all();
    return left;
}

bool Hand::closed() const {
    const std::lock_guard lock(mutex_);
    return closed_;
}

} // namespace runner::queue
