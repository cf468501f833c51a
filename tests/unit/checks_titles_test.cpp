// SPDX-License-Identifier: GPL-2.0-or-later
// Which titles the engine asks for, and what becomes of the answers. What the check makes of a
// title is in tests/cases/commons-link/.
#include "checks/engine.hpp"
#include "checks/entity_check.hpp"
#include "config/wiki_settings.hpp"
#include "entity_builders.hpp"
#include "facts/title_cache.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace runner::checks;
using namespace runner::test;
using runner::results::Status;
using runner::source::TitleAnswer;
using runner::source::TitleState;
using Titles = std::vector<std::string>;

namespace {

constexpr const char* commons_link = "Q21510852";
constexpr const char* single_value = "Q19474404";

/// Everything exists, or `problem`.
class FakeCommons final : public runner::source::TitleSource {
public:
    FakeCommons(Titles& asked, std::string& problem) : asked_(asked), problem_(problem) {}
    TitleAnswer ask(std::span<const std::string> titles) override {
        asked_.insert(asked_.end(), titles.begin(), titles.end());
        TitleAnswer answer;
        answer.problem = problem_;
        answer.states.assign(titles.size(),
                             problem_.empty() ? TitleState::exists : TitleState::unknown);
        return answer;
    }

private:
    Titles& asked_;
    std::string& problem_;
};

struct Fixture {
    MapSource source;
    runner::config::WikiSettings wiki;
    Titles asked;
    std::string problem;
    std::shared_ptr<runner::facts::TitleCache> titles = std::make_shared<runner::facts::TitleCache>(
        std::make_unique<FakeCommons>(asked, problem), runner::facts::TitleCacheOptions{});

    runner::results::StoredResult check(const std::vector<StatementText>& statements,
                                        bool asking = true) {
        Engine engine(wiki, {.now = 1'767'225'600, .titles = asking ? titles : nullptr});
        const auto document = runner::entity::parse_entity(entity_json("Q1", statements, 5));
        return engine.check(engine.gather(document, id("Q1"), 5, source));
    }
};

std::uint32_t count(const runner::results::StoredResult& result, Status status) {
    return result.counts[static_cast<std::size_t>(status)];
}

} // namespace

TEST_CASE("titles are asked for where the check is made, deprecated statements too", "[titles]") {
    Fixture f;
    const std::string file = string_snak("P2307", "File");
    f.source.put(property_json("P2", {{"P2$1", commons_link, {file}}, {"P2$2", single_value}}));
    f.source.put(property_json("P3", {{"P3$1", commons_link, {file, entity_snak("P2303", "Q1")}}}));
    f.source.put(property_json(
        "P4", {{"P4$1", commons_link, {file, entity_snak("P4680", "Q46466787")}}})); // main snaks
    f.source.put(
        property_json("P5", {{"P5$1", commons_link, {file, string_snak("P2307", "Data")}}})); // bad
    f.source.put(property_json("P6", {{"P6$1", commons_link}}));
    const auto result = f.check({
        {"Q1$1",
         string_snak("P2", "Main"),
         {string_snak("P2", "Qualifier"), string_snak("P3", "Excepted qualifier"),
          string_snak("P4", "Out of scope")},
         {string_snak("P6", "Reference")}},
        {"Q1$2", string_snak("P2", "Deprecated"), {}, {}, "deprecated"},
        {"Q1$3", string_snak("P2", "ill_formed")},
        {"Q1$4", missing_snak("P2", "somevalue")},
        {"Q1$5", entity_snak("P2", "Q5")},
        {"Q1$6", string_snak("P3", "Excepted")},
        {"Q1$7", string_snak("P5", "Bad")},
    });
    std::sort(f.asked.begin(), f.asked.end());
    CHECK(f.asked == Titles{"File:Deprecated", "File:Excepted qualifier", "File:Main",
                            "File:Qualifier", "Reference"});
    CHECK(result.incomplete.empty());
    CHECK(count(result, Status::todo) == 0);
}

TEST_CASE("without an answer a link is left to do and the result is incomplete", "[titles]") {
    Fixture f;
    f.source.put(property_json("P2", {{"P2$1", commons_link}, {"P2$2", single_value}}));
    const std::vector<StatementText> statements{{"Q1$1", string_snak("P2", "A")},
                                                {"Q1$2", string_snak("P2", "B")},
                                                {"Q1$3", string_snak("P2", "ill_formed")}};
    f.problem = "https://commons.example/api.php: HTTP status 503";
    const auto result = f.check(statements);
    CHECK(result.incomplete ==
          Titles{"commons-link: https://commons.example/api.php: HTTP status 503"});
    CHECK(count(result, Status::todo) == 2);
    CHECK(count(result, Status::warning) == 4); // single value, and the ill-formed one
    const auto nobody = f.check(statements, false);
    CHECK(nobody.incomplete.empty()); // nobody is asked: complete, as far as it goes
    CHECK(count(nobody, Status::todo) == 2);
}
