// SPDX-License-Identifier: GPL-2.0-or-later
// The removal of a wiki in the daemon: on a database query thread.
#pragma once

#include "api/wiki_handlers.hpp"
#include "base/thread_pool.hpp"
#include "store/common/session.hpp"

#include <string>

namespace runner::app {

/// Thread-safe.
class WikiRemoval final : public api::WikisBackend {
public:
    /// Both references outlive it.
    WikiRemoval(store::SessionPool& sessions, base::ThreadPool& pool)
        : sessions_(sessions), pool_(pool) {}

    void remove(std::string wiki, api::Reply<store::WikiRemoved> reply) override;

private:
    store::SessionPool& sessions_;
    base::ThreadPool& pool_;
};

} // namespace runner::app
