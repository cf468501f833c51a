// SPDX-License-Identifier: GPL-2.0-or-later
// What an operator does to a running runner: pause and resume wikis, give waiting jobs another
// priority, reload the configuration, drain and end.
#pragma once

#include "api/backend.hpp"
#include "api/router.hpp"
#include "store/jobs/job_table.hpp"
#include "store/jobs/pause_table.hpp"

#include <string>
#include <vector>

namespace runner::api {

/// What a reload changed: keys of settings, and ids of wikis.
struct Reloaded {
    std::vector<std::string> applied;
    std::vector<std::string> need_restart;
    std::vector<std::string> added;
};

/// The handlers' dependency; no call blocks.
class ControlBackend {
public:
    virtual ~ControlBackend() = default;

    /// `wiki` empty: all. Both reply with all pauses that hold afterwards.
    virtual void pause(std::string wiki, std::string reason,
                       Reply<std::vector<store::Pause>> reply) = 0;
    virtual void resume(std::string wiki, Reply<std::vector<store::Pause>> reply) = 0;
    /// How many jobs got the priority.
    virtual void reprioritise(store::NewPriority wanted, Reply<std::uint64_t> reply) = 0;
    /// Replies when it is done; throws (into the reply) ApiError 422 for a configuration that is
    /// wrong.
    virtual void reload(Reply<Reloaded> reply) = 0;
    /// As SIGTERM does. Replies when the jobs in flight are finished (true) or the time for that is
    /// over (false); then the process ends.
    virtual void drain(Reply<bool> reply) = 0;
};

/// All references must outlive the router.
void add_control_routes(Router& router, Backend& backend, ControlBackend& control);

} // namespace runner::api
