// SPDX-License-Identifier: GPL-2.0-or-later
// The blocks of a dump, worked on by many threads and handed on in their order. Each thread reads
// a block and processes it without waiting, unless it is far ahead: so memory is bounded by the
// number of threads, and no thread stands idle beside a queue.
#pragma once

#include "base/in_threads.hpp"
#include "base/work_permits.hpp"
#include "source/block_reader.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <map>
#include <mutex>
#include <time.h>
#include <utility>
#include <vector>

namespace runner::bulk {

/// Processor time of the calling thread, in nanoseconds.
inline std::int64_t thread_time() noexcept {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

struct Threads {
    unsigned working = 1; ///< that work at once
    unsigned waiting = 0; ///< more, that wait for titles of Commons
};

/// Calls `work(block) -> Result` for every block of `reader`, in several threads, and
/// `take(block number, Result)` in the order of the blocks, one at a time; `take` may return false
/// to end early. The first exception of any ends it, and is thrown. Returns the nanoseconds that
/// reading took.
template <typename Result, typename Work, typename Take>
std::int64_t for_each_block(source::BlockReader& reader, const Threads& threads, Work work,
                            Take take) {
    const unsigned count = threads.working + threads.waiting;
    const std::uint64_t most_ahead = std::uint64_t{2} * count + 2;
    std::mutex reading;
    std::mutex mutex; // of what follows
    std::condition_variable taken_one;
    std::map<std::uint64_t, Result> finished;
    std::uint64_t taken = 0;
    bool stop = false;  ///< no more blocks are read
    bool ended = false; ///< none is taken any more
    std::exception_ptr broken;
    std::int64_t read_ns = 0; // spent reading
    base::WorkPermits permits(threads.working);

    const auto next = [&](source::LineBlock& block) {
        const std::lock_guard lock(reading);
        {
            const std::lock_guard state(mutex);
            if (stop)
                return false;
        }
        const std::int64_t began = thread_time();
        const bool more = reader.next(block);
        read_ns += thread_time() - began;
        if (!more) {
            const std::lock_guard state(mutex);
            stop = true;
        }
        return more;
    };
    std::mutex taking; // held while `take` runs, and never while waiting
    const auto hand_on = [&](std::uint64_t number, Result result) {
        std::unique_lock lock(mutex);
        finished.emplace(number, std::move(result));
        while (!broken && !ended && !finished.empty() && finished.begin()->first == taken) {
            std::unique_lock mine(taking, std::try_to_lock);
            if (!mine)
                break; // its holder looks again before unlocking
            auto node = finished.extract(finished.begin());
            lock.unlock();
            const bool more = take(node.key(), std::move(node.mapped()));
            lock.lock();
            ++taken;
            ended = !more;
            stop = stop || ended;
            taken_one.notify_all();
        }
        taken_one.wait(lock, [&] { return broken || ended || number < taken + most_ahead; });
    };
    const auto run = [&] {
        try {
            source::LineBlock block;
            while (next(block)) {
                Result result = [&] {
                    const base::Working working(permits);
                    return work(block);
                }();
                hand_on(block.number, std::move(result));
            }
        } catch (...) {
            const std::lock_guard lock(mutex);
            if (!broken)
                broken = std::current_exception();
            stop = true;
            taken_one.notify_all();
        }
    };
    base::in_threads(count, run);
    if (broken)
        std::rethrow_exception(broken);
    return read_ns;
}

} // namespace runner::bulk
