// SPDX-License-Identifier: GPL-2.0-or-later
// See entities.hpp. Few jobs of an import wait at a time, so that no edit finds a full queue. The
// import remembers its jobs: an entity is done when it has been checked, and the import is complete
// when all of its own are over.
#include "imports/entities.hpp"

#include "base/sha1.hpp"
#include "imports/entity_list.hpp"
#include "source/page_api.hpp"
#include "source/replica.hpp"
#include "store/jobs/job_table.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>
#include <utility>

namespace runner::imports {

namespace json = boost::json;

namespace {

constexpr std::int16_t priority = -20; // below what changed values and dependents ask for
constexpr std::uint32_t most_waiting = 2'000;
constexpr std::chrono::milliseconds look_again{200};
constexpr double smallest_share = 0.01; // of a list, from which its length is estimated
constexpr std::size_t most_listed = 100'000;

const std::string listing = "list ";    // a cursor: then where the next page begins,
const std::string finishing = "finish"; // or nothing is left to list

std::string letter_of(std::string_view type) {
    if (type == "item")
        return "Q";
    if (type == "property")
        return "P";
    if (type == "lexeme")
        return "L";
    if (type == "mediainfo")
        return "M";
    throw BadRequest("type", "not item, property, lexeme or mediainfo");
}

class EntitiesImporter final : public Importer {
public:
    EntitiesImporter(const Context& context, const store::ImportLease& lease)
        : wiki_(context.wiki), sessions_(context.sessions) {
        const json::value parameters = json::parse(lease.parameters);
        const std::string from(parameters.at("from").as_string());
        const std::string letter(parameters.at("letter").as_string());
        const std::string property(parameters.at("property").as_string());
        force_ = parameters.at("force").as_bool();
        older_than_ = std::chrono::seconds(parameters.at("older_than").to_number<std::int64_t>());
        if (from == "list") {
            std::vector<entity::EntityId> ids;
            for (const json::value& id : parameters.at("entities").as_array())
                ids.push_back(entity::EntityId::parse(id.as_string()).value());
            list_ = make_fixed_list(std::move(ids));
        } else if (from == "stored") {
            list_ = make_stored_list(wiki_, sessions_, {letter, property, older_than_});
            force_ = true; // they were asked for because they are stored
        } else if (from == "api") {
            list_ = make_api_list(wiki_, {letter, property});
        } else {
            list_ = make_replica_list(wiki_, {letter, property});
        }
    }

    Chunk next(const store::ImportLease& lease, std::uint32_t size) override {
        try {
            if (!lease.cursor) {
                Chunk chunk;
                chunk.cursor = listing;
                chunk.sized = false;
                chunk.total = list_->total();
                return chunk;
            }
            const bool all_listed = *lease.cursor == finishing;
            const store::ImportJobs::Answer jobs = look(lease);
            if (!all_listed && jobs.waiting + jobs.ended.size() < most_waiting)
                return list(lease, size);
            Chunk chunk = settle(jobs, all_listed);
            chunk.cursor = *lease.cursor;
            if (chunk.last)
                chunk.total =
                    store::ImportTotal{lease.done + lease.failed + jobs.ended.size(), true};
            return chunk;
        } catch (const source::ReplicaTimeout& error) {
            throw TooMuch(error.what());
        } catch (const source::ReplicaRefused& error) {
            throw Hopeless(error.code, error.what());
        } catch (const source::ApiRefused& error) {
            throw Hopeless(error.code, error.what());
        }
    }

    /// Entities whose jobs failed are checked again.
    Chunk retry(const store::ImportLease&,
                std::span<const store::ImportProblem> problems) override {
        Chunk chunk;
        auto rows = std::make_unique<store::JobRows>();
        for (const store::ImportProblem& problem : problems)
            if (const auto id = entity::EntityId::parse(problem.item))
                rows->jobs.push_back(job_of(*id, 0));
        chunk.rows = std::move(rows);
        return chunk;
    }

    Chunk retried(const store::ImportLease& lease) override { return settle(look(lease), true); }

    void interrupt() noexcept override {
        list_->interrupt();
        {
            const std::lock_guard lock(mutex_);
            interrupted_ = true;
        }
        changed_.notify_all();
    }

private:
    [[nodiscard]] store::ImportJobs::Answer look(const store::ImportLease& lease) {
        const auto session = sessions_.borrow();
        return store::ImportJobs(*session).look(lease.key);
    }

    [[nodiscard]] store::NewJob job_of(const entity::EntityId& id, std::uint64_t revision) const {
        store::NewJob job;
        job.key = {wiki_.id, id};
        job.revision = revision;
        job.priority = priority;
        job.reason = store::JobReason::fill;
        return job;
    }

    /// What became of the jobs that are over; after a while when none is.
    Chunk settle(const store::ImportJobs::Answer& jobs, bool all_listed) {
        Chunk chunk;
        chunk.sized = false;
        chunk.current = fmt::format("{} jobs wait", jobs.waiting);
        auto rows = std::make_unique<store::EndedJobRows>();
        for (const auto& [entity, died] : jobs.ended) {
            rows->entities.push_back(entity);
            if (!died) {
                ++chunk.done;
                continue;
            }
            store::ImportProblem problem;
            problem.code = "job_failed";
            problem.item = entity;
            problem.reason = *died;
            chunk.problems.push_back(std::move(problem));
        }
        if (chunk.done > 0)
            chunk.counts["entities_checked"] = static_cast<std::int64_t>(chunk.done);
        chunk.rows = std::move(rows);
        chunk.last = all_listed && jobs.waiting == 0;
        if (jobs.ended.empty() && !chunk.last) {
            std::unique_lock lock(mutex_);
            if (changed_.wait_for(lock, look_again, [this] { return interrupted_; }))
                throw base::UnavailableError("interrupted");
        }
        return chunk;
    }

    /// The total, now that `listed` have been listed.
    static std::optional<store::ImportTotal>
    total_of(const store::ImportLease& lease, std::uint64_t listed, const EntityPage& page) {
        if (page.last)
            return store::ImportTotal{listed, true};
        if (page.share > smallest_share && (!lease.total || !lease.total->known))
            return store::ImportTotal{
                static_cast<std::uint64_t>(static_cast<double>(listed) / page.share), false};
        if (lease.total && lease.total->count < listed)
            return store::ImportTotal{listed, false};
        return std::nullopt;
    }

    Chunk list(const store::ImportLease& lease, std::uint32_t size) {
        const EntityPage page =
            list_->page(lease.cursor->substr(listing.size()), std::min(size, most_waiting));
        Chunk chunk;
        chunk.cursor = page.last ? finishing : listing + page.after;
        auto rows = std::make_unique<store::JobRows>();
        std::vector<entity::EntityId> ids;
        for (const EntityPage::Entity& each : page.entities)
            ids.push_back(each.id);
        std::vector<std::optional<store::StoredEntities::Stored>> stored(ids.size());
        if (!force_) {
            const auto session = sessions_.borrow();
            stored = store::StoredEntities(*session).find(wiki_.id, ids);
        }
        for (std::size_t i = 0; i < ids.size(); ++i) {
            const std::uint64_t revision = page.entities[i].revision;
            // without a revision whatever is stored counts, unless it is old
            const bool up_to_date = stored[i] && !stored[i]->incomplete &&
                                    (revision == 0 || stored[i]->revision >= revision) &&
                                    (older_than_.count() == 0 || stored[i]->age < older_than_);
            if (up_to_date)
                ++chunk.done;
            else
                rows->jobs.push_back(job_of(ids[i], revision));
        }
        chunk.counts["entities_up_to_date"] = static_cast<std::int64_t>(chunk.done);
        chunk.counts["entities_listed"] = static_cast<std::int64_t>(ids.size());
        const auto before = lease.counts.find("entities_listed");
        chunk.total = total_of(lease,
                               ids.size() + static_cast<std::uint64_t>(
                                                before == lease.counts.end() ? 0 : before->second),
                               page);
        if (!ids.empty())
            chunk.current = "up to " + ids.back().to_string();
        chunk.rows = std::move(rows);
        return chunk;
    }

    const config::WikiSettings& wiki_;
    store::SessionPool& sessions_;
    std::unique_ptr<EntityList> list_;
    bool force_ = false;
    std::chrono::seconds older_than_{0};
    std::mutex mutex_;
    std::condition_variable changed_;
    bool interrupted_ = false;
};

std::string text_of(const json::value& value, const char* field) {
    if (!value.is_string())
        throw BadRequest(field, "not a string");
    return std::string(value.as_string());
}

/// Ids of pages as texts, each once.
json::array read_ids(const json::value& value) {
    if (!value.is_array())
        throw BadRequest("entities", "not an array");
    if (value.as_array().empty())
        throw BadRequest("entities", "an empty list");
    if (value.as_array().size() > most_listed)
        throw BadRequest("entities", fmt::format("more than {}", most_listed));
    json::array ids;
    std::set<entity::EntityId> seen;
    std::size_t at = 0;
    for (const json::value& each : value.as_array()) {
        const std::string field = fmt::format("entities[{}]", at++);
        const auto id = entity::EntityId::parse(text_of(each, field.c_str()));
        if (!id || id->type == entity::EntityType::entity_schema)
            throw BadRequest(field, "not an entity id");
        if (seen.insert(id->page()).second)
            ids.emplace_back(id->page().to_string());
    }
    return ids;
}

} // namespace

void plan_entities(std::string_view text, const config::Settings& /*settings*/,
                   const config::WikiSettings& wiki, store::NewImport& into) {
    json::object out{{"from", "replica"}, {"letter", ""},   {"property", ""},
                     {"older_than", 0},   {"force", false}, {"entities", json::array()}};
    bool has_from = false;
    const json::value value = json::parse(text);
    for (const auto& field : value.as_object()) {
        if (field.key() == "entities") {
            out["entities"] = read_ids(field.value());
        } else if (field.key() == "from") {
            const std::string from = text_of(field.value(), "from");
            if (from != "stored" && from != "replica" && from != "api")
                throw BadRequest("from", "not stored, replica or api");
            out["from"] = from;
            has_from = true;
        } else if (field.key() == "type") {
            out["letter"] = letter_of(text_of(field.value(), "type"));
        } else if (field.key() == "property") {
            const std::string property = text_of(field.value(), "property");
            if (!entity::PropertyId::parse(property))
                throw BadRequest("property", "not a property id");
            out["property"] = property;
        } else if (field.key() == "older_than") {
            const auto& age = field.value();
            if (!age.is_int64() || age.as_int64() < 1 || age.as_int64() > 10'000'000'000)
                throw BadRequest("older_than", "not a number of seconds");
            out["older_than"] = age.as_int64();
        } else if (field.key() == "force") {
            if (!field.value().is_bool())
                throw BadRequest("force", "not true or false");
            out["force"] = field.value().as_bool();
        } else {
            throw BadRequest(std::string(field.key()),
                             "there is no such field; there are import_method, wiki, entities, "
                             "from, type, property, older_than and force");
        }
    }
    const bool listed = !out["entities"].as_array().empty();
    if (listed == has_from)
        throw BadRequest("from", listed ? "beside entities; give one of them"
                                        : "missing; stored, replica or api, or a list of entities");
    if (listed)
        out["from"] = "list";
    const std::string from(out["from"].as_string());
    if (listed && !out["letter"].as_string().empty())
        throw BadRequest("type", "beside entities; their ids say it");
    if (listed && !out["property"].as_string().empty())
        throw BadRequest("property", "beside entities; give one of them");
    if (wiki.source == config::SourceKind::none)
        throw BadRequest("wiki", "it has no source to read entities from");
    if (from == "replica" && wiki.replica_database.empty())
        throw BadRequest("from", "the wiki has no replica_database");
    if (from == "api" && wiki.api_url.empty())
        throw BadRequest("from", "the wiki has no api_url");
    into.subject = from;
    if (listed) // the same list is the same subject
        into.subject = fmt::format("list of {} entities ({})", out["entities"].as_array().size(),
                                   base::sha1_hex(json::serialize(out["entities"])).substr(0, 12));
    for (const char* name : {"letter", "property"})
        if (!out[name].as_string().empty())
            into.subject += " " + std::string(out[name].as_string());
    if (const auto age = out["older_than"].as_int64(); age != 0)
        into.subject += fmt::format(" older than {} s", age);
    if (out["force"].as_bool())
        into.subject += ", forced";
    into.parameters = json::serialize(out);
    for (const char* count : {"entities_listed", "entities_up_to_date", "entities_checked",
                              "jobs_queued", "jobs_coalesced"})
        into.counts[count] = 0;
}

std::unique_ptr<Importer> make_entities(const Context& context, const store::ImportLease& lease) {
    return std::make_unique<EntitiesImporter>(context, lease);
}

} // namespace runner::imports
