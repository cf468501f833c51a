// SPDX-License-Identifier: GPL-2.0-or-later
// One case for each kind of source.
#include "source/source_factory.hpp"

#include "source/file_source.hpp"
#include "source/http_source.hpp"
#include "source/php_source.hpp"

#include <utility>

namespace runner::source {
namespace {

/// Everything is missing: the wiki's documents come with its jobs.
class NoSource final : public EntitySource {
public:
    [[nodiscard]] std::vector<Lookup> load(std::span<const entity::EntityId> ids,
                                           std::uint64_t /*min_revision*/) override {
        std::vector<Lookup> lookups;
        lookups.reserve(ids.size());
        for (const entity::EntityId& id : ids)
            lookups.push_back(Lookup{.id = id});
        return lookups;
    }
};

} // namespace

std::unique_ptr<EntitySource> make_source(const config::WikiSettings& wiki,
                                          std::shared_ptr<php::Pool> workers) {
    switch (wiki.source) {
    case config::SourceKind::file:
        return std::make_unique<FileSource>(wiki.files);
    case config::SourceKind::http:
        return std::make_unique<HttpSource>(wiki);
    case config::SourceKind::php:
        return std::make_unique<PhpSource>(workers != nullptr ? std::move(workers)
                                                              : php::make_pool(wiki));
    case config::SourceKind::none:
        break;
    }
    return std::make_unique<NoSource>();
}

} // namespace runner::source
