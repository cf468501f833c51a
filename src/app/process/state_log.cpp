// SPDX-License-Identifier: GPL-2.0-or-later
// See state_log.hpp.
#include "app/process/state_log.hpp"

#include "base/log_fields.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace runner::app {

void log_state(const StateParts& parts) {
    const auto problems = parts.health.problems();
    const auto& jobs = parts.jobs;
    spdlog::info(
        "state: {}; up for {} s, {} results stored, {} connections, {} checks wait, "
        "{} MB of memory",
        problems.empty() ? "ready" : "not ready",
        std::chrono::duration_cast<std::chrono::seconds>(base::SteadyClock::now() - parts.started)
            .count(),
        parts.metrics.entities_stored(), parts.server.counts().connections, parts.checks.waiting(),
        ops::resident_bytes() >> 20U);
    for (const std::string& problem : problems)
        spdlog::info("state: problem: {}", problem);
    for (const std::string& warning : parts.health.warnings())
        spdlog::info("state: warning: {}", warning);
    const auto queue = parts.acceptor.status();
    spdlog::info("state: accepting: {} jobs in {} transactions, {} refused; about {} in the queue",
                 queue.jobs, queue.transactions, queue.refused, queue.length);
    const imports::EngineCounts imported = parts.imports.counts();
    spdlog::info("state: imports: {} chunks saved, {} failed, {} in flight", imported.chunks,
                 imported.failures, imported.running);
    if (!jobs) {
        spdlog::info("state: no job can be done before the database answers");
        return;
    }
    constexpr std::size_t most_told = 20;
    const auto in_hand = jobs->in_work();
    spdlog::info("state: {} jobs in flight, {} of them started", jobs->in_hand(), in_hand.size());
    for (std::size_t i = 0; i < std::min(most_told, in_hand.size()); ++i) {
        const base::LogFields fields{{"wiki", in_hand[i].wiki}, {"entity", in_hand[i].entity}};
        spdlog::info("state: {} of {} for {:.1f} s: {}", in_hand[i].entity, in_hand[i].wiki,
                     in_hand[i].seconds, in_hand[i].stage);
    }
}

} // namespace runner::app
