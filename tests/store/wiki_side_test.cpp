// SPDX-License-Identifier: GPL-2.0-or-later
// The classes of entities in the work list, and kept differences from WBQC.
#include "database.hpp"
#include "store/lists/parity_store.hpp"

#include <catch2/catch.hpp>

using namespace runner;
using tests::completed;
using tests::Database;
using Rows = std::vector<std::string>;

namespace {

struct Fixture {
    Database database;
    store::Session session{database.options()};
    store::ResultStore results{session};
    std::uint64_t check = 0;

    void put(results::StoredResult result) {
        (void)results.store(std::vector<store::Completed>{completed(std::move(result), ++check)});
    }
};

} // namespace

TEST_CASE_METHOD(Fixture,
                 "classes of entities stand in the work list as long as there are violations") {
    const auto classes = [&] {
        return database.rows("SELECT entity, class FROM constraint_runner.violation_class "
                             "ORDER BY 1, 2");
    };
    const auto with = [&](std::uint64_t revision, bool violated, std::vector<int> numbers) {
        auto result = tests::result("Q1", revision);
        if (violated)
            result.violations = {tests::violation("Q1$1", "P1$1")};
        for (const int number : numbers)
            result.classes.push_back(
                {entity::EntityType::item, static_cast<std::uint32_t>(number), 0});
        put(std::move(result));
    };
    with(1, false, {5});
    CHECK(classes().empty());
    with(2, true, {5, 10, 5});
    CHECK(classes() == Rows{"Q1|Q10", "Q1|Q5"});
    with(3, true, {5, 7});
    CHECK(classes() == Rows{"Q1|Q5", "Q1|Q7"});
    with(4, false, {5, 7});
    CHECK(classes().empty());
    with(5, true, {5});
    auto gone = tests::result("Q1", 6);
    gone.deleted = true;
    put(std::move(gone));
    CHECK(classes().empty());
}

TEST_CASE_METHOD(Fixture,
                 "the latest difference of a constraint on an entity is kept, for a while") {
    store::ParityStore parity(session);
    const auto difference = [](std::string_view entity, const std::string& constraint,
                               const std::string& wiki = "testwiki") {
        store::ParityDifference one;
        one.key = tests::key(entity, wiki);
        one.revision = 9;
        one.property.number = 5;
        one.constraint = constraint;
        one.type = "Q1";
        one.native = R"([{"s":"warning"}])";
        one.php = "[]";
        return one;
    };
    parity.keep({});
    const std::vector<store::ParityDifference> some{
        difference("Q1", "P5$a"), difference("Q1", "P5$b"), difference("Q2", "P5$a", "otherwiki")};
    parity.keep(some);
    auto newer = difference("Q1", "P5$a");
    newer.revision = 10;
    parity.keep(std::vector{newer});
    const auto all = parity.list("", 10, nullptr, "");
    REQUIRE(all.size() == 3);
    CHECK(all[0].key.wiki == "otherwiki");
    CHECK(all[1].revision == 10);
    CHECK(all[2].native == R"([{"s":"warning"}])");
    const auto page = parity.list("testwiki", 1, &all[1].key, all[1].constraint);
    REQUIRE(page.size() == 1);
    CHECK(page[0].constraint == "P5$b");
    CHECK(parity.remove_older("testwiki", std::chrono::hours(1)) == 0);
    CHECK(parity.remove_older("testwiki", std::chrono::milliseconds(-1000)) == 2);
    CHECK(parity.list("", 10, nullptr, "").size() == 1);
}
