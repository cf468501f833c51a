// SPDX-License-Identifier: GPL-2.0-or-later
// Entities of a wiki over HTTP, by its Special:EntityData. Deleted and redirected entities are
// answers; transient failures (429, 5xx, broken connections, a lagging replica) are retried.
#pragma once

#include "config/wiki_settings.hpp"
#include "source/page_faults.hpp"
#include "source/source.hpp"

#include <chrono>
#include <memory>

namespace runner::source {

struct HttpOptions {
    std::chrono::milliseconds backoff{250}; ///< after the first failure; doubles, with jitter
    std::chrono::milliseconds backoff_max{5'000};
    /// Longer Retry-After values are left to the queue's own retries.
    std::chrono::seconds max_retry_after{15};
    PageFaultOptions page_faults{};
};

class HttpSource final : public EntitySource {
public:
    /// Uses the `entity_data_url` and the http_… settings of the wiki.
    explicit HttpSource(const config::WikiSettings& wiki, HttpOptions options = {});
    ~HttpSource() override;

    /// Fetches in parallel, each page once. Throws naming the URL and the last reason when one
    /// can't be fetched, holds no entity, or stays older than `min_revision`: EntityUnavailable
    /// when that is the page's own fault (page_faults.hpp), else SourceUnavailable.
    [[nodiscard]] std::vector<Lookup> load(std::span<const entity::EntityId> ids,
                                           std::uint64_t min_revision = 0) override;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace runner::source
