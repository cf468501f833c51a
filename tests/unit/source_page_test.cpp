// SPDX-License-Identifier: GPL-2.0-or-later
// What an answer over HTTP says of a page, and whose fault it is when there is none.
#include "base/error.hpp"
#include "source/page_answer.hpp"
#include "source/page_faults.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <thread>
#include <vector>

using namespace runner::source;
using namespace std::chrono_literals;
using Catch::Contains;
using runner::entity::EntityId;

namespace {

EntityId id(std::string_view text) { return EntityId::parse(text).value(); }

std::string entity(const std::string& text, const std::string& more = "") {
    const char* type = text.starts_with('P') ? "property" : "item";
    return R"({"type":")" + std::string(type) + R"(","id":")" + text + R"(",)" +
           (type[0] == 'p' ? R"("datatype":"string",)" : "") + R"("lastrevid":7,"claims":[])" +
           more + "}";
}

std::string answer(const std::string& key, const std::string& json) {
    return R"({"entities":{")" + key + "\":" + json + "}}";
}

FailedPage failed(std::string_view page, bool refused) {
    return {id(page), std::string(page) + " failed", refused};
}

} // namespace

TEST_CASE("an answer holds the page, says that it is missing, or that it redirects") {
    CHECK(read_page_answer(answer("Q1", entity("Q1")), id("Q1")).state == State::found);
    CHECK(read_page_answer(answer("Q1", entity("Q1")), id("Q1")).revision == 7);
    for (const char* flag : {R"("")", "true"}) {
        const auto missing = std::string(R"({"id":"P1","missing":)") + flag + "}";
        CHECK(read_page_answer(answer("P1", missing), id("P1")).state == State::missing);
    }
    const Lookup redirect = read_page_answer(answer("Q1", entity("Q1")), id("Q12"));
    CHECK(redirect.state == State::redirect);
    CHECK(redirect.redirect_target == id("Q1"));
    CHECK(read_page_answer(answer("Q12", entity("Q1", R"(,"redirects":{"from":"Q12","to":"Q1"})")),
                           id("Q12"))
              .state == State::redirect);
    // of several the one that was asked for
    CHECK(read_page_answer(
              R"({"entities":{"Q1":)" + entity("Q1") + R"(,"Q2":)" + entity("Q2") + "}}", id("Q2"))
              .state == State::found);
}

TEST_CASE("an answer with another entity can't be read") {
    const auto [page, body, reason] = GENERATE(table<std::string, std::string, std::string>({
        {"P1", answer("Q99", entity("Q3")), "Q3 (under the key \"Q99\") instead of P1"},
        {"P1", answer("Q3", entity("Q3")), "instead of P1"},
        {"P1", answer("P2", entity("P2")), "instead of P1"}, // properties have no redirects
        {"Q1", answer("Q99", entity("Q3")), "instead of Q1"},
        {"Q1", answer("Q1", entity("Q3")), "instead of Q1"},
        {"Q1", answer("Q99", entity("Q1")), "under the key \"Q99\""},
        {"Q1", answer("P3", entity("P3")), "instead of Q1"},
        {"Q1", answer("Q2", R"({"id":"Q2","missing":""})"), "instead of Q1"},
        {"Q1", R"({"entities":{}})", "the response contains no entity"},
        {"Q1", R"({"entities":[]})", "the response contains no entity"},
        {"Q1", R"({"error":{"code":"x"}})", "an error of the API"},
        {"Q1", "{}", "no \"entities\" in it"},
        {"Q1", R"({"entities":7})", "expected '{'"},
    }));
    INFO(body);
    CHECK_THROWS_AS(read_page_answer(body, id(page)), runner::base::DataError);
    CHECK_THROWS_WITH(read_page_answer(body, id(page)), Contains(reason));
}

TEST_CASE("a refused page is at fault at once, if the wiki answers others") {
    std::vector<EntityId> asked;
    bool away = false;
    PageFaults faults({}, id("P2302"), [&](const EntityId& page) {
        asked.push_back(page);
        return !away;
    });
    const std::vector pages{failed("P1", true)};
    away = true;
    CHECK(faults.judge(pages, PageFaults::Clock::now()) == &pages.front());
    CHECK(asked == std::vector{id("P2302")}); // no page was good yet
    CHECK_FALSE(faults.is_at_fault(id("P1")));
    CHECK(faults.judge(pages, PageFaults::Clock::now()) == &pages.front());
    CHECK(asked.size() == 1); // not again at once

    const auto began = PageFaults::Clock::now();
    faults.answered(id("Q2"));
    CHECK(faults.judge(pages, began) == nullptr); // answered meanwhile: nothing is asked
    CHECK(asked.size() == 1);
    CHECK(faults.is_at_fault(id("P1")));
    CHECK(faults.failed_just_now(id("P1")) == "P1 failed");
    std::this_thread::sleep_for(1100ms);
    CHECK_FALSE(faults.failed_just_now(id("P1")));
    away = false;
    CHECK(faults.judge(pages, PageFaults::Clock::now()) == nullptr);
    CHECK(asked.back() == id("Q2")); // the one that was good
    faults.answered(id("P1"));
    CHECK_FALSE(faults.is_at_fault(id("P1")));
}

TEST_CASE("a page whose failure may pass is at fault after some in a row") {
    PageFaults faults({.failures = 3, .over = 60ms}, std::nullopt,
                      [](const EntityId&) { return false; });
    const std::vector pages{failed("P1", false), failed("P2", true)};
    const auto fails = [&] {
        const auto began = PageFaults::Clock::now();
        faults.answered(id("Q1"));
        return faults.judge(pages, began);
    };
    for (int i = 0; i < 5; ++i)
        CHECK(fails() == &pages.front()); // so fast it may still pass
    CHECK(faults.is_at_fault(id("P2")));
    std::this_thread::sleep_for(70ms);
    CHECK(fails() == nullptr);
    CHECK(faults.is_at_fault(id("P1")));
    faults.answered(id("P1"));
    CHECK(fails() == &pages.front()); // counted anew
}

TEST_CASE("failures while nothing else is answered are not the page's") {
    PageFaults faults({.failures = 1, .over = 0ms}, std::nullopt,
                      [](const EntityId&) { return false; });
    faults.answered(id("Q1"));
    const std::vector pages{failed("P1", false)};
    CHECK(faults.judge(pages, PageFaults::Clock::now() + 1ms) == &pages.front());
    CHECK_FALSE(faults.is_at_fault(id("P1")));
}

TEST_CASE("the memory of pages that failed is bounded") {
    PageFaults faults({.remembered = 10}, std::nullopt, [](const EntityId&) { return false; });
    const auto began = PageFaults::Clock::now();
    faults.answered(id("Q1"));
    for (int i = 2; i < 100; ++i)
        CHECK(faults.judge(std::vector{failed("Q" + std::to_string(i), true)}, began) == nullptr);
    int known = 0;
    for (int i = 2; i < 100; ++i)
        known += faults.is_at_fault(id("Q" + std::to_string(i))) ? 1 : 0;
    CHECK(known <= 10);
    CHECK(faults.is_at_fault(id("Q99")));
}
