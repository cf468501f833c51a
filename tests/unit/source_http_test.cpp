// SPDX-License-Identifier: GPL-2.0-or-later
// Entities over HTTP, against a real server (tests/support/entity_data_server.py), which has one
// fault for each id.
#include "python_server.hpp"
#include "source/entity_unavailable.hpp"
#include "source/http_client.hpp"
#include "source/http_source.hpp"
#include "source/source_factory.hpp"
#include "temp_dir.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <chrono>
#include <cstdlib>
#include <thread>

using namespace runner::source;
using namespace std::chrono_literals;
using Catch::Contains;
using runner::config::SourceKind;
using runner::config::WikiSettings;
using runner::entity::EntityId;

namespace {

class Server : public runner::test::PythonServer {
public:
    Server() : PythonServer("entity_data_server.py") {}
    [[nodiscard]] std::string url(const std::string& path = "") const {
        return PythonServer::url("wiki/Special:EntityData/" + path);
    }
};

const Server& server() {
    static const Server started;
    return started;
}

WikiSettings wiki() {
    WikiSettings settings;
    settings.id = "testwiki";
    settings.source = SourceKind::http;
    settings.entity_data_url = server().url();
    settings.http_timeout = 1s;
    settings.http_retries = 2;
    settings.http_max_body = 1'000'000;
    return settings;
}

HttpSource& source() {
    static HttpSource made(wiki(), {.backoff = 10ms, .backoff_max = 50ms, .max_retry_after = 2s});
    return made;
}

Lookup one(std::string_view id, std::uint64_t min_revision = 0) {
    const std::vector<EntityId> ids{EntityId::parse(id).value()};
    return source().load(ids, min_revision).at(0);
}

std::string stats() {
    const std::vector<std::string> urls{server().url("stats")};
    return HttpClient({}).get(urls).at(0).body;
}

int number_in_stats(const std::string& name) {
    const std::string text = stats();
    const std::size_t at = text.find('"' + name + "\": ");
    return at == std::string::npos ? -1 : std::atoi(text.c_str() + at + name.size() + 4);
}

} // namespace

TEST_CASE("an entity comes over HTTP with its revision") {
    const Lookup found = one("Q1");
    CHECK(found.state == State::found);
    CHECK(found.revision == 10);
    CHECK(found.document->entity().id.to_string() == "Q1");
    CHECK(one("Q21").state == State::found); // compressed
    CHECK_THAT(stats(), Contains("constraint-runner/"));
}

TEST_CASE("a deleted entity is missing, a merged one is a redirect") {
    CHECK(one("Q13").state == State::missing);
    CHECK(one("Q14").state == State::missing);
    CHECK(one("Q13", 77).state == State::missing); // also when asked with a revision
    for (const char* id : {"Q11", "Q12"}) {
        INFO(id);
        const Lookup redirect = one(id);
        CHECK(redirect.state == State::redirect);
        CHECK(redirect.redirect_target.to_string() == "Q1");
        CHECK(redirect.document == nullptr);
    }
}

TEST_CASE("transient failures are retried") {
    CHECK(one("Q3").state == State::found); // 500 twice
    const auto start = std::chrono::steady_clock::now();
    CHECK(one("Q5").state == State::found); // 429 with Retry-After: 1
    CHECK(std::chrono::steady_clock::now() - start >= 900ms);
    CHECK(one("Q7").state == State::found);  // body cut off
    CHECK(one("Q23").state == State::found); // connection closed without an answer
}

TEST_CASE("permanent failures are reported with the URL and the reason") {
    const auto [id, reason] = GENERATE(table<const char*, const char*>({
        {"Q2", "Timeout was reached (3 attempts)"},
        {"Q4", "HTTP status 503 (3 attempts)"},
        {"Q6", "HTTP status 429, to be tried again after 3600 s"},
        {"Q8", "(3 attempts)"},
        {"Q9", "\"text/html\" instead of JSON"},
        {"Q10", "redirects"},
        {"Q15", "the answer is larger than 1000000 bytes"},
        {"Q16", "the answer is larger than 1000000 bytes"},
        {"Q17", "does not end"},
        {"Q20", "HTTP status 403"},
        {"Q22", "the response contains no entity"},
        {"Q24", "the answer is larger than 1000000 bytes"},
        {"Q26", "Unsupported protocol"},
    }));
    INFO(id);
    CHECK_THROWS_AS(one(id), SourceUnavailable);
    CHECK_THROWS_WITH(one(id), Contains(server().url(id)) && Contains(reason));
}

TEST_CASE("one page that fails is told apart from a wiki that is away") {
    for (const char* id : {"Q9", "Q10", "Q20"}) { // refused, while others are answered
        INFO(id);
        CHECK(one("Q1").state == State::found);
        CHECK_THROWS_AS(one(id), EntityUnavailable);
    }
    // what may pass is waited for, until it has failed several times
    HttpSource patient(wiki(), {.backoff = 1ms, .page_faults = {.failures = 3, .over = 0ms}});
    const std::vector<EntityId> ids{EntityId::parse("Q4").value(), EntityId::parse("Q1").value()};
    const auto is_at_fault = [&] {
        try {
            (void)patient.load(ids);
        } catch (const EntityUnavailable&) {
            return true;
        } catch (const SourceUnavailable&) {
        }
        return false;
    };
    CHECK_FALSE(is_at_fault());
    CHECK_FALSE(is_at_fault());
    CHECK(is_at_fault());
}

TEST_CASE("a server that is away is unavailable, not missing") {
    WikiSettings away = wiki();
    away.entity_data_url = "http://127.0.0.1:1/";
    away.http_retries = 1;
    HttpSource nobody(away, {.backoff = 1ms, .page_faults = {.failures = 1, .over = 0ms}});
    const std::vector<EntityId> ids{EntityId::parse("Q1").value()};
    CHECK_THROWS_AS(nobody.load(ids), SourceUnavailable);
    try {
        (void)nobody.load(ids);
    } catch (const EntityUnavailable&) {
        FAIL("the page is not at fault");
    } catch (const SourceUnavailable&) {
    }
    CHECK_THROWS_WITH(nobody.load(ids), Contains("Couldn't connect") && Contains("(2 attempts)"));
}

TEST_CASE("a lagging wiki is asked again until it has the revision") {
    CHECK(one("Q25", 42).revision == 42);
    CHECK(one("Q18", 7).revision == 7);
    CHECK_THROWS_AS(one("Q19", 7), SourceUnavailable);
    CHECK_THROWS_WITH(one("Q19", 7), Contains("revision 5 instead of 7"));
    CHECK(one("Q19", 5).revision == 5);
}

TEST_CASE("a batch is fetched in parallel within its bound, each page once, answers in order") {
    std::vector<EntityId> ids;
    for (unsigned i = 0; i < 24; ++i)
        ids.push_back(EntityId::parse("Q1000" + std::to_string(10 + i)).value());
    for (const char* id : {"L5-F1", "L5", "L5-F9", "Q13", "Q12"})
        ids.push_back(EntityId::parse(id).value());
    const auto start = std::chrono::steady_clock::now();
    const auto answers = source().load(ids);
    const auto took = std::chrono::steady_clock::now() - start;
    REQUIRE(answers.size() == ids.size());
    for (std::size_t i = 0; i < ids.size(); ++i)
        CHECK(answers[i].id == ids[i]);
    CHECK(answers[24].state == State::found);
    CHECK(answers[24].document == answers[25].document);
    CHECK(answers[26].state == State::missing);
    CHECK(answers[27].state == State::missing);
    CHECK(answers[28].state == State::redirect);
    CHECK(took < 24 * 50ms); // one after the other would take that
    CHECK(number_in_stats("most_open") >= 2);
    CHECK(number_in_stats("most_open") <= 4);
    CHECK_THAT(stats(), Contains("\"L5\": 1"));
    CHECK(source().load({}).empty());
}

TEST_CASE("several threads fetch at once, over connections that are kept") {
    std::vector<std::thread> threads;
    std::array<int, 4> found{};
    for (std::size_t t = 0; t < found.size(); ++t)
        threads.emplace_back([&found, t] {
            for (int i = 0; i < 25; ++i)
                found[t] += one("Q7000").state == State::found ? 1 : 0;
        });
    for (auto& thread : threads)
        thread.join();
    CHECK(found == std::array<int, 4>{25, 25, 25, 25});
    CHECK(number_in_stats("connections") < 100); // of some 150 requests so far
}

TEST_CASE("the settings say which source a wiki has") {
    const std::vector<EntityId> ids{EntityId::parse("Q1").value()};
    WikiSettings settings = wiki();
    CHECK(make_source(settings)->load(ids).at(0).state == State::found);
    settings.source = SourceKind::none;
    CHECK(make_source(settings)->load(ids).at(0).state == State::missing);
    const runner::test::TempDir dir;
    settings.source = SourceKind::file;
    settings.files = {dir.write("a", R"({"entity":"Q1","redirect":"Q2"})")};
    CHECK(make_source(settings)->load(ids).at(0).state == State::redirect);
}
