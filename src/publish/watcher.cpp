// SPDX-License-Identifier: GPL-2.0-or-later
// The listening thread: see watcher.hpp.
#include "publish/watcher.hpp"

#include <spdlog/spdlog.h>

#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>
#include <utility>

namespace runner::publish {

namespace {

using namespace std::chrono_literals;
constexpr auto at_least_between = 20ms;
constexpr auto wait_at_once = 1s; // a silent connection is looked at that often

} // namespace

struct Watcher::Impl {
    Impl(store::DatabaseOptions options, Handlers h)
        : handlers(std::move(h)), pause(options.backoff_base), listener(std::move(options)),
          thread([this](const std::stop_token& stop) { run(stop); }) {}

    ~Impl() {
        thread.request_stop();
        listener.wake();
    }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    void run(const std::stop_token& stop);
    void tell(const store::Notifications& news);

    Handlers handlers;
    std::chrono::milliseconds pause;
    store::Listener listener;
    std::mutex mutex;
    std::condition_variable_any stopped;
    bool available = false;
    std::jthread thread; // last: it uses all the others
};

void Watcher::Impl::run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        try {
            const store::Notifications news = listener.wait(wait_at_once);
            tell(news);
            if (news.jobs || news.results) { // what comes meanwhile is one more
                std::unique_lock lock(mutex);
                stopped.wait_for(lock, stop, at_least_between, [] { return false; });
            }
        } catch (const std::exception& error) {
            if (available) {
                spdlog::warn("notifications are off: {}", error.what());
                available = false;
                if (handlers.available)
                    handlers.available(false);
            }
            std::unique_lock lock(mutex);
            stopped.wait_for(lock, stop, pause, [] { return false; });
        }
    }
}

void Watcher::Impl::tell(const store::Notifications& news) {
    if (news.connected_anew && !available) {
        available = true;
        if (handlers.available)
            handlers.available(true);
    }
    if ((news.jobs || news.connected_anew) && handlers.jobs_ready)
        handlers.jobs_ready();
    if ((news.results || news.connected_anew) && handlers.results_changed)
        handlers.results_changed();
}

Watcher::Watcher(store::DatabaseOptions options, Handlers handlers)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(handlers))) {}

Watcher::~Watcher() = default;

} // namespace runner::publish
