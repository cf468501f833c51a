// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/violation_class_upsert.hpp"

#include "store/entity_rows.hpp"
#include "store/name_rows.hpp"

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

/// Those to be in the database: none without a violation.
std::vector<std::string> classes_of(const results::StoredResult& result) {
    if (result.deleted || result.violations.empty())
        return {};
    return sorted_names(result.classes);
}

} // namespace

void update_violation_classes(Transaction& transaction, const std::vector<Candidate*>& entities) {
    const auto before =
        read_rows<std::string>(transaction, read_violation_classes, entities,
                               [](const pqxx::row& row) { return row[1].as<std::string>(); });
    NameRows gone, fresh;
    for (std::size_t i = 0; i < entities.size(); ++i) {
        const EntityKey& key = key_of(*entities[i]);
        for_difference(
            before[i], classes_of(entities[i]->completed->result), std::less<>(),
            [&](const std::string& name) { gone.add(key.wiki, key.entity, name); },
            [&](const std::string& name) { fresh.add(key.wiki, key.entity, name); },
            [](const std::string&, const std::string&) {});
    }
    gone.write(transaction, delete_violation_classes);
    fresh.write(transaction, insert_violation_classes);
}

} // namespace runner::store
