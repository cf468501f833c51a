// SPDX-License-Identifier: GPL-2.0-or-later
// Clients that wait for the end of an import: one thread looks for all of them, whichever runner
// carries the import out.
#pragma once

#include "api/backend.hpp"
#include "base/clock.hpp"
#include "store/common/session.hpp"
#include "store/imports/import.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace runner::app {

/// Thread-safe.
class ImportWatch {
public:
    using Reply = api::Reply<std::optional<store::ImportRow>>;

    /// `sessions` outlives it.
    explicit ImportWatch(store::SessionPool& sessions);
    /// As stop().
    ~ImportWatch();
    ImportWatch(const ImportWatch&) = delete;
    ImportWatch& operator=(const ImportWatch&) = delete;

    /// Answers once the import is over or paused, or is not there, and after `at_most` with what
    /// it is then. Throws base::UnavailableError when too many wait.
    void wait(std::uint64_t id, std::chrono::milliseconds at_most, Reply reply);
    /// Waiting and later requests fail because the runner is stopping.
    void stop();

private:
    struct Waiting {
        std::uint64_t id = 0;
        std::chrono::steady_clock::time_point until;
        Reply reply;
    };
    struct Answer {
        std::optional<store::ImportRow> row;
        std::exception_ptr error;
    };
    void work();
    [[nodiscard]] Answer look(std::uint64_t id);

    store::SessionPool& sessions_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool stopping_ = false;
    std::vector<Waiting> waiting_;
    std::thread thread_;
};

} // namespace runner::app
