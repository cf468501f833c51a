// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/results/class_edges.hpp"

#include "store/common/array.hpp"
#include "store/common/name_rows.hpp"
#include "store/results/entity_rows.hpp"

#include <functional>
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

// another runner that read the class from the wiki meanwhile may have written the same
constexpr Statement insert_class_edges{"insert_class_edges", R"(
INSERT INTO constraint_runner.class_edge (wiki, class, superclass)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[])
ON CONFLICT DO NOTHING)"};

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
    NameRows gone, fresh;
    for (std::size_t i = 0; i < classes.size(); ++i) {
        const results::ClassNode& node = *classes[i].node;
        for_difference(
            before[i], sorted_names(node.superclasses), std::less<>(),
            [&](const std::string& name) { gone.add(classes[i].wiki, node.id, name); },
            [&](const std::string& name) { fresh.add(classes[i].wiki, node.id, name); },
            [](const std::string&, const std::string&) {});
    }
    gone.write(transaction, delete_class_edges);
    fresh.write(transaction, insert_class_edges);
}

} // namespace runner::store
