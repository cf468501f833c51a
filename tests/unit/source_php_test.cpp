// SPDX-License-Identifier: GPL-2.0-or-later
// Entities from PHP workers, and what their answers may say.
#include "fake_worker.hpp"
#include "source/php_answer.hpp"
#include "source/php_source.hpp"
#include "source/source_factory.hpp"

#include <catch2/catch.hpp>

#include <fstream>

using namespace runner::source;
using Catch::Contains;
using runner::entity::EntityId;
using runner::test::fake_workers;
using runner::test::TempDir;

namespace {

std::vector<EntityId> ids(std::initializer_list<const char*> texts) {
    std::vector<EntityId> out;
    for (const char* text : texts)
        out.push_back(EntityId::parse(text).value());
    return out;
}

const std::string found_q1 =
    R"({"id":"Q1","state":"found","revision":5,"document":{"id":"Q1","type":"item"}})";

Lookup answered(const std::string& entity) {
    return parse_php_answer("{\"entities\":[" + entity + "]}", ids({"Q1"})).at(0);
}

} // namespace

TEST_CASE("a worker says what it knows of each entity") {
    const TempDir folder;
    PhpSource source(std::make_shared<runner::php::Pool>(fake_workers(folder)));
    const auto found = source.load(ids({"Q1", "Q40", "Q30", "P5", "L7-F1", "L7-F9", "L7", "Q1"}));
    REQUIRE(found.size() == 8);
    CHECK(found[0].state == State::found);
    CHECK(found[0].revision == 7);
    CHECK(found[1].state == State::missing);
    CHECK(found[2].state == State::redirect);
    CHECK(found[2].redirect_target.to_string() == "Q1");
    CHECK(found[3].document->entity().id.to_string() == "P5");
    CHECK(found[4].state == State::found);
    CHECK(found[5].state == State::missing);
    CHECK(found[7].document == found[0].document);
    std::ifstream asked(folder.path() / "asked");
    std::string line;
    std::getline(asked, line);
    CHECK_THAT(line, Contains(R"(["Q1", "Q40", "Q30", "P5", "L7"])"));
    CHECK_FALSE(std::getline(asked, line));
    CHECK(source.load({}).empty());
}

TEST_CASE("many entities are asked for in batches") {
    const TempDir folder;
    PhpSource source(std::make_shared<runner::php::Pool>(fake_workers(folder)));
    std::vector<EntityId> many;
    for (int i = 0; i < 120; ++i)
        many.push_back(EntityId::parse("Q" + std::to_string(1000 + i)).value());
    const auto found = source.load(many);
    CHECK(found.back().document->entity().id == many.back());
    std::ifstream asked(folder.path() / "asked");
    std::string line;
    int requests = 0;
    while (std::getline(asked, line))
        ++requests;
    CHECK(requests == 3);
}

TEST_CASE("an older revision than asked for is worth another attempt") {
    const TempDir folder;
    PhpSource source(std::make_shared<runner::php::Pool>(fake_workers(folder)));
    CHECK(source.load(ids({"Q1"}), 7).at(0).revision == 7);
    CHECK_THROWS_AS(source.load(ids({"Q1"}), 8), SourceUnavailable);
}

TEST_CASE("a worker that fails or makes no sense is a source that does not answer") {
    const TempDir folder;
    PhpSource source(std::make_shared<runner::php::Pool>(fake_workers(folder)));
    CHECK_THROWS_WITH(source.load(ids({"Q666"})), Contains("the database is unavailable"));
    CHECK_THROWS_WITH(source.load(ids({"Q667"})), Contains("fewer entities"));
    PhpSource broken(std::make_shared<runner::php::Pool>(fake_workers(folder, "ends")));
    CHECK_THROWS_AS(broken.load(ids({"Q1"})), SourceUnavailable);
}

TEST_CASE("the source php comes from the settings of the wiki") {
    const TempDir folder;
    runner::config::WikiSettings wiki;
    wiki.id = "testwiki";
    wiki.source = runner::config::SourceKind::php;
    wiki.php_command = fake_workers(folder).command;
    CHECK(make_source(wiki)->load(ids({"Q1"})).at(0).state == State::found);
}

TEST_CASE("an answer is read without trusting it") {
    CHECK(answered(found_q1).revision == 5);
    CHECK(answered(R"( { "state" : "missing" , "id" : "Q1", "more" : [1,{"a":"}"}] } )").state ==
          State::missing);
    for (const char* wrong : {
             R"({"id":"Q2","state":"missing"})",
             R"({"id":"Q1","state":"gone"})",
             R"({"id":"Q1"})",
             R"({})",
             R"({"id":"Q1","state":"redirect","target":"x"})",
             R"({"id":"Q1","state":"redirect"})",
             R"({"id":"Q1","state":"found","revision":5})",
             R"({"id":"Q1","state":"found","revision":-5,"document":{"id":"Q1","type":"item"}})",
             R"({"id":"Q1","state":"found","revision":5,"document":{"id":"Q2","type":"item"}})",
             R"({"id":"Q1","state":"missing"},{"id":"Q1","state":"missing"})",
             "null",
             "",
         }) {
        INFO(wrong);
        CHECK_THROWS_AS(answered(wrong), runner::base::DataError);
    }
    // the document itself: the fault of its entity
    CHECK_THROWS_AS(answered(R"({"id":"Q1","state":"found","revision":5,"document":{"id":"Q1")"),
                    SourceUnavailable);
    CHECK_THROWS_AS(parse_php_answer("{}", {}), runner::base::DataError);
    CHECK_THROWS_AS(parse_php_answer("", {}), runner::base::DataError);
    CHECK_THROWS_WITH(parse_php_answer(R"({"error":{"code":"x","message":"words"}})", {}),
                      Contains("words"));
    CHECK(parse_php_answer(R"({"entities":[]})", {}).empty());
}
