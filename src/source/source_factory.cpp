// SPDX-License-Identifier: GPL-2.0-or-later
// One case for each kind of source.
#include "source/source_factory.hpp"

#include "base/log_fields.hpp"
#include "source/file_problem.hpp"
#include "source/file_source.hpp"
#include "source/http_source.hpp"
#include "source/php_source.hpp"
#include "source/redirect_source.hpp"
#include "source/split_source.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
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

/// Files that can't be read: the jobs of their wiki wait until the runner starts with better ones,
/// and those of the other wikis do not.
class UnreadableFiles final : public EntitySource {
public:
    explicit UnreadableFiles(std::string reason) : reason_(std::move(reason)) {}
    [[nodiscard]] std::vector<Lookup> load(std::span<const entity::EntityId>,
                                           std::uint64_t) override {
        throw SourceUnavailable(reason_);
    }

private:
    const std::string reason_;
};

/// What can't be read of the files costs its own entities alone; the log says what it is.
std::unique_ptr<FileSource> file_source(const config::WikiSettings& wiki) {
    require_regular_files(wiki); // the open of a FIFO would wait, also when the runner is to end
    auto source = std::make_unique<FileSource>(wiki.files);
    for (const std::string& warning : source->warnings())
        spdlog::warn("wiki {}: {}", wiki.id, warning);
    constexpr std::size_t most = 20;
    const std::size_t logged = std::min(most, source->problems().size());
    for (std::size_t i = 0; i < logged; ++i)
        spdlog::error("wiki {}: {}", wiki.id, source->problems()[i]);
    if (source->counts().problems > logged)
        spdlog::error("wiki {}: {} more lines of its files can't be read", wiki.id,
                      source->counts().problems - logged);
    for (const std::string& cut : source->cut())
        spdlog::error("wiki {}: {}; what may have been in the rest is not taken as missing",
                      wiki.id, cut);
    return source;
}

} // namespace

std::unique_ptr<EntitySource> make_source(const config::WikiSettings& wiki,
                                          std::shared_ptr<php::Pool> workers, HttpOptions http) {
    const base::LogFields fields{{"wiki", wiki.id}};
    switch (wiki.source) {
    case config::SourceKind::file: return file_source(wiki);
    case config::SourceKind::http:
        if (!wiki.api_url.empty())
            return std::make_unique<RedirectSource>(std::make_unique<HttpSource>(wiki, http), wiki);
        return std::make_unique<HttpSource>(wiki, http);
    case config::SourceKind::php:
        return std::make_unique<PhpSource>(workers != nullptr ? std::move(workers)
                                                              : php::make_pool(wiki));
    case config::SourceKind::none: break;
    }
    return std::make_unique<NoSource>();
}

std::unique_ptr<EntitySource> make_source_or_wait(const config::WikiSettings& wiki,
                                                  std::shared_ptr<php::Pool> workers,
                                                  const config::WikiSettings* other,
                                                  std::shared_ptr<php::Pool> other_workers) {
    const base::LogFields fields{{"wiki", wiki.id}};
    try {
        return make_source(wiki, std::move(workers), other, std::move(other_workers));
    } catch (const base::Error& error) {
        spdlog::error("wiki {}: its files can't be read, and its jobs wait: {}", wiki.id,
                      error.what());
        return std::make_unique<UnreadableFiles>(error.what());
    }
}

std::unique_ptr<EntitySource> make_source(const config::WikiSettings& wiki,
                                          std::shared_ptr<php::Pool> workers,
                                          const config::WikiSettings* other,
                                          std::shared_ptr<php::Pool> other_workers,
                                          HttpOptions http) {
    auto own = make_source(wiki, std::move(workers), http);
    if (other == nullptr)
        return own;
    return std::make_unique<SplitSource>(std::move(own),
                                         make_source(*other, std::move(other_workers), http));
}

} // namespace runner::source
