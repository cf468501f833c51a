// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/class_edges.hpp"

#include "store/array.hpp"
#include "store/entity_rows.hpp"

#include <algorithm>
#include <string>

namespace runner::store {

namespace {

// one by one, as read_rows() has it
constexpr Statement read_class_edges{"read_class_edges", R"(
SELECT k.n - 1, e.superclass
FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS k(wiki, class, n)
CROSS JOIN LATERAL (SELECT superclass FROM constraint_runner.class_edge
                    WHERE wiki = k.wiki AND class = k.class OFFSET 0) e
ORDER BY 1, 2)"};

constexpr Statement delete_class_edges{"delete_class_edges", R"(
DELETE FROM constraint_runner.class_edge e
USING unnest($1::text[], $2::text[], $3::text[]) AS k(wiki, class, superclass)
WHERE e.wiki = k.wiki AND e.class = k.class AND e.superclass = k.superclass)"};

// who read the class from the wiki meanwhile may have written the same
constexpr Statement insert_class_edges{"insert_class_edges", R"(
INSERT INTO constraint_runner.class_edge (wiki, class, superclass)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[])
ON CONFLICT DO NOTHING)"};

struct EdgeColumns {
    void add(const ClassEdges& of, const std::string& superclass) {
        wikis.add(of.wiki);
        classes.add(of.node->id.to_string());
        superclasses.add(superclass);
    }
    void write(Transaction& transaction, const Statement& statement) {
        if (!wikis.empty())
            transaction.exec(statement, wikis, classes, superclasses);
    }
    TextArray wikis, classes, superclasses;
};

std::vector<std::string> names_of(const results::ClassNode& node) {
    std::vector<std::string> names;
    for (const entity::EntityId& id : node.superclasses)
        names.push_back(id.to_string());
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

} // namespace

void update_class_edges(Transaction& transaction, const std::vector<ClassEdges>& classes) {
    if (classes.empty())
        return;
    TextArray wikis, ids;
    for (const ClassEdges& each : classes) {
        wikis.add(each.wiki);
        ids.add(each.node->id.to_string());
    }
    std::vector<std::vector<std::string>> before(classes.size());
    for (const auto& row : transaction.exec(read_class_edges, wikis, ids))
        before.at(row[0].as<std::size_t>()).push_back(row[1].as<std::string>());
    EdgeColumns gone, fresh;
    for (std::size_t i = 0; i < classes.size(); ++i)
        for_difference(
            before[i], names_of(*classes[i].node), std::less<>(),
            [&](const std::string& name) { gone.add(classes[i], name); },
            [&](const std::string& name) { fresh.add(classes[i], name); },
            [](const std::string&, const std::string&) {});
    gone.write(transaction, delete_class_edges);
    fresh.write(transaction, insert_class_edges);
}

} // namespace runner::store
