// SPDX-License-Identifier: GPL-2.0-or-later
// A fixed number of threads that run tasks in the order they came. Tasks are move-only
// callables; the number of waiting tasks may be bounded.
#pragma once

#include "base/bounded_queue.hpp"

#include <cstddef>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace runner::base {

/// A callable without arguments that can be moved but need not be copied (C++23's
/// move_only_function, as far as it is needed here).
class Task {
public:
    Task() = default;
    template <typename F>
    requires(!std::is_same_v<std::decay_t<F>, Task>)
        Task(F&& f) // NOLINT(google-explicit-constructor): a callable is a task
        : callable_(std::make_unique<Holder<std::decay_t<F>>>(std::forward<F>(f))) {}

    void operator()() { callable_->call(); }
    explicit operator bool() const noexcept { return callable_ != nullptr; }

private:
    struct Callable {
        virtual ~Callable() = default;
        virtual void call() = 0;
    };
    template <typename F>
    struct Holder final : Callable {
        template <typename G>
        explicit Holder(G&& g) : f(std::forward<G>(g)) {}
        void call() override { std::invoke(f); }
        F f;
    };
    std::unique_ptr<Callable> callable_;
};

class ThreadPool {
public:
    /// `threads` 0 means one per CPU that the process may use. `name` is what `top -H` shows (15
    /// characters at most). `max_waiting` bounds the tasks that wait: post() blocks beyond it.
    explicit ThreadPool(unsigned threads, std::string name = "worker",
                        std::size_t max_waiting = 1 << 20);
    /// Runs what waits, then ends the threads.
    ~ThreadPool();
    ThreadPool(const ThreadPool&) = delete;
    ThreadPool& operator=(const ThreadPool&) = delete;

    /// Adds a task; false when the pool is closed. An exception that leaves the task is
    /// logged and lost: use submit() where the caller wants it.
    bool post(Task task);

    /// As post(), with the value or exception in a future. Throws std::logic_error when closed.
    template <typename F>
    [[nodiscard]] auto submit(F&& f) -> std::future<std::invoke_result_t<std::decay_t<F>&>> {
        using Result = std::invoke_result_t<std::decay_t<F>&>;
        std::packaged_task<Result()> task(std::forward<F>(f));
        auto future = task.get_future();
        if (!post(Task(std::move(task))))
            throw std::logic_error("submit() to a closed thread pool");
        return future;
    }

    /// Refuses further tasks; returns when all are done. Not from a task of this pool.
    void close();
    /// Throws away what waits (not what runs); returns how many tasks that were.
    std::size_t discard_waiting();

    [[nodiscard]] unsigned size() const noexcept { return static_cast<unsigned>(threads_.size()); }
    [[nodiscard]] std::size_t waiting() const { return tasks_.size(); }

private:
    void run(unsigned number);

    std::string name_;
    BoundedQueue<Task> tasks_;
    std::vector<std::thread> threads_;
};

/// The number of CPUs that this process may use (its affinity mask), at least 1.
[[nodiscard]] unsigned usable_cpus() noexcept;

} // namespace runner::base
