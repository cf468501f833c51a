// SPDX-License-Identifier: GPL-2.0-or-later
// The work list: every filter, pages that together are everything, and classes of every shape.
#include "database.hpp"
#include "store/lists/violation_list.hpp"

#include <catch2/catch.hpp>

#include <tuple>

using namespace runner;
using store::ViolationFilter;
using tests::Database;
using Rows = std::vector<std::string>;

namespace {

entity::EntityId id(std::string_view text) { return entity::EntityId::parse(text).value(); }

struct Fixture {
    Database database;
    store::Session session{database.options()};
    store::ViolationList list{session};

    /// The statements of all pairs, `limit` to a page.
    Rows all(const ViolationFilter& filter, std::uint32_t limit = 1000) {
        Rows found;
        std::optional<store::ViolationKey> after;
        do {
            const auto page = list.page(filter, after ? &*after : nullptr, limit);
            CHECK(page.rows.size() <= limit);
            for (const auto& row : page.rows)
                found.push_back(row.key.statement);
            if (after && page.next)
                CHECK(std::tie(after->entity, after->statement, after->constraint) <
                      std::tie(page.next->entity, page.next->statement, page.next->constraint));
            after = page.next;
        } while (after);
        return found;
    }
    static ViolationFilter of(std::string_view name = {}) {
        ViolationFilter filter;
        filter.wiki = "testwiki";
        if (!name.empty())
            filter.of_class = id(name);
        return filter;
    }
    void put(const std::string& values) {
        database.rows("INSERT INTO constraint_runner.violation (wiki, entity, statement, "
                      "constraint_id, property, type, status, message_key) VALUES " +
                      values);
    }
    void edges(const std::string& values) {
        database.rows("INSERT INTO constraint_runner.class_edge VALUES " + values);
    }
    void classes(const std::string& values) {
        database.rows("INSERT INTO constraint_runner.violation_class VALUES " + values);
    }
};

} // namespace

TEST_CASE_METHOD(Fixture, "pairs are listed in their order, narrowed by each filter, by wiki") {
    put("('testwiki', 'Q1', 'Q1$a', 'P5$1', 5, 'Q50', 'warning', 'm'), "
        "('testwiki', 'Q1', 'Q1$a', 'P5$2', 5, 'Q51', 'violation', ''), "
        "('testwiki', 'Q1', 'Q1$b', 'P6$1', 6, 'Q50', 'bad-parameters', 'm'), "
        "('testwiki', 'L2-F1', 'L2-F1$c', 'P6$1', 6, 'Q50', 'suggestion', 'm'), "
        "('otherwiki', 'Q1', 'Q1$z', 'P6$1', 6, 'Q50', 'warning', 'm')");
    database.rows("INSERT INTO constraint_runner.entity_result VALUES (7, 1, "
                  "'2026-11-21T18:20:00Z', 0, 0,0,0,0,0,0,0,0,0, 0, 'testwiki', 'Q1', 'native')");
    for (const std::uint32_t limit : {1U, 2U, 3U, 4U, 5U})
        CHECK(all(of(), limit) == Rows{"L2-F1$c", "Q1$a", "Q1$a", "Q1$b"});
    auto filter = of();
    filter.property = entity::PropertyId{5};
    CHECK(all(filter) == Rows{"Q1$a", "Q1$a"});
    filter.type = id("Q51");
    CHECK(all(filter) == Rows{"Q1$a"});
    const auto row = list.page(filter, nullptr, 1).rows.at(0);
    CHECK(row.status == "violation");
    CHECK(row.message_key.empty());
    CHECK(row.revision == 7);
    CHECK(row.checked_at == "2026-11-21T18:20:00Z");
    filter = of();
    filter.entity = id("L2-F1");
    CHECK(all(filter) == Rows{"L2-F1$c"});
    const auto gone = list.page(filter, nullptr, 1).rows.at(0);
    CHECK(gone.revision == 0);
    CHECK(gone.checked_at.empty());
    for (const auto& [status, statement] : std::vector<std::pair<results::Status, std::string>>{
             {results::Status::warning, "Q1$a"},
             {results::Status::violation, "Q1$a"},
             {results::Status::bad_parameters, "Q1$b"},
             {results::Status::suggestion, "L2-F1$c"}}) {
        filter = of();
        filter.status = status;
        CHECK(all(filter) == Rows{statement});
    }
    filter = of();
    filter.wiki = "o'wiki\\";
    CHECK(all(filter).empty());
    const store::ViolationKey odd{"Q1", "'; DROP TABLE x; --\\", "~"};
    CHECK(list.page(of(), &odd, 10).rows.size() == 3);
}

TEST_CASE_METHOD(Fixture, "a class brings the instances of all below it, in circles too") {
    for (const std::string name : {"Q1", "Q2", "Q3", "Q4"})
        put("('testwiki', '" + name + "', '" + name +
            "$a', 'P5$1', 5, 'Q50', 'warning', 'm'), "
            "('testwiki', '" +
            name + "', '" + name + "$b', 'P6$1', 6, 'Q50', 'violation', 'm')");
    // Q12 -> Q11 -> Q10, Q10 -> Q12; Q13 -> Q13; Q14 -> Q10 in another wiki alone
    edges("('testwiki', 'Q12', 'Q11'), ('testwiki', 'Q11', 'Q10'), ('testwiki', 'Q10', 'Q12'), "
          "('testwiki', 'Q13', 'Q13'), ('testwiki', 'Q10', 'Q9'), ('otherwiki', 'Q14', 'Q10')");
    classes("('testwiki', 'Q1', 'Q12'), ('testwiki', 'Q1', 'Q13'), ('testwiki', 'Q2', 'Q11'), "
            "('testwiki', 'Q3', 'Q13'), ('testwiki', 'Q4', 'Q14')");
    const Rows circle{"Q1$a", "Q1$b", "Q2$a", "Q2$b"};
    for (const std::string name : {"Q9", "Q10", "Q11", "Q12"})
        for (const std::uint32_t limit : {1U, 2U, 100U}) {
            CHECK(all(of(name), limit) == circle);
            auto filter = of(name);
            filter.status = results::Status::warning;
            CHECK(all(filter, limit) == Rows{"Q1$a", "Q2$a"});
        }
    CHECK(all(of("Q13"), 1) == Rows{"Q1$a", "Q1$b", "Q3$a", "Q3$b"});
    CHECK(all(of("Q14")) == Rows{"Q4$a", "Q4$b"});
    CHECK(all(of("Q99")).empty());
    auto direct = of("Q11");
    direct.direct = true;
    CHECK(all(direct, 1) == Rows{"Q2$a", "Q2$b"});
    direct.property = entity::PropertyId{6};
    CHECK(all(direct) == Rows{"Q2$b"});
    direct.of_class = id("Q9");
    CHECK(all(direct).empty());
}

TEST_CASE_METHOD(Fixture, "general and rare classes and filters bring all there is, page by page") {
    // Q1 above 40,000 classes, Q2 above 2,000 with few instances, Q3 above all, in a circle
    database.rows("INSERT INTO constraint_runner.class_edge "
                  "SELECT 'testwiki', 'Q' || 100000 + n, CASE WHEN n <= 2000 THEN 'Q2' "
                  "ELSE 'Q1' END FROM generate_series(1, 42000) n "
                  "UNION VALUES ('testwiki', 'Q1', 'Q3'), ('testwiki', 'Q2', 'Q3'), "
                  "('testwiki', 'Q3', 'Q142000')");
    database.rows("INSERT INTO constraint_runner.violation "
                  "SELECT 1 + n % 50, (ARRAY['warning', 'violation'])[1 + n % 2]"
                  "::constraint_runner.violation_status, 'testwiki', 'Q' || n / 2, "
                  "'Q' || n / 2 || '$' || n, 'P1$1', 'Q50', '' FROM generate_series(1, 40000) n");
    database.rows("INSERT INTO constraint_runner.violation_class "
                  "SELECT 'testwiki', 'Q' || n, "
                  "CASE WHEN n % 4000 = 5 THEN 'Q' || 100001 + n % 1999 "
                  "WHEN n % 3 = 0 THEN 'Q' || 102001 + n ELSE 'Q7' END "
                  "FROM generate_series(0, 20000) n");
    database.rows("ANALYZE constraint_runner.class_edge, constraint_runner.violation, "
                  "constraint_runner.violation_class");
    for (const std::string name : {"Q1", "Q2", "Q3", "Q7", "Q8"})
        for (const std::string condition :
             {"", " AND v.property = 20", " AND v.status = 'warning'"}) {
            auto filter = of(name);
            if (condition.find("property") != std::string::npos)
                filter.property = entity::PropertyId{20};
            if (condition.find("status") != std::string::npos)
                filter.status = results::Status::warning;
            INFO(name << condition);
            CHECK(all(filter, 900) ==
                  database.rows("WITH RECURSIVE below(class) AS (SELECT '" + name +
                                "' COLLATE \"C\" UNION "
                                "SELECT e.class FROM below b JOIN constraint_runner.class_edge e "
                                "ON e.superclass = b.class) SELECT v.statement "
                                "FROM constraint_runner.violation v WHERE v.entity = ANY (ARRAY("
                                "SELECT entity FROM constraint_runner.violation_class JOIN below "
                                "USING (class)))" +
                                condition + " ORDER BY v.entity, v.statement, v.constraint_id"));
        }
}
