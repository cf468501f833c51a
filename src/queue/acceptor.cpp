// SPDX-License-Identifier: GPL-2.0-or-later
// Group commit of accepted jobs: see acceptor.hpp.
#include "queue/acceptor.hpp"

#include "queue/queue_length.hpp"
#include "store/jobs/document_codec.hpp"
#include "store/jobs/job_table.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

namespace runner::queue {

namespace {

// compressed documents in one transaction; one larger request still goes alone
constexpr std::size_t max_batch_bytes = std::size_t{16} << 20;

struct Request {
    std::vector<store::NewJob> jobs;
    Acceptor::Callback done;
    std::size_t bytes = 0;
};

} // namespace

struct Acceptor::Impl {
    Impl(AcceptorOptions o, DocumentCache& d, std::function<void()> ready)
        : options(std::move(o)), documents(d), jobs_ready(std::move(ready)),
          session(options.database), table(session),
          length(table, options.max_length, options.wikis), thread([this] { run(); }) {}

    void run();
    std::vector<Request> take();
    std::vector<Request> with_room(std::vector<Request> requests);
    void commit(std::vector<Request> requests);
    void answer_each_alone(std::vector<Request> requests);
    void note(const std::function<void(Status&)>& change) {
        const std::lock_guard lock(mutex);
        change(status);
    }

    AcceptorOptions options;
    DocumentCache& documents;
    std::function<void()> jobs_ready;
    store::Session session;
    store::JobTable table;
    QueueLength length; // of the acceptor's thread, but for its maximum

    mutable std::mutex mutex;
    std::condition_variable arrived;
    std::deque<Request> waiting;
    std::size_t waiting_jobs = 0;
    bool stopping = false;
    Status status;

    std::once_flag joined;
    std::thread thread; // last: it uses all the others
};

void Acceptor::Impl::run() {
    for (;;) {
        auto requests = take();
        if (requests.empty())
            return;
        commit(with_room(std::move(requests)));
    }
}

// Waits; empty at the end.
std::vector<Request> Acceptor::Impl::take() {
    std::vector<Request> taken;
    std::unique_lock lock(mutex);
    arrived.wait(lock, [this] { return stopping || !waiting.empty(); });
    std::size_t jobs = 0;
    std::size_t bytes = 0;
    while (!waiting.empty()) {
        const Request& next = waiting.front();
        if (!taken.empty() &&
            (jobs + next.jobs.size() > options.max_batch || bytes + next.bytes > max_batch_bytes))
            break;
        jobs += next.jobs.size();
        bytes += next.bytes;
        taken.push_back(std::move(waiting.front()));
        waiting.pop_front();
    }
    waiting_jobs -= jobs;
    return taken;
}

// Refuses those for which the queue has no room.
std::vector<Request> Acceptor::Impl::with_room(std::vector<Request> requests) {
    std::vector<Request> fitting;
    WikiJobs jobs;
    for (Request& request : requests) {
        std::exception_ptr error;
        try {
            WikiJobs with_these = jobs;
            for (const store::NewJob& job : request.jobs)
                ++with_these[job.key.wiki];
            if (length.has_room(with_these)) {
                jobs = std::move(with_these);
                fitting.push_back(std::move(request));
                continue;
            }
            error = std::make_exception_ptr(
                QueueFull("the queue is full: " + std::to_string(length.estimate()) +
                              " jobs wait, " + std::to_string(length.max()) + " may",
                          length.retry_after(request.jobs.size())));
            note([&](Status& s) { s.refused += request.jobs.size(); });
        } catch (...) {
            error = std::current_exception();
            note([](Status& s) { s.available = false; });
        }
        request.done({}, error);
    }
    note([this](Status& s) { s.length = length.estimate(); });
    return fitting;
}

void Acceptor::Impl::commit(std::vector<Request> requests) {
    if (requests.empty())
        return;
    std::vector<store::NewJob> jobs;
    for (const Request& request : requests)
        for (const store::NewJob& job : request.jobs) {
            // before the commit: a worker may be quicker than this thread
            documents.put(job.key, job.revision, job.document);
            jobs.push_back(job);
        }
    std::vector<bool> is_new;
    const auto refuse = [&] {
        const auto error = std::current_exception();
        length.forget(); // unknown: the commit may have happened
        note([](Status& s) { s.available = false; });
        for (Request& request : requests)
            request.done({}, error);
    };
    try {
        is_new = table.accept(jobs);
    } catch (const store::UnknownError&) { // one of them may be the reason
        return requests.size() > 1 ? answer_each_alone(std::move(requests)) : refuse();
    } catch (const base::UnavailableError&) {
        return refuse();
    } catch (...) {
        if (requests.size() > 1)
            return answer_each_alone(std::move(requests));
        for (const store::NewJob& job : jobs)
            documents.forget(job.key, job.revision);
        requests.front().done({}, std::current_exception());
        return;
    }
    for (std::size_t i = 0; i < jobs.size(); ++i)
        if (is_new[i])
            length.added(jobs[i].key.wiki);
    note([&](Status& s) {
        s.available = true;
        s.length = length.estimate();
        ++s.transactions;
        s.jobs += jobs.size();
    });
    if (jobs_ready)
        jobs_ready();
    std::size_t position = 0;
    for (Request& request : requests) {
        store::Accepted counts;
        for (std::size_t i = 0; i < request.jobs.size(); ++i, ++position)
            ++(is_new[position] ? counts.accepted : counts.coalesced);
        request.done(counts, nullptr);
    }
}

// One of them contains data that the database rejects; the others must not suffer.
void Acceptor::Impl::answer_each_alone(std::vector<Request> requests) {
    for (Request& request : requests) {
        std::vector<Request> alone;
        alone.push_back(std::move(request));
        commit(std::move(alone));
    }
}

Acceptor::Acceptor(AcceptorOptions options, DocumentCache& documents,
                   std::function<void()> jobs_ready)
    : impl_(std::make_unique<Impl>(std::move(options), documents, std::move(jobs_ready))) {}

Acceptor::~Acceptor() { stop(); }

void Acceptor::submit(std::vector<store::NewJob> jobs, Callback done) {
    if (jobs.empty())
        return done({}, nullptr);
    Request request;
    std::exception_ptr refused;
    try {
        for (store::NewJob& job : jobs) {
            if (job.document && job.compressed.empty())
                job.compressed = store::compress_document(*job.document);
            request.bytes += job.compressed.size();
        }
        request.jobs = std::move(jobs);
        const std::lock_guard lock(impl_->mutex);
        if (impl_->stopping)
            throw base::UnavailableError("the runner is stopping");
        if (impl_->waiting_jobs + request.jobs.size() > impl_->options.max_waiting &&
            !impl_->waiting.empty()) {
            impl_->status.refused += request.jobs.size();
            throw QueueFull("too many jobs wait to be written to the database",
                            std::chrono::seconds(1));
        }
        impl_->waiting_jobs += request.jobs.size();
        request.done = done;
        impl_->waiting.push_back(std::move(request));
    } catch (...) {
        refused = std::current_exception();
    }
    if (refused)
        return done({}, refused);
    impl_->arrived.notify_one();
}

std::future<store::Accepted> Acceptor::submit(std::vector<store::NewJob> jobs) {
    auto promise = std::make_shared<std::promise<store::Accepted>>();
    auto future = promise->get_future();
    submit(std::move(jobs), [promise](store::Accepted counts, const std::exception_ptr& error) {
        if (error)
            promise->set_exception(error);
        else
            promise->set_value(counts);
    });
    return future;
}

void Acceptor::stop() {
    {
        const std::lock_guard lock(impl_->mutex);
        impl_->stopping = true;
    }
    impl_->arrived.notify_all();
    std::call_once(impl_->joined, [this] { impl_->thread.join(); });
}

void Acceptor::set_max_length(std::uint64_t max_length) { impl_->length.set_max(max_length); }

Acceptor::Status Acceptor::status() const {
    const std::lock_guard lock(impl_->mutex);
    return impl_->status;
}

} // namespace runner::queue
