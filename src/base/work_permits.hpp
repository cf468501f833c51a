// SPDX-License-Identifier: GPL-2.0-or-later
// More threads than CPUs, of which no more than so many work at once: who waits for a slow answer
// lends the permit to another. So many answers can be waited for together, without more threads
// competing for the CPUs.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>

namespace runner::base {

/// Thread-safe.
class WorkPermits {
public:
    explicit WorkPermits(std::size_t count) : free_(count) {}

    void acquire();
    void release();

private:
    std::mutex mutex_;
    std::condition_variable released_;
    std::size_t free_;
};

/// This thread works, with a permit, as long as this lives. Not to be nested.
class Working {
public:
    explicit Working(WorkPermits& permits);
    ~Working();
    Working(const Working&) = delete;
    Working& operator=(const Working&) = delete;
};

/// This thread waits: what permit it has is free for others as long as this lives. The destructor
/// waits for a permit, so no lock may be held then. Does nothing in a thread without one.
class Waiting {
public:
    Waiting();
    ~Waiting();
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;

private:
    WorkPermits* lent_;
};

} // namespace runner::base
