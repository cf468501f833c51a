// SPDX-License-Identifier: GPL-2.0-or-later
// The parts of the daemon in one ordered list: started in its order, stopped in reverse, and asked
// for their numbers.
#pragma once

#include "ops/metrics.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace runner::app {

/// What the list knows of a part; null: nothing to do.
struct Part {
    std::function<void()> start = {}; ///< needs the database and its schema
    std::function<void()> stop = {};  ///< also of one that was not started, or stopped before
    std::function<void(ops::Snapshot&)> report = {}; ///< thread-safe, at any time
};

class Parts {
public:
    void add(Part part) { parts_.push_back(std::move(part)); }
    /// Those of `part`'s functions start(), stop() (or close()) and report() that it has.
    template <typename T>
    void add(T& part) {
        Part row;
        if constexpr (requires { part.start(); })
            row.start = [&part] { part.start(); };
        if constexpr (requires { part.stop(); })
            row.stop = [&part] { part.stop(); };
        else if constexpr (requires { part.close(); })
            row.stop = [&part] { part.close(); };
        if constexpr (requires(ops::Snapshot & snapshot) { part.report(snapshot); })
            row.report = [&part](ops::Snapshot& snapshot) { part.report(snapshot); };
        add(std::move(row));
    }

    /// After an exception of a part: goes on with that part.
    void start() {
        for (; started_ < parts_.size(); ++started_)
            if (parts_[started_].start)
                parts_[started_].start();
    }
    /// Not while start() runs, unless the last part's stop() ends that.
    void stop() {
        for (auto part = parts_.rbegin(); part != parts_.rend(); ++part)
            if (part->stop)
                part->stop();
    }
    void report(ops::Snapshot& snapshot) const {
        for (const Part& part : parts_)
            if (part.report)
                part.report(snapshot);
    }

private:
    std::vector<Part> parts_;
    std::size_t started_ = 0;
};

/// A part that exists from start() to stop() only. Thread-safe.
template <typename T>
class Late {
public:
    explicit Late(std::function<std::unique_ptr<T>()> make) : make_(std::move(make)) {}

    /// Once: further calls do nothing.
    void start() {
        if (get() != nullptr)
            return;
        std::shared_ptr<T> made = make_();
        const std::lock_guard lock(mutex_);
        part_ = std::move(made);
    }
    void stop() {
        std::shared_ptr<T> part; // ends without the lock: its threads may look for it
        const std::lock_guard lock(mutex_);
        part.swap(part_);
    }
    void report(ops::Snapshot& snapshot) const requires requires(T& part) { part.report(snapshot); }
    {
        if (const auto part = get())
            part->report(snapshot);
    }
    /// Null before start() and after stop().
    [[nodiscard]] std::shared_ptr<T> get() const {
        const std::lock_guard lock(mutex_);
        return part_;
    }

private:
    const std::function<std::unique_ptr<T>()> make_;
    mutable std::mutex mutex_;
    std::shared_ptr<T> part_;
};

} // namespace runner::app
