// SPDX-License-Identifier: GPL-2.0-or-later
// See title_cache.hpp. It has no thread: one of the waiting threads sends the batch for all.
#include "facts/title_cache.hpp"

#include "base/work_permits.hpp"
#include "source/title_api.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <optional>
#include <random>
#include <utility>

namespace runner::facts {

using source::TitleAnswer;
using source::TitleState;
using std::chrono::milliseconds;

namespace {

constexpr std::chrono::seconds longest_pause{3600}; // whatever Retry-After says

milliseconds jittered(milliseconds wait) {
    thread_local std::minstd_rand random{std::random_device{}()};
    std::uniform_int_distribution<milliseconds::rep> half(wait.count() / 2, wait.count());
    return milliseconds{half(random)};
}

} // namespace

TitleCache::TitleCache(std::unique_ptr<source::TitleSource> source, TitleCacheOptions options)
    : source_(std::move(source)), options_(options),
      interval_(std::chrono::nanoseconds(
          1'000'000'000 / std::max<std::uint32_t>(1, options.requests_per_second))) {}

TitleCache::~TitleCache() = default;

TitleCounts TitleCache::counts() const {
    const std::lock_guard lock(mutex_);
    return counts_;
}

TitleCache::Answers TitleCache::look_up(std::span<const std::string> titles) {
    Answers out;
    out.states.assign(titles.size(), TitleState::unknown);
    std::vector<std::pair<std::size_t, FlightPtr>> open;
    std::optional<base::Waiting> waiting; // ends when the lock is open again
    Lock lock(mutex_);
    for (std::size_t i = 0; i < titles.size(); ++i) {
        const auto now = Clock::now();
        if (titles[i].empty()) { // nothing to look up
            out.states[i] = TitleState::missing;
            continue;
        }
        out.states[i] = known(titles[i], now);
        if (out.states[i] != TitleState::unknown)
            ++counts_.hits;
        else if (now < paused_until_ && !flights_.contains(titles[i]))
            out.problem = problem_;
        else
            open.emplace_back(i, board(titles[i]));
        if (!open.empty() && !waiting)
            waiting.emplace();
        if (open.size() == source::TitleSource::max_titles)
            wait(lock, open, out); // others get their turn before the rest
    }
    wait(lock, open, out);
    return out;
}

/// Blocks until these are answered; a waiting thread sends the batch for all.
void TitleCache::wait(Lock& lock, std::vector<std::pair<std::size_t, FlightPtr>>& open,
                      Answers& out) {
    const auto landed = [&] {
        return std::all_of(open.begin(), open.end(), [](const auto& o) { return o.second->done; });
    };
    while (!landed()) {
        if (waiting_.empty() || asking_ >= options_.connections)
            changed_.wait(lock);
        else if (Clock::now() < next_turn_)
            changed_.wait_until(lock, next_turn_); // meanwhile others join the batch
        else
            ask_next(lock);
    }
    for (const auto& [i, flight] : open) {
        out.states[i] = flight->state;
        if (!flight->problem.empty())
            out.problem = flight->problem;
    }
    open.clear();
}

TitleState TitleCache::known(const std::string& title, Clock::time_point now) {
    const auto at = by_title_.find(title);
    if (at == by_title_.end())
        return TitleState::unknown;
    const auto entry = at->second;
    if (entry->until <= now) {
        by_title_.erase(at);
        entries_.erase(entry);
        return TitleState::unknown;
    }
    entries_.splice(entries_.begin(), entries_, entry);
    return entry->exists ? TitleState::exists : TitleState::missing;
}

TitleCache::FlightPtr TitleCache::board(const std::string& title) {
    if (const auto at = flights_.find(title); at != flights_.end())
        return at->second;
    auto flight = std::make_shared<Flight>();
    flight->title = title;
    flight->alone = source::TitleSource::asks_alone(title);
    flights_.emplace(flight->title, flight);
    waiting_.push_back(flight);
    return flight;
}

void TitleCache::keep(const std::string& title, bool exists) {
    const auto age = exists ? options_.found_age : options_.missing_age;
    if (age.count() == 0 || options_.capacity == 0)
        return;
    entries_.push_front({title, exists, Clock::now() + age}); // known() has dropped an older one
    by_title_.emplace(entries_.front().title, entries_.begin());
    while (entries_.size() > options_.capacity) {
        by_title_.erase(entries_.back().title);
        entries_.pop_back();
    }
}

void TitleCache::land(Flight& flight, TitleState state, const std::string& problem) {
    flight.state = state;
    flight.problem = problem;
    flight.done = true;
    if (state != TitleState::unknown) {
        ++counts_.titles;
        keep(flight.title, state == TitleState::exists);
    }
    flights_.erase(flight.title); // last: a waiting thread, or its batch, keeps the flight alive
}

/// In order of arrival; a title that must be requested alone is a batch.
std::vector<TitleCache::FlightPtr> TitleCache::take_batch() {
    std::vector<FlightPtr> batch;
    while (!waiting_.empty() && batch.size() < source::TitleSource::max_titles) {
        if (waiting_.front()->alone && !batch.empty())
            break;
        batch.push_back(std::move(waiting_.front()));
        waiting_.pop_front();
        if (batch.back()->alone)
            break;
    }
    return batch;
}

void TitleCache::ask_next(Lock& lock) {
    const auto batch = take_batch();
    std::vector<std::string> titles;
    for (const FlightPtr& flight : batch)
        titles.push_back(flight->title);
    ++asking_;
    TitleAnswer answer = ask(lock, titles);
    --asking_;
    if (answer.problem.empty() && answer.states.size() != titles.size())
        answer.problem = "no answer for every title";
    if (!answer.problem.empty()) {
        pause(answer);
        for (const FlightPtr& flight : batch)
            land(*flight, TitleState::unknown, answer.problem);
        for (const FlightPtr& flight : waiting_) // they would only wait for the next failure
            land(*flight, TitleState::unknown, answer.problem);
        waiting_.clear();
    } else {
        if (std::exchange(pause_, milliseconds{0}).count() != 0)
            spdlog::info("the API answers again: {} titles were looked up", titles.size());
        for (std::size_t i = 0; i < batch.size(); ++i) {
            if (answer.states[i] != TitleState::unknown || batch.size() == 1) {
                land(*batch[i], answer.states[i],
                     answer.states[i] == TitleState::unknown ? "not answered" : "");
            } else {
                batch[i]->alone = true;
                waiting_.push_back(batch[i]);
            }
        }
    }
    changed_.notify_all();
}

/// The lock is released during requests and waits.
TitleAnswer TitleCache::ask(Lock& lock, const std::vector<std::string>& titles) {
    for (std::uint32_t attempt = 0;; ++attempt) {
        next_turn_ = Clock::now() + interval_;
        lock.unlock();
        TitleAnswer answer;
        try {
            answer = source_->ask(titles);
        } catch (const std::exception& error) {
            answer = {.problem = error.what()};
        }
        lock.lock();
        ++counts_.requests;
        if (answer.problem.empty())
            return answer;
        ++counts_.failures;
        if (!answer.transient || attempt >= options_.retries ||
            answer.retry_after > options_.max_retry_after) {
            if (attempt > 0)
                answer.problem += fmt::format(" ({} attempts)", attempt + 1);
            return answer;
        }
        const milliseconds backoff =
            std::min(options_.backoff_max, options_.backoff * (1U << std::min(attempt, 16U)));
        const auto wait = std::max<milliseconds>(jittered(backoff), answer.retry_after);
        spdlog::debug("{}; retrying in {} ms", answer.problem, wait.count());
        const auto until = Clock::now() + wait;
        while (Clock::now() < std::max(until, next_turn_))
            changed_.wait_until(lock, std::max(until, next_turn_));
    }
}

void TitleCache::pause(const TitleAnswer& answer) {
    if (pause_.count() == 0)
        spdlog::warn("titles can't be looked up: {}", answer.problem);
    pause_ = std::clamp(pause_ * 2, options_.pause, options_.pause_max);
    const auto asked_for = std::min<milliseconds>(answer.retry_after, longest_pause);
    paused_until_ = Clock::now() + std::max(jittered(pause_), asked_for);
    problem_ = answer.problem;
}

unsigned title_waiters(const config::WikiSettings& wiki) noexcept {
    return wiki.commons_api.empty() ? 0 : static_cast<unsigned>(source::TitleSource::max_titles);
}

std::shared_ptr<TitleCache> make_title_cache(const config::WikiSettings& wiki) {
    if (wiki.commons_api.empty())
        return nullptr;
    TitleCacheOptions options;
    options.capacity = wiki.commons_cache_size;
    options.found_age = wiki.commons_found_age;
    options.missing_age = wiki.commons_missing_age;
    options.requests_per_second = wiki.commons_requests_per_second;
    options.connections = wiki.commons_connections;
    options.retries = wiki.commons_retries;
    return std::make_shared<TitleCache>(
        std::make_unique<source::TitleApi>(wiki.commons_api, wiki.commons_timeout,
                                           wiki.commons_connections),
        options);
}

} // namespace runner::facts
