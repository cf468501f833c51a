// SPDX-License-Identifier: GPL-2.0-or-later
// More threads than CPUs, of which at most N run at once: a thread that blocks on I/O lends its
// permit to another. So many slow responses can be awaited together without more threads competing
// for the CPUs.
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

/// Holds a permit of this thread while it lives. Must not be nested.
class Working {
public:
    explicit Working(WorkPermits& permits);
    ~Working();
    Working(const Working&) = delete;
    Working& operator=(const Working&) = delete;
};

/// Lends the permit of this thread, which is about to wait, to others while it lives. The
/// destructor waits for a permit, so no lock may be held then. Does nothing in a thread without a
/// permit.
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
