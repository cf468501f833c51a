// SPDX-License-Identifier: GPL-2.0-or-later
// `POST /v1/check`: a result now. A stored result that is new enough is the answer; otherwise a job
// is queued ahead of all others, and the requests for that entity wait for it, so that many
// requests for one entity cost one check. Waiting occupies no thread: one thread polls the stored
// results of all waiting requests, with one query, and a few ask the wikis for revisions.
#pragma once

#include "api/backend.hpp"
#include "app/line/check_job.hpp"
#include "app/line/wiki.hpp"
#include "base/thread_pool.hpp"
#include "store/common/session.hpp"
#include "store/results/result_state.hpp"

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace runner::app {

/// How many requests may wait.
struct CheckLimits {
    std::size_t all = 600;
    std::size_t per_wiki = 200;
    std::size_t per_client = 400; ///< of one user of the socket, or all of TCP
    unsigned asks_per_wiki = 2;   ///< questions for revisions at the same time
};

/// Thread-safe.
class CheckService {
public:
    using Reply = api::Reply<store::ResultRow>;
    using Submit = std::function<void(std::vector<store::NewJob>, api::Reply<store::Accepted>)>;

    CheckService(Wikis& wikis, const store::DatabaseOptions& database, Submit submit,
                 CheckLimits limits = {});
    ~CheckService() { stop(); }
    CheckService(const CheckService&) = delete;
    CheckService& operator=(const CheckService&) = delete;

    /// Answers all waiting and later requests with 503.
    void drain();
    /// As drain(), and ends the threads.
    void stop();

    /// Throws api::ApiError (503) when too many wait.
    void check(api::CheckRequest request, Reply reply);
    /// An attempt of this process ended.
    void ended(const JobEnd& end);
    /// Results may have been stored by other runners. Calls are coalesced into an occasional
    /// poll.
    void results_changed();

    [[nodiscard]] std::size_t waiting() const;
    void report(ops::Snapshot& snapshot) const { snapshot.checks_waiting = waiting(); }

private:
    using Clock = std::chrono::steady_clock;
    struct Waiter {
        enum class State : unsigned char { begun, asks, asked, job };
        std::uint64_t number = 0;
        std::uint64_t revision = 0;  ///< that is good enough
        bool knows_revision = false; ///< else the wiki is asked
        bool gone = false;           ///< deleted, says the wiki: only a later result will do
        std::string other_than;      ///< `checked_at` of the result that is not good enough
        std::string client;
        Clock::time_point deadline;
        Reply reply;
        State state = State::begun;
    };
    using Waiters = std::map<store::EntityKey, std::vector<Waiter>>;
    struct Asks {
        unsigned running = 0;
        std::deque<store::EntityKey> waiting;
    };

    void require_room(const api::CheckRequest& request) const;
    void look_loop();
    void look(store::Session& session, const std::vector<store::EntityKey>& keys);
    [[nodiscard]] bool is_good(const Waiter& waiter, std::uint64_t revision,
                               const std::string& checked_at) const;
    void go_on(store::Session& session, const store::EntityKey& key,
               const store::ResultState* stored);
    void ask(const store::EntityKey& key);
    void ask_next(const std::string& wiki);
    void ask_now(const store::EntityKey& key);
    void submit_job(const store::EntityKey& key, std::uint64_t revision);
    void fail(const store::EntityKey& key, const std::exception_ptr& error);
    [[nodiscard]] std::vector<Reply> take(const store::EntityKey& key,
                                          const std::function<bool(const Waiter&)>& which);
    void clock_loop();

    Wikis& wikis_;
    const store::DatabaseOptions database_;
    const Submit submit_;
    const CheckLimits limits_;
    mutable std::mutex mutex_;
    std::condition_variable deadlines_changed_;
    std::condition_variable look_wanted_;
    Waiters waiters_;
    std::size_t count_ = 0;
    std::map<std::string, std::size_t> by_wiki_;
    std::map<std::string, std::size_t> by_client_;
    std::set<store::EntityKey> to_look_at_;   ///< at once
    std::set<store::EntityKey> pages_stored_; ///< forms and senses whose lexeme was just stored
    bool hint_ = false;                       ///< look at all, soon
    std::map<std::string, Asks> asks_;
    std::uint64_t next_number_ = 0;
    bool stopping_ = false;
    base::ThreadPool askers_;
    std::thread looker_;
    std::thread clock_;
};

} // namespace runner::app
