// SPDX-License-Identifier: GPL-2.0-or-later
// Signals are blocked in the pool's threads: they belong to the thread that started the pool.
#include "base/thread_pool.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <csignal>
#include <pthread.h>
#include <sched.h>

namespace runner::base {

unsigned usable_cpus() noexcept {
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) == 0)
        return static_cast<unsigned>(std::max(1, CPU_COUNT(&set)));
    return std::max(1U, std::thread::hardware_concurrency());
}

ThreadPool::ThreadPool(unsigned threads, std::string name, std::size_t max_waiting)
    : name_(std::move(name)), tasks_(max_waiting) {
    const unsigned count = threads == 0 ? usable_cpus() : threads;
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before); // new threads inherit the mask
    try {
        threads_.reserve(count);
        for (unsigned i = 0; i < count; ++i)
            threads_.emplace_back([this, i] { run(i); });
    } catch (...) {
        pthread_sigmask(SIG_SETMASK, &before, nullptr);
        close();
        throw;
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

ThreadPool::~ThreadPool() { close(); }

bool ThreadPool::post(Task task) { return tasks_.push(std::move(task)); }

void ThreadPool::close() {
    tasks_.close();
    for (std::thread& thread : threads_)
        if (thread.joinable())
            thread.join();
}

std::size_t ThreadPool::discard_waiting() { return tasks_.drain().size(); }

void ThreadPool::run(unsigned number) {
    const std::string name = fmt::format("{:.12}-{}", name_, number).substr(0, 15);
    pthread_setname_np(pthread_self(), name.c_str());
    while (auto task = tasks_.pop()) {
        try {
            (*task)();
        } catch (const std::exception& e) {
            spdlog::error("a task of the {} threads failed: {}", name_, e.what());
        }
    }
}

} // namespace runner::base
