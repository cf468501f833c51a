// SPDX-License-Identifier: GPL-2.0-or-later
// `POST /v1/check`: a result now. A result that is there and new enough is the answer; otherwise
// a job goes into the queue ahead of all others, and whoever asked for that entity waits for it,
// so that many who ask for one entity cost one check.
#pragma once

#include "api/backend.hpp"
#include "app/check_job.hpp"
#include "app/wiki.hpp"
#include "base/thread_pool.hpp"
#include "store/session.hpp"

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

namespace runner::app {

/// Thread-safe.
class CheckService {
public:
    using Reply = api::Reply<store::ResultRow>;
    using Submit =
        std::function<void(std::vector<store::NewJob>, api::Reply<store::Accepted>)>;

    CheckService(Wikis& wikis, store::SessionPool& sessions, base::ThreadPool& pool,
                 Submit submit);
    /// Whoever still waits is told that the runner stops.
    ~CheckService();
    CheckService(const CheckService&) = delete;
    CheckService& operator=(const CheckService&) = delete;

    /// Answers everyone who waits with 503, now and from now on.
    void stop();

    void check(api::CheckRequest request, Reply reply);
    /// An attempt of this process ended.
    void ended(const JobEnd& end);
    /// A result was stored by some runner.
    void changed(const store::EntityKey& key);

private:
    using Clock = std::chrono::steady_clock;
    struct Waiter {
        std::uint64_t number = 0;
        std::uint64_t revision = 0; ///< that is good enough
        std::string other_than;     ///< `checked_at` of the result that is not
        Clock::time_point deadline;
        Reply reply;
    };

    void look(const store::EntityKey& key, std::uint64_t number, std::uint64_t revision,
              const std::string& other_than);
    void submit_job(const store::EntityKey& key, std::uint64_t revision);
    [[nodiscard]] std::optional<store::ResultRow> stored(const store::EntityKey& key);
    void look_again(const store::EntityKey& key);
    void answer(const store::EntityKey& key, const store::ResultRow& row);
    void fail(const store::EntityKey& key, const std::exception_ptr& error);
    [[nodiscard]] std::vector<Reply> take(const store::EntityKey& key,
                                          const std::function<bool(const Waiter&)>& which);
    void clock_loop();

    Wikis& wikis_;
    store::SessionPool& sessions_;
    base::ThreadPool& pool_;
    Submit submit_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<store::EntityKey, std::vector<Waiter>> waiters_;
    std::uint64_t next_number_ = 0;
    bool stopping_ = false;
    std::thread clock_;
};

} // namespace runner::app
