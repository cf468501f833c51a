// SPDX-License-Identifier: GPL-2.0-or-later
// See import_watch.hpp.
#include "app/serving/import_watch.hpp"

#include "base/error.hpp"
#include "store/imports/import_store.hpp"

#include <algorithm>
#include <utility>

namespace runner::app {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds look_interval{300};
constexpr std::size_t most_waiting = 1'000;

bool is_over(const std::optional<store::ImportRow>& row) {
    return !row ||
           (row->status != "queued" && row->status != "running" && row->status != "waiting");
}

} // namespace

ImportWatch::ImportWatch(store::SessionPool& sessions)
    : sessions_(sessions), thread_([this] { work(); }) {}

ImportWatch::~ImportWatch() {
    stop();
    thread_.join();
}

void ImportWatch::wait(std::uint64_t id, std::chrono::milliseconds at_most, Reply reply) {
    {
        const std::lock_guard lock(mutex_);
        if (stopping_)
            throw base::UnavailableError("the runner is stopping");
        if (waiting_.size() >= most_waiting)
            throw base::UnavailableError("too many requests wait for imports");
        waiting_.push_back({id, Clock::now() + at_most, std::move(reply)});
    }
    changed_.notify_all();
}

void ImportWatch::stop() {
    std::vector<Waiting> waiting;
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        waiting.swap(waiting_);
    }
    changed_.notify_all();
    for (const Waiting& each : waiting)
        each.reply({}, std::make_exception_ptr(base::UnavailableError("the runner is stopping")));
}

ImportWatch::Answer ImportWatch::look(std::uint64_t id) {
    try {
        const auto session = sessions_.borrow();
        return {store::ImportStore(*session).get(id), nullptr};
    } catch (...) {
        return {std::nullopt, std::current_exception()};
    }
}

void ImportWatch::work() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        if (waiting_.empty()) {
            changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
            continue;
        }
        std::map<std::uint64_t, Answer> answers;
        for (const Waiting& each : waiting_)
            answers.try_emplace(each.id);
        lock.unlock();
        for (auto& [id, answer] : answers)
            answer = look(id);
        const auto now = Clock::now();
        lock.lock();
        std::vector<Waiting> ready;
        const auto stays = [&](const Waiting& each) {
            const auto answer = answers.find(each.id); // later requests are not among them
            return answer == answers.end() ||
                   (now < each.until && (answer->second.error || !is_over(answer->second.row)));
        };
        const auto first = std::stable_partition(waiting_.begin(), waiting_.end(), stays);
        ready.assign(std::make_move_iterator(first), std::make_move_iterator(waiting_.end()));
        waiting_.erase(first, waiting_.end());
        lock.unlock();
        for (const Waiting& each : ready) {
            const Answer& answer = answers.at(each.id);
            each.reply(answer.error ? std::nullopt : answer.row, answer.error);
        }
        lock.lock();
        changed_.wait_for(lock, look_interval, [this] { return stopping_; });
    }
}

} // namespace runner::app
