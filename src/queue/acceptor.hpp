// SPDX-License-Identifier: GPL-2.0-or-later
// Accepts jobs durably. Requests that arrive while a transaction is being committed are combined
// into the next one, so that a thousand single jobs a second cost few commits.
#pragma once

#include "queue/document_cache.hpp"
#include "store/common/session.hpp"
#include "store/jobs/job.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <vector>

namespace runner::queue {

/// The queue is full; nothing was accepted.
struct QueueFull : base::Error {
    QueueFull(const std::string& what, std::chrono::seconds after)
        : Error(base::ExitCode::temp_fail, what), retry_after(after) {}
    std::chrono::seconds retry_after;
};

struct AcceptorOptions {
    store::DatabaseOptions database;
    std::uint64_t max_length = 1'000'000; ///< jobs that wait, of all wikis
    std::size_t wikis = 0;                ///< that share the queue: see QueueLength
    std::size_t max_batch = 2'000;        ///< jobs in one transaction
    std::size_t max_waiting = 20'000;     ///< jobs that wait for a transaction: above, QueueFull
};

/// One thread with its own session. Thread-safe.
class Acceptor {
public:
    /// Called once, from the acceptor's thread (or from submit() itself when the request is
    /// refused immediately), with either the counts or an error: QueueFull, base::UnavailableError
    /// (nothing is known to be accepted; the caller keeps the jobs), base::DataError. Must not
    /// block and must not throw.
    using Callback = std::function<void(store::Accepted, std::exception_ptr)>;

    /// `jobs_ready` is called after each transaction that made jobs ready, to wake this process's
    /// own workers; it must not block.
    Acceptor(AcceptorOptions options, DocumentCache& documents,
             std::function<void()> jobs_ready = {});
    /// Finishes what was submitted, then ends.
    ~Acceptor();
    Acceptor(const Acceptor&) = delete;
    Acceptor& operator=(const Acceptor&) = delete;

    /// Takes the jobs of one request: all or none. Compresses their documents on the calling
    /// thread. No jobs: answered immediately with zeros.
    void submit(std::vector<store::NewJob> jobs, Callback done);
    [[nodiscard]] std::future<store::Accepted> submit(std::vector<store::NewJob> jobs);

    /// Refuses further requests (with base::UnavailableError) and finishes the pending ones.
    void stop();

    void set_max_length(std::uint64_t max_length);

    /// For /metrics and /readyz.
    struct Status {
        std::uint64_t length = 0;       ///< of the queue, as last counted plus accepted since
        std::uint64_t transactions = 0; ///< committed
        std::uint64_t jobs = 0;         ///< accepted or coalesced
        std::uint64_t refused = 0;      ///< jobs refused because the queue is full
        bool available = true;          ///< the last transaction did not fail for the database
    };
    [[nodiscard]] Status status() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace runner::queue
