// SPDX-License-Identifier: GPL-2.0-or-later
// Special:EntityData says 404 for a redirect whose target is gone, as for a page that is not there.
// MediaWiki's API tells the two apart.
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

/// What another source has; of what it has not, the API is asked whether it redirects.
class RedirectSource final : public EntitySource {
public:
    /// Uses the `api_url` and the http_timeout of the wiki.
    RedirectSource(std::unique_ptr<EntitySource> pages, const config::WikiSettings& wiki);

    /// Throws SourceUnavailable also when the API is away. An API that refuses is not asked again.
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
