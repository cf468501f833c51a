// SPDX-License-Identifier: GPL-2.0-or-later
// See redirects.hpp.
#include "store/results/redirects.hpp"

#include "store/common/array.hpp"
#include "store/jobs/job_ends.hpp"

#include <optional>
#include <string>

namespace runner::store {

namespace {

// as the candidates left them: their own rows are written
constexpr Statement find_redirects{"find_redirects", R"(
SELECT k.n - 1, f.redirect, f.target, coalesce(r.seen = 0, false), coalesce(t.tombstone = 0, false)
FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS k(wiki, entity, n)
CROSS JOIN LATERAL (SELECT redirect, target FROM constraint_runner.redirect
                    WHERE wiki = k.wiki AND redirect = k.entity
                    UNION ALL
                    SELECT redirect, target FROM constraint_runner.redirect
                    WHERE wiki = k.wiki AND target = k.entity) f
LEFT JOIN constraint_runner.entity_result r ON r.wiki = k.wiki AND r.entity = f.redirect
LEFT JOIN constraint_runner.entity_result t ON t.wiki = k.wiki AND t.entity = f.target)"};

// in the order of the entities, which are locked by now: no two block each other
constexpr Statement keep_redirects{"keep_redirects", R"(
INSERT INTO constraint_runner.redirect (wiki, redirect, target)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[])
ON CONFLICT (wiki, redirect) DO UPDATE SET target = excluded.target)"};

constexpr Statement drop_redirects{"drop_redirects", R"(
DELETE FROM constraint_runner.redirect f
USING unnest($1::text[], $2::text[]) AS k(wiki, redirect)
WHERE f.wiki = k.wiki AND f.redirect = k.redirect)"};

constexpr Statement note_unknown{"note_unknown_redirects", R"(
INSERT INTO constraint_runner.entity_change (wiki, entity, kind, changed_at)
SELECT wiki, entity, 1, statement_timestamp()
FROM unnest($1::text[], $2::text[]) AS k(wiki, entity)
WHERE NOT EXISTS (SELECT FROM constraint_runner.entity_result r
                  WHERE r.wiki = k.wiki AND r.entity = k.entity))"};

constexpr Statement find_doubtful{"find_doubtful_redirects", R"(
SELECT f.wiki, f.redirect
FROM unnest($1::text[], $2::text[]) AS k(wiki, entity)
JOIN constraint_runner.redirect f ON f.wiki = k.wiki AND f.target = k.entity
JOIN constraint_runner.entity_result r ON r.wiki = k.wiki AND r.entity = f.redirect
JOIN constraint_runner.entity_result t ON t.wiki = k.wiki AND t.entity = f.target
WHERE (r.seen = 0) = (t.tombstone = 0))"};

std::optional<entity::EntityId> target_of(const results::StoredResult& result) {
    if (!result.deleted || !result.class_node ||
        result.class_node->state != results::ClassNode::State::redirect)
        return std::nullopt;
    return result.class_node->superclasses.front();
}

} // namespace

RedirectDoubts update_redirects(Transaction& transaction,
                                const std::vector<Candidate*>& candidates) {
    TextArray wikis, entities;
    for (const Candidate* each : candidates) {
        wikis.add(each->key.wiki);
        entities.add(each->key.entity.to_string());
    }
    RedirectDoubts doubts;
    std::vector<std::string> kept(candidates.size()); // targets
    TextArray gone_wikis, gone;
    for (const auto& row : transaction.exec(find_redirects, wikis, entities)) {
        const std::size_t n = row[0].as<std::size_t>();
        const Candidate& candidate = *candidates.at(n);
        const std::string entity = candidate.key.entity.to_string();
        const bool found = !candidate.result->deleted;
        const bool redirect_missing = row[3].as<bool>();
        if (row[1].c_str() == entity) {
            kept[n] = row[2].c_str();
            if (found) {
                gone_wikis.add(candidate.key.wiki);
                gone.add(entity);
            } else if (redirect_missing && row[4].as<bool>()) {
                doubts.redirects.insert(candidate.key);
            }
        } else if (found && redirect_missing) {
            doubts.targets.insert(candidate.key);
        }
    }
    TextArray new_wikis, redirects, targets;
    for (std::size_t n = 0; n < candidates.size(); ++n) {
        const auto target = target_of(*candidates[n]->result);
        if (!target || target->to_string() == kept[n] ||
            candidates[n]->completed->basis == Basis::files)
            continue;
        new_wikis.add(candidates[n]->key.wiki);
        redirects.add(candidates[n]->key.entity.to_string());
        targets.add(target->to_string());
    }
    if (!gone.empty())
        transaction.exec(drop_redirects, gone_wikis, gone);
    if (!redirects.empty())
        transaction.exec(keep_redirects, new_wikis, redirects, targets);
    return doubts;
}

void note_unknown_redirects(Transaction& transaction, const std::set<EntityKey>& redirects) {
    TextArray wikis, entities;
    for (const EntityKey& key : redirects) {
        wikis.add(key.wiki);
        entities.add(key.entity.to_string());
    }
    if (!entities.empty())
        transaction.exec(note_unknown, wikis, entities);
}

std::vector<EntityKey> doubtful_redirects(Transaction& transaction,
                                          std::span<const EntityKey> targets) {
    TextArray wikis, entities;
    for (const EntityKey& key : targets) {
        wikis.add(key.wiki);
        entities.add(key.entity.to_string());
    }
    std::vector<EntityKey> found;
    if (!entities.empty())
        for (const auto& row : transaction.exec(find_doubtful, wikis, entities))
            found.push_back(read_key(row[0], row[1]));
    return found;
}

} // namespace runner::store
