// SPDX-License-Identifier: GPL-2.0-or-later
// See verify_store.hpp. An entity that is edited or checked meanwhile is not compared: it is read
// from the store before and after the check.
#include "app/upkeep/verify_store.hpp"

#include "app/line/stored_values.hpp"
#include "app/line/wiki.hpp"
#include "base/error.hpp"
#include "store/imports/import_rows.hpp"
#include "store/jobs/job_table.hpp"
#include "store/results/result_store.hpp"
#include "store/results/stored_sample.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace runner::app {

namespace {

constexpr std::uint32_t page_size = 200;
constexpr std::int16_t queue_priority = -10;

/// The results of a stored value, without the revisions of dependencies, which may be older where
/// nothing that the checks see has changed.
std::string_view results_of(std::string_view value) {
    return value.substr(0, std::min(value.rfind(",\"latestRevisionIds\""), value.size()));
}

std::string counts_text(std::string_view name, std::uint64_t stored, std::uint64_t fresh) {
    return fmt::format("{} {} stored, {} fresh", name, stored, fresh);
}

/// Empty when they say the same.
std::string difference(const store::ResultRow& stored, const results::StoredResult& fresh) {
    if (stored.revision != fresh.revision)
        return fmt::format("revision {} stored, {} in the wiki", stored.revision, fresh.revision);
    for (std::size_t i = 0; i < results::status_count; ++i)
        if (stored.counts[i] != fresh.counts[i])
            return counts_text(results::status_names[i], stored.counts[i], fresh.counts[i]);
    if (results_of(stored.value) != results_of(fresh.value))
        return "other results";
    return stored.own == fresh.own ? std::string() : "other extras";
}

class Verification {
public:
    Verification(const config::Settings& settings, const config::WikiSettings& wiki,
                 const VerifyStoreOptions& options, const TellDifference& tell,
                 const TellProgress& progress)
        : id_(wiki.id), options_(options), tell_(tell), progress_(progress), done_(options.after),
          sessions_(database(settings), 2), session_(database(settings)) {
        WikiParts parts;
        if (wiki.distinct_values)
            parts.values = std::make_shared<StoredValues>(wiki.id, sessions_);
        parts.workers = php::make_pool(wiki);
        if (!wiki.properties.empty()) {
            parts.other =
                std::make_shared<const config::WikiSettings>(*settings.find_wiki(wiki.properties));
            parts.other_workers = php::make_pool(*parts.other);
        }
        wiki_ = make_wiki(wiki, settings.workers, std::move(parts));
        if (!wiki_->has_source())
            throw base::ConfigError(fmt::format(
                "[wiki.{}] has source = \"none\": there is no wiki to compare with", wiki.id));
    }

    VerifyStoreCounts run() {
        if (options_.sample) {
            const auto keys = store::sample_stored(session_, id_, *options_.sample);
            total_ = keys.size();
            look_at(keys);
            return counts_;
        }
        store::StoredEntities entities(session_);
        for (;;) {
            const auto page = entities.page(id_, {}, done_, page_size);
            if (page.empty())
                return counts_;
            std::vector<store::EntityKey> keys;
            for (const std::string& name : page)
                if (const auto id = entity::EntityId::parse(name))
                    keys.push_back({id_, *id});
            look_at(keys);
            done_ = page.back();
        }
    }

private:
    static store::DatabaseOptions database(const config::Settings& settings) {
        store::DatabaseOptions database;
        database.conninfo = config::connection_string(settings.database);
        database.application_name = "constraint-runner verify";
        database.statement_timeout = settings.database.statement_timeout;
        return database;
    }

    void look_at(const std::vector<store::EntityKey>& keys) {
        std::vector<store::NewJob> jobs;
        std::vector<store::EntityKey> differing;
        for (const store::EntityKey& key : keys) {
            if (differs(key)) {
                store::NewJob job;
                job.key = key;
                job.priority = queue_priority;
                job.reason = store::JobReason::retry;
                jobs.push_back(std::move(job));
                differing.push_back(key);
            }
            progress_(counts_, done_, total_);
        }
        if (!options_.queue || jobs.empty())
            return;
        store::ResultStore(session_).distrust_rows(differing);
        (void)store::JobTable(session_).accept(jobs);
        counts_.queued += jobs.size();
    }

    bool differs(const store::EntityKey& key) {
        store::ResultStore results(session_);
        const auto before = results.get(key.wiki, key.entity);
        if (!before || before->stale) {
            ++counts_.pending;
            return false;
        }
        std::string what;
        try {
            what = compare(key, *before);
        } catch (const base::Error& error) {
            ++counts_.unreadable;
            tell_(key, std::string("can't be checked: ") + error.what());
            return false;
        }
        const auto after = results.get(key.wiki, key.entity);
        if (!after || after->stale || after->checked_at != before->checked_at) {
            ++counts_.pending;
            return false;
        }
        ++counts_.compared;
        if (what.empty())
            return false;
        ++counts_.different;
        tell_(key, what);
        return true;
    }

    std::string compare(const store::EntityKey& key, const store::ResultRow& stored) {
        store::Lease lease;
        lease.key = {key.wiki, key.entity.page()};
        lease.asks = true;
        wiki_->forget({&lease.key.entity, 1});
        const PageInput input = wiki_->gather(lease);
        for (const Input& each : input.entities)
            if (each.gathered.asked == key.entity) {
                results::StoredResult fresh = wiki_->check(each);
                fresh.revision = input.revision;
                return difference(stored, fresh);
            }
        return "a result is stored, but the wiki has no such entity";
    }

    const std::string id_;
    const VerifyStoreOptions options_;
    const TellDifference& tell_;
    const TellProgress& progress_;
    std::string done_; ///< the last of the page before
    std::uint64_t total_ = 0;
    store::SessionPool sessions_; ///< of the index of values
    store::Session session_;
    std::unique_ptr<Wiki> wiki_;
    VerifyStoreCounts counts_;
};

} // namespace

VerifyStoreCounts verify_store(const config::Settings& settings, const config::WikiSettings& wiki,
                               const VerifyStoreOptions& options, const TellDifference& tell,
                               const TellProgress& progress) {
    return Verification(settings, wiki, options, tell, progress).run();
}

} // namespace runner::app
