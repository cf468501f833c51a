// SPDX-License-Identifier: GPL-2.0-or-later
// Stored results compared with fresh ones: what `constraint-runner verify` does.
#pragma once

#include "config/settings.hpp"
#include "store/jobs/job.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace runner::app {

struct VerifyStoreOptions {
    std::optional<std::uint64_t> sample; ///< that many entities at random; empty: all
    bool queue = false;                  ///< what differs is queued for another check
    std::string
        after; ///< without `sample`: only what comes behind it, in the order of ids as texts
};

struct VerifyStoreCounts {
    std::uint64_t compared = 0;
    std::uint64_t different = 0;
    std::uint64_t pending = 0;    ///< not compared: a check of them is queued, or came in between
    std::uint64_t unreadable = 0; ///< could not be checked now
    std::uint64_t queued = 0;
};

/// Describes the differences of one entity.
using TellDifference = std::function<void(const store::EntityKey& key, const std::string& what)>;

/// Reports progress after each entity. Differences up to `done` (an id, empty: nothing yet) are
/// queued if requested; `total` is 0 when unknown.
using TellProgress = std::function<void(const VerifyStoreCounts& counts, const std::string& done,
                                        std::uint64_t total)>;

/// Checks entities of `wiki` again and compares with what is stored of them. Throws
/// base::UnavailableError when the database is away; base::ConfigError without a source to ask.
[[nodiscard]] VerifyStoreCounts verify_store(const config::Settings& settings,
                                             const config::WikiSettings& wiki,
                                             const VerifyStoreOptions& options,
                                             const TellDifference& tell,
                                             const TellProgress& progress);

} // namespace runner::app
