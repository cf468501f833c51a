// SPDX-License-Identifier: GPL-2.0-or-later
// Reading and writing class_node: see class_store.hpp and class_rows.hpp.
#include "store/results/class_store.hpp"

#include "entity/id_code.hpp"
#include "store/common/array.hpp"
#include "store/results/change_upsert.hpp"
#include "store/results/class_changes.hpp"
#include "store/results/class_edges.hpp"
#include "store/results/class_rows.hpp"
#include "store/results/pair_store.hpp"
#include "store/results/redirects.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>

namespace runner::store {

namespace {

using entity::code_of;
using results::ClassNode;
using results::KeptClass;

// by pages, each its own short transaction: a slow reader holds nothing up
constexpr Statement load_classes{"load_classes", R"(
SELECT class, revision, (1000 * extract(epoch FROM statement_timestamp() - read_at))::bigint,
       state, superclasses
FROM constraint_runner.class_node
WHERE wiki = $1 AND class > $2
ORDER BY class LIMIT $3)"};

constexpr Statement find_classes{"find_classes", R"(
SELECT c.class, c.revision, (1000 * extract(epoch FROM statement_timestamp() - c.read_at))::bigint,
       c.state, c.superclasses, k.n - 1
FROM unnest($1::text[], $2::bigint[]) WITH ORDINALITY AS k(wiki, class, n)
JOIN constraint_runner.class_node c ON c.wiki = k.wiki AND c.class = k.class)"};

const std::string upsert_sql = R"(
INSERT INTO constraint_runner.class_node AS c
    (wiki, class, revision, read_at, state, superclasses, edges, edges_before)
SELECT wiki, class, revision, statement_timestamp() - age * interval '1 millisecond', state,
       superclasses, edges, edges
FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::smallint[], $6::bytea[],
            $7::integer[])
     AS n(wiki, class, revision, age, state, superclasses, edges)
ON CONFLICT (wiki, class) DO UPDATE SET
    revision = CASE WHEN excluded.revision = 0 THEN c.revision ELSE excluded.revision END,
    read_at = excluded.read_at, state = excluded.state, superclasses = excluded.superclasses,
    edges = excluded.edges, edges_before = c.edges
)";
const std::string upserted_sql = "RETURNING wiki, class, edges IS DISTINCT FROM edges_before";

// read from the wiki by the way: an older revision never takes the place of a newer one
const std::string upsert_if_newer_sql = upsert_sql + R"(
WHERE CASE WHEN excluded.state = 0 AND excluded.revision <> 0
           THEN excluded.revision > c.revision AND c.state = 0
                OR excluded.revision >= c.revision AND excluded.read_at > c.read_at
           ELSE excluded.read_at > c.read_at END
)" + upserted_sql;

// with a result that was stored: which one knows the present state was decided there
const std::string replace_sql = upsert_sql + upserted_sql;

constexpr Statement class_hashes{"class_hashes", R"(
SELECT k.n - 1, c.edges
FROM unnest($1::text[], $2::bigint[]) WITH ORDINALITY AS k(wiki, class, n)
CROSS JOIN LATERAL (SELECT edges FROM constraint_runner.class_node
                    WHERE wiki = k.wiki AND class = k.class AND edges IS NOT NULL OFFSET 0) c)"};

std::string encode(const std::vector<entity::EntityId>& ids) {
    std::string bytes;
    bytes.reserve(ids.size() * 8);
    for (const auto& id : ids)
        for (int shift = 56; shift >= 0; shift -= 8)
            bytes += static_cast<char>(static_cast<std::uint64_t>(code_of(id)) >> shift);
    return bytes;
}

/// From the text of a bytea, "\x0000000000000005…"; half an id at the end is left out.
std::vector<entity::EntityId> decode(std::string_view hex) {
    std::vector<entity::EntityId> ids;
    hex.remove_prefix(std::min<std::size_t>(2, hex.size()));
    ids.reserve(hex.size() / 16);
    for (; hex.size() >= 16; hex.remove_prefix(16)) {
        std::uint64_t code = 0;
        for (const char c : hex.substr(0, 16))
            code = code << 4 | static_cast<std::uint64_t>(c <= '9' ? c - '0' : c - 'a' + 10);
        ids.push_back(entity::id_of(static_cast<std::int64_t>(code)));
    }
    return ids;
}

KeptClass read_class(const pqxx::row& row) {
    KeptClass kept;
    kept.node.id = entity::id_of(row[0].as<std::int64_t>());
    kept.node.revision = row[1].as<std::uint64_t>();
    kept.age = std::chrono::milliseconds(std::max<std::int64_t>(0, row[2].as<std::int64_t>()));
    kept.node.state = static_cast<ClassNode::State>(std::clamp(row[3].as<int>(), 0, 2));
    kept.node.superclasses = decode({row[4].c_str(), row[4].size()});
    return kept;
}

} // namespace

namespace {

void write_classes(Transaction& transaction, std::span<const ClassRow> rows,
                   const Statement& statement) {
    std::vector<const ClassRow*> sorted; // always in this order: so no two block each other
    for (const ClassRow& row : rows)
        sorted.push_back(&row);
    const auto class_key = [](const ClassRow* row) {
        return std::pair<std::string_view, std::int64_t>(row->wiki, code_of(row->kept.node.id));
    };
    std::stable_sort(sorted.begin(), sorted.end(), [&](const ClassRow* a, const ClassRow* b) {
        return std::tuple(class_key(a), b->kept.node.revision) <
               std::tuple(class_key(b), a->kept.node.revision);
    });
    sorted.erase(std::unique(sorted.begin(), sorted.end(),
                             [&](const ClassRow* a, const ClassRow* b) {
                                 return class_key(a) == class_key(b);
                             }),
                 sorted.end());
    if (sorted.empty())
        return;
    TextArray wikis;
    BigintArray classes, revisions, ages;
    SmallintArray states;
    IntegerArray hashes;
    ByteaArray superclasses;
    for (const ClassRow* row : sorted) {
        const ClassNode& node = row->kept.node;
        wikis.add(row->wiki);
        classes.add(code_of(node.id));
        revisions.add(node.revision);
        ages.add(std::max<std::int64_t>(0, row->kept.age.count()));
        states.add(static_cast<int>(node.state));
        superclasses.add(encode(node.superclasses));
        hashes.add(results::edges_hash(node));
    }
    std::set<std::pair<std::string, std::int64_t>, std::less<>> written;
    std::set<EntityKey> changed;
    const auto rows_written =
        transaction.exec(statement, wikis, classes, revisions, ages, states, superclasses, hashes);
    for (const auto& row : rows_written) {
        written.emplace(row[0].as<std::string>(), row[1].as<std::int64_t>());
        if (row[2].as<bool>())
            changed.insert({row[0].as<std::string>(), entity::id_of(row[1].as<std::int64_t>())});
    }
    std::erase_if(sorted, [&](const ClassRow* row) {
        return !written.contains(std::pair(row->wiki, code_of(row->kept.node.id)));
    });
    std::vector<ClassEdges> edges;
    for (const ClassRow* row : sorted)
        edges.push_back({row->wiki, &row->kept.node});
    update_class_edges(transaction, edges);
    note_changes(transaction, changed, ChangeKind::below_class);
}

} // namespace

void upsert_classes(Transaction& transaction, std::span<const ClassRow> rows) {
    write_classes(transaction, rows, {"upsert_class_rows", upsert_if_newer_sql.c_str()});
    std::set<EntityKey> redirects;
    for (const ClassRow& row : rows)
        if (row.kept.node.state == ClassNode::State::redirect)
            redirects.insert({row.wiki, row.kept.node.id});
    note_unknown_redirects(transaction, redirects);
}

void update_classes(Transaction& transaction, const std::vector<Candidate*>& entities) {
    std::vector<const Candidate*> asked;
    TextArray wikis;
    BigintArray classes;
    for (const Candidate* each : entities) {
        const auto& node = each->result->class_node;
        if (!node)
            continue;
        asked.push_back(each);
        wikis.add(each->key.wiki);
        classes.add(code_of(node->id));
    }
    if (asked.empty())
        return;
    std::vector<std::optional<ClassNode>> old(asked.size());
    for (const auto& row : transaction.exec(find_classes, wikis, classes))
        old.at(row[5].as<std::size_t>()) = read_class(row).node;
    std::vector<ClassRow> rows;
    std::vector<ClassChange> changes;
    std::vector<ClassEdges> edges; // of classes that no check has needed
    for (std::size_t i = 0; i < asked.size(); ++i) {
        const auto& result = *asked[i]->result;
        const ClassNode& node = *result.class_node;
        const std::string& wiki = asked[i]->key.wiki;
        if (!old[i] && !result.is_class) {
            edges.push_back({wiki, &node});
            continue;
        }
        rows.push_back({wiki, {node, {}}});
        if (!old[i] || old[i]->state != node.state || old[i]->superclasses != node.superclasses)
            changes.push_back({wiki, node.id, // 0: any cached data of a removed class
                               node.state == ClassNode::State::found ? node.revision : 0, 0});
    }
    write_classes(transaction, rows, {"replace_class_rows", replace_sql.c_str()});
    update_class_edges(transaction, edges);
    if (!changes.empty()) {
        note_class_changes(transaction, changes);
        notify_changed(transaction);
    }
}

ClassDifferences::ClassDifferences(Transaction& transaction,
                                   const std::vector<Candidate*>& entities) {
    using Class = std::pair<std::string_view, std::int64_t>;
    std::map<const results::WalkedClasses*, std::string_view> walks;
    std::map<Class, std::optional<std::int32_t>> stored;
    for (const Candidate* each : entities)
        if (each->completed->basis != Basis::files)
            for (const auto& walk : each->result->walked)
                if (walks.emplace(walk.get(), each->key.wiki).second)
                    for (const auto& [id, edges] : *walk)
                        stored.emplace(Class(each->key.wiki, code_of(id)), std::nullopt);
    if (stored.empty())
        return;
    TextArray wikis;
    BigintArray classes;
    std::vector<std::optional<std::int32_t>*> places;
    for (auto& [key, edges] : stored) {
        wikis.add(key.first);
        classes.add(key.second);
        places.push_back(&edges);
    }
    for (const auto& row : transaction.exec(class_hashes, wikis, classes))
        *places.at(row[0].as<std::size_t>()) = row[1].as<std::int32_t>();
    for (const auto& [walk, wiki] : walks)
        for (const auto& [id, edges] : *walk)
            if (const auto& now = stored.at(Class(wiki, code_of(id))); now && *now != edges)
                differing_[walk].push_back(id);
}

std::vector<entity::EntityId> ClassDifferences::of(const Candidate& candidate) const {
    std::vector<entity::EntityId> ids;
    for (const auto& walk : candidate.result->walked)
        if (const auto at = differing_.find(walk.get()); at != differing_.end())
            ids.insert(ids.end(), at->second.begin(), at->second.end());
    return ids;
}

std::size_t ClassStore::load(std::string_view wiki,
                             const std::function<void(std::span<const KeptClass>)>& take,
                             std::size_t piece) {
    std::size_t count = 0;
    auto after = std::numeric_limits<std::int64_t>::min();
    std::vector<KeptClass> classes;
    do {
        const auto rows = session_.impl().read(load_classes, std::string(wiki), after, piece);
        classes.clear();
        for (const auto& row : rows)
            classes.push_back(read_class(row));
        if (classes.empty())
            break;
        after = code_of(classes.back().node.id);
        count += classes.size();
        take(classes);
    } while (classes.size() == piece);
    return count;
}

std::vector<KeptClass> ClassStore::find(std::string_view wiki,
                                        std::span<const entity::EntityId> classes) {
    TextArray wikis;
    BigintArray codes;
    for (const auto& id : classes) {
        wikis.add(wiki);
        codes.add(code_of(id));
    }
    std::vector<KeptClass> found;
    if (codes.empty())
        return found;
    const auto rows = session_.impl().read(find_classes, wikis, codes);
    for (const auto& row : rows)
        found.push_back(read_class(row));
    return found;
}

void ClassStore::keep(std::span<const ClassRow> rows) {
    if (!rows.empty())
        session_.impl().run([&](Transaction& transaction) { upsert_classes(transaction, rows); });
}

} // namespace runner::store
