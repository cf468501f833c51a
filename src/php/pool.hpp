// SPDX-License-Identifier: GPL-2.0-or-later
// A pool of long-lived workers of one wiki, processes of its maintenance script worker.php: started
// on demand, given one request at a time, replaced after enough requests, a timeout or a crash. The
// request of a worker that died is repeated by another.
#pragma once

#include "base/error.hpp"
#include "config/wiki_settings.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace runner::php {

class Worker;

/// No worker answered: none could be started, the request timed out, or every worker died.
struct WorkersUnavailable : base::UnavailableError {
    using UnavailableError::UnavailableError;
};

struct PoolOptions {
    std::string name; ///< for the log and messages
    std::string wiki; ///< for the log
    std::vector<std::string> command;
    unsigned count = 2;
    std::uint64_t max_requests = 2'000; ///< of one worker; then it is replaced
    std::uint64_t max_bytes = std::uint64_t{512}
                              << 20U; ///< sent by one worker; then it is replaced
    std::chrono::milliseconds start_timeout{30'000};
    std::chrono::milliseconds timeout{60'000}; ///< of one request
    std::chrono::milliseconds idle{300'000};   ///< after which an idle worker ends
    std::chrono::milliseconds backoff{250};    ///< after a start that failed; doubles, with jitter
    std::chrono::milliseconds backoff_max{30'000};
};

/// Since the start of the pool.
struct PoolCounts {
    std::size_t alive = 0; ///< now
    std::size_t busy = 0;  ///< now
    std::uint64_t started = 0;
    std::uint64_t recycled = 0;
    std::uint64_t died = 0;   ///< by themselves, or after an invalid response
    std::uint64_t killed = 0; ///< past their deadline
    std::uint64_t requests = 0;
    std::uint64_t failures = 0; ///< requests without a response
};

enum class Urgency : std::uint8_t {
    normal,
    background, ///< only when no other request waits
};

/// Thread-safe.
class Pool {
public:
    /// Starts a thread, and no worker yet.
    explicit Pool(PoolOptions options);
    /// Waiting callers get WorkersUnavailable. Workers are stopped, slow ones killed.
    ~Pool();
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    /// The worker's response to a request, as JSON text. Throws WorkersUnavailable.
    [[nodiscard]] std::string ask(std::string_view request, Urgency urgency = Urgency::normal);

    /// The greeting of the workers, JSON; starts one if there was none yet. Throws as ask().
    [[nodiscard]] std::string greeting();

    [[nodiscard]] PoolCounts counts() const;
    [[nodiscard]] const std::string& name() const noexcept { return options_.name; }

private:
    using Clock = std::chrono::steady_clock;
    enum class State : std::uint8_t { empty, starting, idle, busy, finished };
    struct Slot {
        State state = State::empty;
        std::unique_ptr<Worker> worker;
        bool greeted = false;
        bool served = false;
        bool stop_now = false; ///< finished: kill it, do not wait for it
        unsigned failures = 0; ///< starts in a row
        Clock::time_point next_start{};
        Clock::time_point idle_since{};
    };
    struct Leaving {
        std::unique_ptr<Worker> worker;
        Clock::time_point until;
    };

    [[nodiscard]] Slot& take(Urgency urgency);
    void give_back(Slot& slot);
    void discard(Slot& slot, const std::string& reason, bool late);
    [[nodiscard]] std::string ask_once(Slot& slot, std::string_view request);
    void greet(Slot& slot);
    [[nodiscard]] Slot* idle_slot();
    [[nodiscard]] bool may_start(std::uint64_t failed_before) const;
    void note_failed_start(Slot& slot);
    void keep();
    void start(Slot& slot, std::unique_lock<std::mutex>& lock);
    void look_after(std::unique_lock<std::mutex>& lock);
    void end_all(std::unique_lock<std::mutex>& lock);

    const PoolOptions options_;
    mutable std::mutex mutex_;
    std::condition_variable freed_;  ///< for calling threads
    std::condition_variable wanted_; ///< for the keeper
    std::vector<Slot> slots_;
    std::vector<Leaving> leaving_;
    std::string greeting_;
    std::string problem_; ///< of the last failure
    std::uint64_t failed_starts_ = 0;
    std::size_t waiting_ = 0;
    std::size_t waiting_in_background_ = 0;
    unsigned next_number_ = 0;
    bool stopping_ = false;
    PoolCounts counts_;
    std::thread keeper_; ///< starts and ends all workers: they die with their thread
};

/// The pool of a wiki's settings php_…; null when `php_command` is empty.
[[nodiscard]] std::shared_ptr<Pool> make_pool(const config::WikiSettings& wiki);

} // namespace runner::php
