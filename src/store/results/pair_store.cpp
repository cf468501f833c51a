// SPDX-License-Identifier: GPL-2.0-or-later
// Pairs, dependencies and events by difference: see pair_store.hpp.
#include "store/results/pair_store.hpp"

#include "base/log.hpp"
#include "store/common/array.hpp"
#include "store/results/entity_rows.hpp"

#include <algorithm>
#include <tuple>

namespace runner::store {

namespace {

constexpr Statement read_violations{"read_violations", R"(
SELECT k.n - 1, v.statement, v.constraint_id, v.property, v.type, v.status, v.message_key,
       v.own, v.fix, v.own_status
FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS k(wiki, entity, n)
CROSS JOIN LATERAL (SELECT * FROM constraint_runner.violation
                    WHERE wiki = k.wiki AND entity = k.entity OFFSET 0) v)"};

constexpr Statement delete_violations{"delete_violations", R"(
DELETE FROM constraint_runner.violation v
USING unnest($1::text[], $2::text[], $3::text[], $4::text[])
      AS k(wiki, entity, statement, constraint_id)
WHERE v.wiki = k.wiki AND v.entity = k.entity AND v.statement = k.statement
  AND v.constraint_id = k.constraint_id)"};

constexpr Statement insert_violations{"insert_violations", R"(
INSERT INTO constraint_runner.violation
    (wiki, entity, statement, constraint_id, property, type, status, message_key, own, fix,
     own_status)
SELECT wiki, entity, statement, constraint_id, property, type,
       status::constraint_runner.violation_status, message_key, own, fix, own_status
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::integer[], $6::text[], $7::text[],
            $8::text[], $9::boolean[], $10::text[], $11::text[])
     AS n(wiki, entity, statement, constraint_id, property, type, status, message_key, own, fix,
          own_status))"};

constexpr Statement update_violation_rows{"update_violation_rows", R"(
UPDATE constraint_runner.violation v SET
    property = k.property, type = k.type,
    status = k.status::constraint_runner.violation_status, message_key = k.message_key,
    own = k.own, fix = k.fix, own_status = k.own_status
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::integer[], $6::text[], $7::text[],
            $8::text[], $9::boolean[], $10::text[], $11::text[])
     AS k(wiki, entity, statement, constraint_id, property, type, status, message_key, own, fix,
          own_status)
WHERE v.wiki = k.wiki AND v.entity = k.entity AND v.statement = k.statement
  AND v.constraint_id = k.constraint_id)"};

constexpr Statement insert_events{"insert_events", R"(
INSERT INTO constraint_runner.event
    (wiki, entity, revision, created_at, transaction, deleted, appeared, disappeared, changed)
SELECT wiki, entity, revision, statement_timestamp(), pg_current_xact_id(), deleted, appeared,
       disappeared, changed
FROM unnest($1::text[], $2::text[], $3::bigint[], $4::boolean[], $5::json[], $6::json[],
            $7::json[])
     AS n(wiki, entity, revision, deleted, appeared, disappeared, changed))"};

constexpr Statement notify_changes{"notify_changes", "SELECT pg_notify($1, '')"};

constexpr Statement read_dependencies{"read_dependencies", R"(
SELECT k.n - 1, d.depends_on, d.revision, d.seen, d.named
FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS k(wiki, entity, n)
CROSS JOIN LATERAL (SELECT * FROM constraint_runner.dependency
                    WHERE wiki = k.wiki AND entity = k.entity OFFSET 0) d)"};

constexpr Statement delete_dependencies{"delete_dependencies", R"(
DELETE FROM constraint_runner.dependency d
USING unnest($1::text[], $2::text[], $3::text[]) AS k(wiki, entity, depends_on)
WHERE d.wiki = k.wiki AND d.entity = k.entity AND d.depends_on = k.depends_on)"};

constexpr Statement insert_dependencies{"insert_dependencies", R"(
INSERT INTO constraint_runner.dependency (wiki, entity, depends_on, revision, seen, named)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[],
                     $6::boolean[]))"};

constexpr Statement update_dependency_rows{"update_dependency_rows", R"(
UPDATE constraint_runner.dependency d SET revision = k.revision, seen = k.seen, named = k.named
FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::boolean[])
     AS k(wiki, entity, depends_on, revision, seen, named)
WHERE d.wiki = k.wiki AND d.entity = k.entity AND d.depends_on = k.depends_on)"};

bool pair_less(const results::Violation& a, const results::Violation& b) {
    return std::tie(a.statement, a.constraint) < std::tie(b.statement, b.constraint);
}

// sorted and unique whatever comes in: a pair twice would fail the whole batch
std::vector<results::Violation> sorted_violations(const results::StoredResult& result) {
    if (result.deleted)
        return {};
    auto rows = result.violations;
    std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
        return std::tie(a.statement, a.constraint, a.status) <
               std::tie(b.statement, b.constraint, b.status);
    });
    rows.erase(std::unique(rows.begin(), rows.end(),
                           [](const auto& a, const auto& b) {
                               return a.statement == b.statement && a.constraint == b.constraint;
                           }),
               rows.end());
    return rows;
}

results::Violation read_violation(const pqxx::row& row) {
    results::Violation violation;
    violation.statement = row[1].as<std::string>();
    violation.constraint = row[2].as<std::string>();
    violation.property.number = row[3].as<std::uint32_t>();
    violation.type = row[4].as<std::string>();
    violation.status = results::status_from(row[5].c_str()).value_or(results::Status::violation);
    violation.message_key = row[6].as<std::string>();
    violation.own = row[7].as<bool>();
    violation.fix = row[8].as<std::string>(std::string());
    violation.own_status = row[9].as<std::string>(std::string());
    return violation;
}

struct ViolationColumns {
    void add(const EntityKey& key, const results::Violation& row) {
        wikis.add(key.wiki);
        entities.add(key.entity.to_string());
        statements.add(row.statement);
        constraints.add(row.constraint);
        properties.add(row.property.number);
        types.add(row.type);
        statuses.add(results::to_string(row.status));
        messages.add(row.message_key);
        owns.add(row.own);
        row.fix.empty() ? fixes.add_null() : fixes.add(row.fix);
        row.own_status.empty() ? own_statuses.add_null() : own_statuses.add(row.own_status);
    }
    void write(Transaction& transaction, const Statement& statement) {
        if (!wikis.empty())
            transaction.exec(statement, wikis, entities, statements, constraints, properties, types,
                             statuses, messages, owns, fixes, own_statuses);
    }
    TextArray wikis, entities, statements, constraints, types, statuses, messages, fixes,
        own_statuses;
    IntegerArray properties;
    BooleanArray owns;
};

/// The lists of an event, as JSON without the closing bracket; empty: nothing.
struct EventLists {
    std::string appeared, disappeared, changed;

    [[nodiscard]] bool empty() const noexcept {
        return appeared.empty() && disappeared.empty() && changed.empty();
    }
};

void append_member(std::string& json, const char* name, std::string_view text) {
    json += name;
    base::append_json_escaped(json, text);
}

/// Up to the type, which is not closed.
void begin_pair(std::string& json, const results::Violation& row) {
    json += json.empty() ? "[" : ",";
    append_member(json, "{\"statement\":\"", row.statement);
    append_member(json, "\",\"constraint\":\"", row.constraint);
    append_member(json, "\",\"property\":\"", row.property.to_string());
    append_member(json, "\",\"type\":\"", row.type);
}

void append_pair(std::string& json, const results::Violation& row) {
    begin_pair(json, row);
    append_member(json, "\",\"status\":\"", results::to_string(row.status));
    json += '"';
    if (row.own)
        json += ",\"own\":true";
    if (!row.fix.empty())
        json += ",\"fix\":" + row.fix;
    json += '}';
}

/// A pair that stays; nothing when only its message is another one.
void append_change(std::string& json, const results::Violation& before,
                   const results::Violation& after) {
    if (before.status == after.status && before.type == after.type && before.own == after.own)
        return;
    begin_pair(json, after);
    append_member(json, "\",\"from\":\"", results::to_string(before.status));
    append_member(json, "\",\"to\":\"", results::to_string(after.status));
    if (before.type != after.type)
        append_member(json, "\",\"from_type\":\"", before.type);
    json += '"';
    if (before.own)
        json += ",\"from_own\":true";
    if (after.own)
        json += ",\"own\":true";
    if (!after.fix.empty())
        json += ",\"fix\":" + after.fix;
    json += '}';
}

struct EventColumns {
    void add(const Candidate& entity, EventLists lists) {
        const EntityKey& key = key_of(entity);
        wikis.add(key.wiki);
        entities.add(key.entity.to_string());
        revisions.add(entity.revision);
        deleted.add(entity.result->deleted);
        appeared.add(lists.appeared.empty() ? "[]" : (lists.appeared += "]"));
        disappeared.add(lists.disappeared.empty() ? "[]" : (lists.disappeared += "]"));
        changed.add(lists.changed.empty() ? "[]" : (lists.changed += "]"));
    }
    void write(Transaction& transaction) {
        if (wikis.empty())
            return;
        transaction.exec(insert_events, wikis, entities, revisions, deleted, appeared, disappeared,
                         changed);
        notify_changed(transaction);
    }
    TextArray wikis, entities;
    BigintArray revisions;
    BooleanArray deleted;
    JsonArray appeared, disappeared, changed;
};

struct DependencyColumns {
    void add(const EntityKey& key, const results::Dependency& row) {
        wikis.add(key.wiki);
        entities.add(key.entity.to_string());
        ids.add(row.id.to_string());
        revisions.add(row.revision);
        if (row.seen)
            seen.add(static_cast<std::int64_t>(*row.seen));
        else
            seen.add_null();
        named.add(row.named);
    }
    void write(Transaction& transaction, const Statement& statement) {
        if (!wikis.empty())
            transaction.exec(statement, wikis, entities, ids, revisions, seen, named);
    }
    TextArray wikis, entities, ids;
    BigintArray revisions, seen;
    BooleanArray named;
};

bool dependency_less(const results::Dependency& a, const results::Dependency& b) {
    return a.id < b.id;
}

std::vector<results::Dependency> sorted_dependencies(const results::StoredResult& result) {
    if (result.deleted)
        return {};
    auto rows = result.dependencies;
    std::stable_sort(rows.begin(), rows.end(), dependency_less);
    rows.erase(std::unique(rows.begin(), rows.end(),
                           [](const auto& a, const auto& b) { return a.id == b.id; }),
               rows.end());
    return rows;
}

} // namespace

void notify_changed(Transaction& transaction) { transaction.exec(notify_changes, result_channel); }

std::vector<PairChanges> update_violations(Transaction& transaction,
                                           const std::vector<Candidate*>& entities) {
    std::vector<PairChanges> answer(entities.size());
    auto old_rows = read_rows<results::Violation>(transaction, read_violations, entities,
                                                  &Candidate::same_pairs, read_violation);
    ViolationColumns gone, fresh, changed;
    EventColumns events;
    for (std::size_t i = 0; i < entities.size(); ++i) {
        if (entities[i]->same_pairs)
            continue;
        const EntityKey& key = key_of(*entities[i]);
        EventLists lists;
        std::sort(old_rows[i].begin(), old_rows[i].end(), pair_less);
        for_difference(
            old_rows[i], sorted_violations(*entities[i]->result), pair_less,
            [&](const auto& row) {
                gone.add(key, row);
                append_pair(lists.disappeared, row);
                ++answer[i].disappeared;
            },
            [&](const auto& row) {
                fresh.add(key, row);
                append_pair(lists.appeared, row);
                ++answer[i].appeared;
            },
            [&](const auto& old_row, const auto& new_row) {
                if (!(old_row == new_row)) {
                    changed.add(key, new_row);
                    append_change(lists.changed, old_row, new_row);
                }
            });
        if (!lists.empty())
            events.add(*entities[i], std::move(lists));
    }
    if (!gone.wikis.empty())
        transaction.exec(delete_violations, gone.wikis, gone.entities, gone.statements,
                         gone.constraints);
    fresh.write(transaction, insert_violations);
    changed.write(transaction, update_violation_rows);
    events.write(transaction);
    return answer;
}

void update_dependencies(Transaction& transaction, const std::vector<Candidate*>& entities) {
    auto old_rows = read_rows<results::Dependency>(
        transaction, read_dependencies, entities, &Candidate::same_links, [](const pqxx::row& row) {
            const auto id = entity::EntityId::parse(row[1].as<std::string>());
            results::Dependency read{
                id.value_or(entity::EntityId{}), row[2].as<std::uint64_t>(), {}, row[4].as<bool>()};
            if (!row[3].is_null())
                read.seen = static_cast<std::uint64_t>(row[3].as<std::int64_t>());
            return read;
        });
    DependencyColumns gone, fresh, changed;
    for (std::size_t i = 0; i < entities.size(); ++i) {
        const EntityKey& key = key_of(*entities[i]);
        if (entities[i]->same_links) {
            for (const results::Dependency& row : entities[i]->result->dependencies)
                if (row.id == key.entity)
                    changed.add(key, row);
            continue;
        }
        std::sort(old_rows[i].begin(), old_rows[i].end(), dependency_less);
        for_difference(
            old_rows[i], sorted_dependencies(*entities[i]->result), dependency_less,
            [&](const auto& row) { gone.add(key, row); },
            [&](const auto& row) { fresh.add(key, row); },
            [&](const auto& old_row, const auto& new_row) {
                if (old_row.revision != new_row.revision || old_row.seen != new_row.seen ||
                    old_row.named != new_row.named)
                    changed.add(key, new_row);
            });
    }
    if (!gone.wikis.empty())
        transaction.exec(delete_dependencies, gone.wikis, gone.entities, gone.ids);
    fresh.write(transaction, insert_dependencies);
    changed.write(transaction, update_dependency_rows);
}

} // namespace runner::store
