// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/lists/violation_query.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

namespace runner::store {

namespace {

constexpr std::size_t max_above = 50'000; ///< superclasses together, of all classes of a stretch
constexpr const char* key_columns = "v.entity, v.statement, v.constraint_id";

ViolationKey read_violation_key(const pqxx::row& row) {
    return {row[0].as<std::string>(), row[1].as<std::string>(), row[2].as<std::string>()};
}

} // namespace

bool ViolationQuery::is_filtered() const noexcept {
    return filter_.entity || filter_.property || filter_.type || filter_.status;
}

std::string ViolationQuery::quote(std::string_view text) const { return transaction_.quote(text); }

std::string ViolationQuery::key(const ViolationKey& key) const {
    return fmt::format("({}, {}, {})", quote(key.entity), quote(key.statement),
                       quote(key.constraint));
}

std::string ViolationQuery::where(const ViolationKey* after, const ViolationKey* up_to) const {
    std::string text = " WHERE v.wiki = " + quote(filter_.wiki);
    if (filter_.entity)
        text += " AND v.entity = " + quote(filter_.entity->to_string());
    if (filter_.property)
        text += fmt::format(" AND v.property = {}", filter_.property->number);
    if (filter_.type)
        text += " AND v.type = " + quote(filter_.type->to_string());
    if (filter_.status) // as it stands there: the index of the status is known by it
        text += " AND v.status = " + quote(results::to_string(*filter_.status));
    if (after != nullptr)
        text += fmt::format(" AND ({}) > {}", key_columns, key(*after));
    if (up_to != nullptr)
        text += fmt::format(" AND ({}) <= {}", key_columns, key(*up_to));
    return text;
}

ViolationPage ViolationQuery::page(const ViolationKey* after, std::size_t limit,
                                   const std::vector<std::string>* entities,
                                   const ViolationKey* up_to) const {
    ViolationPage page;
    std::string condition = where(after, up_to);
    if (entities != nullptr) {
        if (entities->empty())
            return page;
        condition += " AND v.entity IN (";
        for (const std::string& entity : *entities)
            condition += (&entity == entities->data() ? "" : ",") + quote(entity);
        condition += ')';
    }
    const auto rows = transaction_.exec_text(fmt::format(
        R"(SELECT p.*, r.revision,
                  to_char(r.checked_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
FROM (SELECT {0}, v.property, v.type, v.status, v.message_key, v.own, v.fix,
             v.own_status
      FROM constraint_runner.violation v{1} ORDER BY {0} LIMIT {2}) AS p
LEFT JOIN LATERAL (SELECT e.revision, e.checked_at FROM constraint_runner.entity_result e
                   WHERE e.wiki = {3} AND e.entity = p.entity OFFSET 0) AS r ON true
ORDER BY p.entity, p.statement, p.constraint_id)",
        key_columns, condition, limit + 1, quote(filter_.wiki)));
    for (const auto& row : rows) {
        if (page.rows.size() == limit) {
            page.next = page.rows.back().key;
            break;
        }
        ListedViolation& violation = page.rows.emplace_back();
        violation.key = read_violation_key(row);
        violation.property.number = row[3].as<std::uint32_t>();
        violation.type = row[4].as<std::string>();
        violation.status = row[5].as<std::string>();
        violation.message_key = row[6].as<std::string>();
        violation.own = row[7].as<bool>();
        violation.fix = row[8].as<std::string>(std::string());
        violation.own_status = row[9].as<std::string>(std::string());
        violation.revision = row[10].as<std::uint64_t>(0);
        violation.checked_at = row[11].as<std::string>(std::string());
    }
    return page;
}

std::optional<ViolationKey> ViolationQuery::key_ahead(const ViolationKey* after,
                                                      std::size_t count) const {
    const auto rows = transaction_.exec_text(
        fmt::format("SELECT {0} FROM constraint_runner.violation v{1} ORDER BY {0} "
                    "OFFSET {2} LIMIT 1",
                    key_columns, where(after, nullptr), count - 1));
    if (rows.empty())
        return std::nullopt;
    return read_violation_key(rows[0]);
}

std::vector<std::pair<std::string, std::string>>
ViolationQuery::classes(const ViolationKey* after, const ViolationKey* up_to) const {
    std::vector<std::pair<std::string, std::string>> found;
    for (const auto& row : transaction_.exec_text(fmt::format(
             R"(SELECT e.entity, c.class
FROM (SELECT DISTINCT v.entity FROM constraint_runner.violation v{} ORDER BY v.entity) AS e,
     LATERAL (SELECT class FROM constraint_runner.violation_class
              WHERE wiki = {} AND entity = e.entity OFFSET 0) AS c
ORDER BY e.entity)",
             where(after, up_to), quote(filter_.wiki))))
        found.emplace_back(row[0].as<std::string>(), row[1].as<std::string>());
    return found;
}

std::optional<ViolationQuery::Instances> ViolationQuery::instances(std::string_view from,
                                                                   std::size_t max_classes,
                                                                   std::size_t max_entities,
                                                                   std::size_t max_rows) const {
    const std::string wiki = quote(filter_.wiki);
    const std::string step = filter_.direct
                                 ? ""
                                 : fmt::format(R"( UNION SELECT down.class FROM below b, LATERAL (
        SELECT e.class FROM constraint_runner.class_edge e
        WHERE e.wiki = {} AND e.superclass = b.class OFFSET 0) AS down)",
                                               wiki);
    // the row without an entity tells how many classes there are, and entities may be
    const auto rows = transaction_.exec_text(fmt::format(
        R"(WITH RECURSIVE below(class) AS (SELECT {0} COLLATE "C"{1}),
    known AS MATERIALIZED (SELECT class FROM below LIMIT {2} + 1),
    counted AS MATERIALIZED (SELECT count(*) AS classes,
        greatest(100, least({3}, {4} / count(*))) AS wanted FROM known)
(SELECT NULL::text AS entity, classes, wanted FROM counted)
UNION ALL
(SELECT DISTINCT list.entity, 0, 0 FROM known, LATERAL (
    SELECT c.entity FROM constraint_runner.violation_class c
    WHERE c.wiki = {5} AND c.class = known.class AND c.entity >= {6}
    ORDER BY c.entity LIMIT (SELECT wanted FROM counted)) AS list
WHERE (SELECT classes FROM counted) <= {2}
ORDER BY list.entity LIMIT (SELECT wanted FROM counted)))",
        quote(filter_.of_class->to_string()), step, max_classes, max_entities, max_rows, wiki,
        quote(from)));
    Instances found;
    std::size_t classes = 0;
    std::size_t wanted = 0;
    for (const auto& row : rows)
        if (row[0].is_null()) {
            classes = row[1].as<std::size_t>();
            wanted = row[2].as<std::size_t>();
        } else {
            found.entities.push_back(row[0].as<std::string>());
        }
    if (classes > max_classes)
        return std::nullopt;
    found.more = found.entities.size() >= wanted;
    return found;
}

std::unordered_set<std::string> ViolationQuery::among(std::span<const std::string> classes) const {
    std::unordered_set<std::string> found{filter_.of_class->to_string()};
    if (classes.empty() || filter_.direct)
        return found;
    std::string list;
    for (const std::string& name : classes)
        list += (list.empty() ? "" : ",") + quote(name);
    const std::string up =
        fmt::format("LATERAL (SELECT e.class, e.superclass FROM constraint_runner.class_edge e "
                    "WHERE e.wiki = {} AND e.class = a.class OFFSET 0) AS up",
                    quote(filter_.wiki));
    std::unordered_map<std::string, std::vector<std::string>> below;
    for (const auto& row : transaction_.exec_text(fmt::format(
             R"(WITH RECURSIVE above(class) AS (SELECT unnest(ARRAY[{0}]) COLLATE "C"
    UNION SELECT up.superclass FROM above a, {1})
SELECT up.class, up.superclass FROM (SELECT class FROM above LIMIT {2}) AS a, {1})",
             list, up, max_above)))
        below[row[1].as<std::string>()].push_back(row[0].as<std::string>());
    for (std::vector<std::string> open(found.begin(), found.end()); !open.empty();) {
        const auto next = below.find(open.back());
        open.pop_back();
        if (next == below.end())
            continue;
        for (const std::string& name : next->second)
            if (found.insert(name).second)
                open.push_back(name);
    }
    return found;
}

} // namespace runner::store
