// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/results/entity_classes.hpp"

#include "store/common/name_rows.hpp"
#include "store/results/entity_rows.hpp"

#include <functional>
#include <string>

namespace runner::store {

namespace {

constexpr Statement read_violation_classes{"read_violation_classes", R"(
SELECT k.n - 1, c.class
FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS k(wiki, entity, n)
CROSS JOIN LATERAL (SELECT class FROM constraint_runner.violation_class
                    WHERE wiki = k.wiki AND entity = k.entity OFFSET 0) c
ORDER BY 1, 2)"};

constexpr Statement delete_violation_classes{"delete_violation_classes", R"(
DELETE FROM constraint_runner.violation_class c
USING unnest($1::text[], $2::text[], $3::text[]) AS k(wiki, entity, class)
WHERE c.wiki = k.wiki AND c.entity = k.entity AND c.class = k.class)"};

constexpr Statement insert_violation_classes{"insert_violation_classes", R"(
INSERT INTO constraint_runner.violation_class (wiki, entity, class)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[]))"};

constexpr Statement read_checked_classes{"read_checked_classes", R"(
SELECT k.n - 1, c.class
FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS k(wiki, entity, n)
CROSS JOIN LATERAL (SELECT class FROM constraint_runner.checked_class
                    WHERE wiki = k.wiki AND entity = k.entity OFFSET 0) c
ORDER BY 1, 2)"};

constexpr Statement delete_checked_classes{"delete_checked_classes", R"(
DELETE FROM constraint_runner.checked_class c
USING unnest($1::text[], $2::text[], $3::text[]) AS k(wiki, entity, class)
WHERE c.wiki = k.wiki AND c.entity = k.entity AND c.class = k.class)"};

constexpr Statement insert_checked_classes{"insert_checked_classes", R"(
INSERT INTO constraint_runner.checked_class (wiki, entity, class)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[]))"};

/// Those to be in the database: none without a violation.
std::vector<std::string> classes_of(const results::StoredResult& result) {
    if (result.deleted || result.violations.empty())
        return {};
    return sorted_names(result.classes);
}

std::vector<std::string> checked_classes_of(const results::StoredResult& result) {
    return result.deleted ? std::vector<std::string>{} : sorted_names(result.checked_classes);
}

struct NameTable {
    const Statement& read;
    const Statement& remove;
    const Statement& insert;
    std::vector<std::string> (*names)(const results::StoredResult&);
};

void update_names(Transaction& transaction, const std::vector<Candidate*>& entities,
                  const NameTable& table) {
    const auto before =
        read_rows<std::string>(transaction, table.read, entities, &Candidate::same_links,
                               [](const pqxx::row& row) { return row[1].as<std::string>(); });
    NameRows gone, fresh;
    for (std::size_t i = 0; i < entities.size(); ++i) {
        if (entities[i]->same_links)
            continue;
        const EntityKey& key = key_of(*entities[i]);
        for_difference(
            before[i], table.names(*entities[i]->result), std::less<>(),
            [&](const std::string& name) { gone.add(key.wiki, key.entity, name); },
            [&](const std::string& name) { fresh.add(key.wiki, key.entity, name); },
            [](const std::string&, const std::string&) {});
    }
    gone.write(transaction, table.remove);
    fresh.write(transaction, table.insert);
}

} // namespace

void update_violation_classes(Transaction& transaction, const std::vector<Candidate*>& entities) {
    update_names(
        transaction, entities,
        {read_violation_classes, delete_violation_classes, insert_violation_classes, classes_of});
}

void update_checked_classes(Transaction& transaction, const std::vector<Candidate*>& entities) {
    update_names(
        transaction, entities,
        {read_checked_classes, delete_checked_classes, insert_checked_classes, checked_classes_of});
}

} // namespace runner::store
