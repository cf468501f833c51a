// SPDX-License-Identifier: GPL-2.0-or-later
// See change_store.hpp. Which dependents are queued is decided by what the store knows when the
// change is followed, not when it was noted: of several changes of an entity only the last counts.
#include "store/results/change_store.hpp"

#include "store/common/array.hpp"
#include "store/results/change_upsert.hpp"
#include "store/results/follow.hpp"
#include "store/results/known_rows.hpp"
#include "store/results/redirects.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace runner::store {

namespace {

constexpr std::uint32_t changes_at_once = 500;
constexpr std::uint32_t few = 100;      // dependents that are read with those of others
constexpr std::uint32_t many = 100'000; // above, all entities are passed over in their order
constexpr std::uint32_t dependents_at_once = 5'000;

constexpr Statement list_changes{"list_changes", R"(
SELECT wiki, entity, id FROM constraint_runner.entity_change
WHERE wiki = ANY ($1::text[]) ORDER BY id LIMIT $2)"};

constexpr Statement take_changes{"take_changes", R"(
SELECT c.wiki, c.entity, c.id, c.kind, c.after
FROM unnest($1::text[], $2::text[], $3::bigint[]) AS k(wiki, entity, id)
JOIN constraint_runner.entity_change c
  ON c.wiki = k.wiki AND c.entity = k.entity AND c.id = k.id
ORDER BY c.id FOR UPDATE OF c SKIP LOCKED)"};

// the first ones of each change, and how many that are
constexpr Statement find_few_dependents{"find_few_dependents", R"(
SELECT k.n - 1, count(d.entity),
       string_agg(d.entity, ' ') FILTER (WHERE d.seen IS DISTINCT FROM )" RUNNER_SEEN_AS("d",
                                                                                         "k") R"(
                                           AND d.entity <> k.entity)
FROM (SELECT u.n, u.wiki, u.entity, r.seen, r.seen_linked
      FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS u(wiki, entity, n)
      LEFT JOIN constraint_runner.entity_result r ON r.wiki = u.wiki AND r.entity = u.entity) k
CROSS JOIN LATERAL (SELECT entity, seen FROM constraint_runner.dependency
                    WHERE wiki = k.wiki AND depends_on = k.entity LIMIT $3) d
GROUP BY 1)"};

constexpr Statement count_dependents{"count_dependents", R"(
SELECT count(*) FROM (SELECT FROM constraint_runner.dependency
                      WHERE wiki = $1 AND depends_on = $2 LIMIT $3) d)"};

// OFFSET 0: by the index on depends_on, whatever the planner believes of the order
#define RUNNER_DEPENDENTS(condition)                                                               \
    "SELECT d.entity, d.seen IS DISTINCT FROM " RUNNER_SEEN_AS(                                    \
        "d", "r") " FROM (SELECT entity, seen FROM constraint_runner.dependency "                  \
                  "WHERE wiki = $1 AND depends_on = $2" condition " OFFSET 0) d "                  \
                  "LEFT JOIN constraint_runner.entity_result r ON r.wiki = $1 AND r.entity = $2 "  \
                  "WHERE d.entity > $3 ORDER BY d.entity LIMIT $4"
constexpr Statement find_dependents{"find_dependents", RUNNER_DEPENDENTS("")};

// by the index dependency_linked_property: of a property that is used much few link to it
constexpr Statement find_linking{
    "find_linking",
    RUNNER_DEPENDENTS(" AND seen & 1 = 1 AND depends_on >= 'P' AND depends_on < 'Q'")};

// of an entity that a large part of all depend on: no list of them is made and sorted
constexpr Statement pass_over_entities{"pass_over_entities", R"(
SELECT r.entity, d.entity IS NOT NULL AND d.seen IS DISTINCT FROM )" RUNNER_SEEN_AS("d", "o") R"(
FROM (SELECT entity FROM constraint_runner.entity_result
      WHERE wiki = $1 AND entity > $3 ORDER BY entity LIMIT $4) r
LEFT JOIN LATERAL (SELECT entity, seen FROM constraint_runner.dependency
                   WHERE wiki = $1 AND entity = r.entity AND depends_on = $2 OFFSET 0) d ON true
LEFT JOIN constraint_runner.entity_result o ON o.wiki = $1 AND o.entity = $2
ORDER BY r.entity)"};

// an instance of a class below, or one that links to such
constexpr Statement find_below_class{"find_below_class", R"(
WITH RECURSIVE below(class) AS (
    SELECT $2::text COLLATE "C"
    UNION
    SELECT e.class FROM below b JOIN constraint_runner.class_edge e
        ON e.wiki = $1 AND e.superclass = b.class)
SELECT DISTINCT c.entity, true
FROM below b JOIN constraint_runner.checked_class c ON c.wiki = $1 AND c.class = b.class
WHERE c.entity > $3 ORDER BY c.entity LIMIT $4)"};

constexpr Statement list_entities{"list_entities", R"(
SELECT entity, tombstone = 0 FROM constraint_runner.entity_result
WHERE wiki = $1 AND entity > $2 ORDER BY entity LIMIT $3)"};

constexpr Statement keep_place{"keep_place", R"(
UPDATE constraint_runner.entity_change SET after = $4 WHERE wiki = $1 AND entity = $2 AND id = $3)"};

constexpr Statement drop_changes{"drop_changes", R"(
DELETE FROM constraint_runner.entity_change c
USING unnest($1::text[], $2::text[], $3::bigint[]) AS k(wiki, entity, id)
WHERE c.wiki = k.wiki AND c.entity = k.entity AND c.id = k.id)"};

// a row that was there has an xmax: this transaction, which has locked it to compare
constexpr Statement keep_settings{"keep_settings", R"(
INSERT INTO constraint_runner.wiki_settings AS s (wiki, fingerprint) VALUES ($1, $2)
ON CONFLICT (wiki) DO UPDATE SET fingerprint = excluded.fingerprint
WHERE s.fingerprint <> excluded.fingerprint
RETURNING xmax::text <> '0')"};

constexpr Statement age_classes{"age_classes", R"(
UPDATE constraint_runner.class_node c SET read_at = 'epoch'
FROM (SELECT class FROM constraint_runner.class_node
      WHERE wiki = $1 AND read_at > statement_timestamp() - $2 * interval '1 millisecond'
      ORDER BY class FOR UPDATE) k
WHERE c.wiki = $1 AND c.class = k.class)"};

constexpr Statement note_whole_wiki{"note_whole_wiki", R"(
INSERT INTO constraint_runner.entity_change (wiki, entity, kind, changed_at)
VALUES ($1, '', $2, statement_timestamp()))"};

struct Change {
    std::string wiki;
    std::string entity;
    std::int64_t id = 0;
    ChangeKind kind = ChangeKind::dependents;
    std::string after;
};

struct ChangeColumns {
    void add(const Change& change) {
        wikis.add(change.wiki);
        entities.add(change.entity);
        ids.add(change.id);
    }
    TextArray wikis, entities;
    BigintArray ids;
};

class Following {
public:
    Following(Transaction& transaction, std::span<const FollowedWiki> wikis)
        : transaction_(transaction) {
        for (const FollowedWiki& wiki : wikis)
            if (wiki.recheck_dependents)
                (wiki.has_source ? checkable_ : without_source_).insert(wiki.id);
    }

    /// Removes the changes but those that are not at their end.
    void look_at(std::vector<Change> changes) {
        std::map<std::tuple<std::string, std::string, ChangeKind>, const Change*> last;
        for (const Change& change : changes) {
            if (!checkable_.contains(change.wiki) && !concerns_kept(change))
                continue;
            if (change.kind == ChangeKind::itself)
                add(change.wiki, change.entity);
            else // in the order of their ids
                last[{change.wiki, change.entity, change.kind}] = &change;
        }
        std::vector<const Change*> large, small;
        std::vector<EntityKey> changed;
        for (const auto& [key, change] : last) {
            const auto id = entity::EntityId::parse(change->entity);
            if (id && change->kind == ChangeKind::dependents && change->after.empty())
                changed.push_back({change->wiki, *id});
            (change->kind == ChangeKind::dependents && change->after.empty() ? small : large)
                .push_back(change);
        }
        for (const EntityKey& redirect : doubtful_redirects(transaction_, changed))
            dependents_.insert(redirect);
        look_at_few(small, large);
        std::set<std::int64_t> kept;
        for (const Change* change : large) {
            // one large step in a transaction; the others come with the next
            if (change != large.front() || !step(*change))
                kept.insert(change->id);
        }
        ChangeColumns done;
        for (const Change& change : changes)
            if (!kept.contains(change.id))
                done.add(change);
        if (!done.wikis.empty())
            transaction_.exec(drop_changes, done.wikis, done.entities, done.ids);
    }

    [[nodiscard]] const std::set<EntityKey>& dependents() const noexcept { return dependents_; }
    /// Of wikis without a source.
    [[nodiscard]] const std::set<EntityKey>& kept() const noexcept { return kept_; }
    /// Why most of them are queued.
    [[nodiscard]] JobReason reason() const noexcept { return reason_; }

private:
    /// Of the entities of wikis without a source only properties are read by the checks of others.
    [[nodiscard]] bool concerns_kept(const Change& change) const {
        if (!without_source_.contains(change.wiki))
            return false;
        return change.kind == ChangeKind::itself ||
               (change.entity.starts_with('P') && (change.kind == ChangeKind::dependents ||
                                                   change.kind == ChangeKind::linked_property));
    }

    void add(const std::string& wiki, std::string_view entity) {
        if (const auto id = entity::EntityId::parse(entity))
            (without_source_.contains(wiki) ? kept_ : dependents_).insert({wiki, id->page()});
    }

    /// Moves to `large` what has more dependents than a few.
    void look_at_few(const std::vector<const Change*>& changes, std::vector<const Change*>& large) {
        if (changes.empty())
            return;
        TextArray wikis, entities;
        for (const Change* change : changes) {
            wikis.add(change->wiki);
            entities.add(change->entity);
        }
        for (const auto& row : transaction_.exec(find_few_dependents, wikis, entities, few)) {
            const Change& change = *changes.at(row[0].as<std::size_t>());
            if (row[1].as<std::uint32_t>() >= few) {
                large.push_back(&change);
                continue;
            }
            const auto list = row[2].as<std::string>(std::string());
            for (std::string_view rest = list; !rest.empty();) {
                const auto end = std::min(rest.find(' '), rest.size());
                add(change.wiki, rest.substr(0, end));
                rest.remove_prefix(std::min(end + 1, rest.size()));
            }
        }
    }

    /// The next entities that a change concerns; true when there are no more.
    bool step(const Change& change) {
        const auto rows = next_of(change);
        for (const auto& row : rows)
            if (row[1].as<bool>() && row[0].c_str() != change.entity)
                add(change.wiki, row[0].c_str());
        reason_ =
            change.kind == ChangeKind::below_class ? JobReason::superclass : JobReason::dependant;
        if (std::cmp_less(rows.size(), dependents_at_once))
            return true;
        transaction_.exec(keep_place, change.wiki, change.entity, change.id,
                          rows.back()[0].as<std::string>());
        return false;
    }

    pqxx::result next_of(const Change& change) {
        if (change.kind == ChangeKind::whole_wiki)
            return transaction_.exec(list_entities, change.wiki, change.after, dependents_at_once);
        if (change.kind == ChangeKind::below_class)
            return transaction_.exec(find_below_class, change.wiki, change.entity, change.after,
                                     dependents_at_once);
        if (change.kind == ChangeKind::linked_property)
            return transaction_.exec(find_linking, change.wiki, change.entity, change.after,
                                     dependents_at_once);
        const bool pass_over =
            transaction_.exec(count_dependents, change.wiki, change.entity, many)[0][0]
                .as<std::uint32_t>() >= many;
        return transaction_.exec(pass_over ? pass_over_entities : find_dependents, change.wiki,
                                 change.entity, change.after, dependents_at_once);
    }

    Transaction& transaction_;
    std::set<std::string, std::less<>> checkable_, without_source_;
    std::set<EntityKey> dependents_, kept_;
    JobReason reason_ = JobReason::dependant;
};

} // namespace

struct ChangeStore::Pending {
    std::vector<Change> changes;
    std::optional<StoringNow> storing;
};

ChangeStore::ChangeStore(Session& session) : session_(session) {}
ChangeStore::~ChangeStore() = default;

Followed ChangeStore::follow(std::span<const FollowedWiki> wikis, std::int16_t priority) {
    Followed followed;
    if (wikis.empty())
        return followed;
    if (pending_ == nullptr) {
        auto pending = std::make_unique<Pending>();
        session_.impl().run([&](Transaction& transaction) {
            pending->changes.clear();
            for (const auto& row : transaction.exec(list_changes, names_of(wikis), changes_at_once))
                pending->changes.push_back({row[0].as<std::string>(),
                                            row[1].as<std::string>(),
                                            row[2].as<std::int64_t>(),
                                            {},
                                            {}});
            if (!pending->changes.empty())
                pending->storing.emplace(transaction);
        });
        if (pending->changes.empty())
            return followed;
        pending_ = std::move(pending);
    }
    session_.impl().run([&](Transaction& transaction) {
        followed = {};
        if (!pending_->storing->over(transaction)) {
            followed.waiting = true;
            return;
        }
        ChangeColumns columns;
        for (const Change& change : pending_->changes)
            columns.add(change);
        std::vector<Change> taken;
        for (const auto& row :
             transaction.exec(take_changes, columns.wikis, columns.entities, columns.ids))
            taken.push_back({row[0].as<std::string>(), row[1].as<std::string>(),
                             row[2].as<std::int64_t>(), static_cast<ChangeKind>(row[3].as<int>()),
                             row[4].as<std::string>()});
        followed.changes = pending_->changes.size();
        Following following(transaction, wikis);
        following.look_at(std::move(taken));
        const Requeue requeue{priority, following.reason()};
        queue_again(transaction, following.dependents(), requeue, followed);
        queue_kept(transaction, following.kept(), requeue, followed);
    });
    if (!followed.waiting)
        pending_.reset();
    return followed;
}

void ChangeStore::check_settings(const std::string& wiki, const std::string& fingerprint,
                                 std::chrono::milliseconds class_age, bool anew) {
    session_.impl().run([&](Transaction& transaction) {
        const auto rows = transaction.exec(keep_settings, wiki, fingerprint);
        if (!anew && (rows.empty() || !rows[0][0].as<bool>()))
            return;
        if (class_age > std::chrono::milliseconds(0)) {
            transaction.exec_text("SET LOCAL statement_timeout = 0"); // there may be millions
            transaction.exec(age_classes, wiki, static_cast<std::int64_t>(class_age.count()));
        }
        transaction.exec(note_whole_wiki, wiki, static_cast<int>(ChangeKind::whole_wiki));
    });
}

} // namespace runner::store
