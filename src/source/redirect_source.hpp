// SPDX-License-Identifier: GPL-2.0-or-later
// Special:EntityData says 404 for a redirect whose target is missing, as for a missing page.
// MediaWiki's API distinguishes the two.
#pragma once

#include "config/wiki_settings.hpp"
#include "source/page_api.hpp"
#include "source/source.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace runner::source {

/// Wraps another source; for entities that it lacks, asks the API whether the page redirects.
class RedirectSource final : public EntitySource {
public:
    /// Uses the `api_url` and the http_timeout of the wiki.
    RedirectSource(std::unique_ptr<EntitySource> pages, const config::WikiSettings& wiki);

    /// Also throws SourceUnavailable when the API is unavailable. An API that refuses is not asked
    /// again.
    [[nodiscard]] std::vector<Lookup> load(std::span<const entity::EntityId> ids,
                                           std::uint64_t min_revision = 0) override;

private:
    void read_namespaces();
    void ask(std::vector<Lookup*> missing);
    [[nodiscard]] std::optional<std::string> title_of(const entity::EntityId& id) const;

    const std::unique_ptr<EntitySource> pages_;
    std::mutex mutex_; ///< of what follows
    PageApi api_;
    std::map<entity::EntityType, std::string> prefixes_; ///< of titles: "", "Property:"
    bool refused_ = false;
};

} // namespace runner::source
