// SPDX-License-Identifier: GPL-2.0-or-later
// A bounded queue between threads; producers block when it is full. Elements are only moved.
// Closing it is graceful: consumers can still take the remaining elements.
#pragma once

#include <algorithm>
#include <cassert>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace runner::base {

template <typename T>
class BoundedQueue {
public:
    /// `capacity` is at least 1.
    explicit BoundedQueue(std::size_t capacity) : capacity_(capacity) { assert(capacity > 0); }
    BoundedQueue(const BoundedQueue&) = delete;
    BoundedQueue& operator=(const BoundedQueue&) = delete;

    /// Waits for room. False when the queue is (or gets) closed: `value` is then
    /// unchanged.
    [[nodiscard]] bool push(T&& value) {
        std::unique_lock lock(mutex_);
        room_.wait(lock, [this] { return closed_ || items_.size() < capacity_; });
        return put(lock, std::move(value));
    }

    /// Does not wait. False when full or closed; `value` is then unchanged.
    [[nodiscard]] bool try_push(T&& value) {
        std::unique_lock lock(mutex_);
        if (items_.size() >= capacity_)
            return false;
        return put(lock, std::move(value));
    }

    /// Waits for an element. Empty once the queue is closed and has nothing left.
    [[nodiscard]] std::optional<T> pop() {
        std::unique_lock lock(mutex_);
        filled_.wait(lock, [this] { return closed_ || !items_.empty(); });
        return take(lock);
    }

    /// As pop(), for at most `timeout`; empty also when nothing came (see closed()).
    template <typename Rep, typename Period>
    [[nodiscard]] std::optional<T> pop_for(std::chrono::duration<Rep, Period> timeout) {
        std::unique_lock lock(mutex_);
        filled_.wait_for(lock, timeout, [this] { return closed_ || !items_.empty(); });
        return take(lock);
    }

    /// Waits for the first element and takes what else is there, up to `max` in all, oldest
    /// first. Empty once the queue is closed and has nothing left.
    [[nodiscard]] std::vector<T> pop_some(std::size_t max) {
        std::unique_lock lock(mutex_);
        filled_.wait(lock, [this] { return closed_ || !items_.empty(); });
        return take_some(lock, max);
    }

    /// Takes everything that is there now, without waiting.
    [[nodiscard]] std::vector<T> drain() {
        std::unique_lock lock(mutex_);
        return take_some(lock, items_.size());
    }

    /// Refuses new elements from now on; the remaining ones stay. Wakes all waiting threads.
    void close() {
        {
            const std::lock_guard lock(mutex_);
            closed_ = true;
        }
        room_.notify_all();
        filled_.notify_all();
    }

    [[nodiscard]] bool closed() const {
        const std::lock_guard lock(mutex_);
        return closed_;
    }
    [[nodiscard]] std::size_t size() const {
        const std::lock_guard lock(mutex_);
        return items_.size();
    }
    [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }

private:
    bool put(std::unique_lock<std::mutex>& lock, T&& value) {
        if (closed_)
            return false;
        items_.push_back(std::move(value));
        lock.unlock();
        filled_.notify_one();
        return true;
    }

    std::optional<T> take(std::unique_lock<std::mutex>& lock) {
        if (items_.empty())
            return std::nullopt;
        std::optional<T> value(std::move(items_.front()));
        items_.pop_front();
        lock.unlock();
        room_.notify_one();
        return value;
    }

    std::vector<T> take_some(std::unique_lock<std::mutex>& lock, std::size_t max) {
        std::vector<T> values;
        const std::size_t count = std::min(max, items_.size());
        values.reserve(count);
        for (std::size_t i = 0; i < count; ++i) {
            values.push_back(std::move(items_.front()));
            items_.pop_front();
        }
        lock.unlock();
        room_.notify_all();
        return values;
    }

    const std::size_t capacity_;
    mutable std::mutex mutex_;
    std::condition_variable room_;
    std::condition_variable filled_;
    std::deque<T> items_;
    bool closed_ = false;
};

} // namespace runner::base
