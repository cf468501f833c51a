// SPDX-License-Identifier: GPL-2.0-or-later
// Titles at a MediaWiki API: what its answers mean, and the client against a real server
// (tests/support/mediawiki_api.py), which answers as api.php does and has a fault for each folder.
#include "python_server.hpp"
#include "source/http_client.hpp"
#include "source/title_answer.hpp"
#include "source/title_api.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace runner::source;
using namespace std::chrono_literals;
using Catch::Contains;
using Strings = std::vector<std::string>;
using States = std::vector<TitleState>;

namespace {

constexpr auto exists = TitleState::exists;
constexpr auto missing = TitleState::missing;
constexpr auto unknown = TitleState::unknown;

const runner::test::PythonServer& server() {
    static const runner::test::PythonServer started("mediawiki_api.py");
    return started;
}

TitleAnswer ask(const Strings& titles, const std::string& folder = "w") {
    return TitleApi(server().url(folder + "/api.php"), 1s, 2).ask(titles);
}

/// Of one title that is asked for alone, as WBQC does, and in a batch with others; the same.
TitleState state_of(const std::string& title) {
    const auto alone = ask({title});
    INFO(alone.problem);
    REQUIRE(alone.states.size() == 1);
    if (!TitleSource::asks_alone(title)) {
        const auto batch = ask({"File:Nobody.jpg", title, "There"});
        INFO(batch.problem);
        REQUIRE(batch.states.size() == 3);
        CHECK(batch.states[0] == missing);
        CHECK((batch.states[1] == alone.states[0] || batch.states[1] == unknown));
        CHECK(batch.states[2] == exists);
    }
    return alone.states[0];
}

std::string stats() {
    const Strings urls{server().url("stats")};
    return HttpClient({}).get(urls).at(0).body;
}

} // namespace

TEST_CASE("a page exists under any title that MediaWiki normalizes to it") {
    for (const char* title :
         {"File:There.jpg", "File:There_again.jpg", "file:there.jpg", "Image:There.jpg",
          "File: There  again.jpg", "there", ":There", "There#part", "File:A&amp;B.jpg",
          "File:Caf\xC3\xA9.jpg", "File:Cafe\xCC\x81.jpg", // NFC and not
          "file:cafe\xCC\x81.jpg", "\xC3\x84rger", "Special:Version"}) {
        INFO(title);
        CHECK(state_of(title) == exists);
    }
}

TEST_CASE("a page that is missing or has no possible title does not exist") {
    const std::string long_title(300, 'x');
    for (const std::string& title :
         {std::string("File:Nobody.jpg"), std::string("nobody"), std::string("File:<b>.jpg"),
          std::string("File:"), std::string("A[b]"), "File:" + long_title,
          std::string("fr:Paris"), // on another wiki
          std::string("a\x01z", 3),
          std::string("a\x1F"
                      "b"),
          std::string("\x1F"
                      "A"),
          std::string("a\xFF"
                      "b"),
          std::string("\xED\xA0\x80"), std::string("A\nB")}) {
        INFO(title);
        CHECK(state_of(title) == missing);
    }
}

TEST_CASE("redirects are followed, as WBQC has them followed") {
    CHECK(state_of("File:Moved.jpg") == exists);
    CHECK(state_of("file:moved_twice.jpg") == exists);
    CHECK(state_of("File:Broken.jpg") == missing);
    CHECK(state_of("Loop") == missing);
    CHECK(state_of("Away") == missing); // to another wiki
}

TEST_CASE("a title with a vertical bar is what MediaWiki makes of it") {
    CHECK(TitleSource::asks_alone("A|B"));
    CHECK(state_of("A|B") == missing); // two pages in the answer
    CHECK(state_of("There|Foo") == missing);
    CHECK(state_of("A|a") == exists); // one page
    std::string many = "A";
    for (int i = 0; i < 60; ++i)
        many += "|x" + std::to_string(i);
    CHECK(state_of(many) == missing);
}

TEST_CASE("long questions are posted, short ones are not") {
    Strings titles;
    States expected;
    for (int i = 0; i < 50; ++i) {
        titles.push_back("File:Picture_" + std::to_string(i) + ".jpg");
        expected.push_back(i % 2 == 0 ? exists : missing);
    }
    CHECK(ask(titles).states == expected);
    for (int i = 0; i < 50; ++i)
        titles[static_cast<std::size_t>(i)] += std::string(250, 'x');
    CHECK(ask(titles).states == States(50, missing));
    CHECK(ask(titles, "moved").states == States(50, missing)); // redirected as a POST
    const std::string asked = stats();
    CHECK_THAT(asked, Contains("[\"GET\", \"File:Picture_0.jpg|File:Picture_1.jpg|"));
    CHECK_THAT(asked, Contains("[\"POST\", \"File:Picture_0.jpgxx"));
    CHECK_THAT(asked, Contains("constraint-runner/"));
}

TEST_CASE("both formats of answers are read") {
    CHECK(ask({"there", "Nobody", "File:Moved.jpg", "<>"}, "old").states ==
          States{exists, missing, exists, missing});
    CHECK(ask({"<>"}, "old").states == States{missing});
}

TEST_CASE("an API that fails is a problem, with its URL and whether it may pass") {
    const auto [folder, reason, transient] = GENERATE(table<const char*, const char*, bool>({
        {"503", "HTTP status 503", true},
        {"404", "HTTP status 404", false},
        {"blocked", "HTTP status 429", true},
        {"denied", "the API says readapidenied: You need read permission.", false},
        {"garbage", "the response is not JSON", false},
        {"cut", "the response is not JSON", false},
        {"empty", "says nothing about titles", false},
        {"slow", "Timeout was reached", true},
    }));
    INFO(folder);
    const auto answer = ask({"There", "Nobody"}, folder);
    CHECK_THAT(answer.problem,
               Contains(server().url(std::string(folder) + "/api.php: ")) && Contains(reason));
    CHECK(answer.transient == transient);
    CHECK(answer.states == States{unknown, unknown});
    CHECK(answer.retry_after == (std::string(folder) == "blocked" ? 3600s : 0s));
}

TEST_CASE("Retry-After of the API is reported") {
    auto answer = ask({"There"}, "429");
    CHECK(answer.retry_after == 1s);
    CHECK(answer.transient);
    CHECK(ask({"There"}, "429").states == States{exists});
    answer = ask({"There"}, "maxlag");
    CHECK_THAT(answer.problem, Contains("maxlag: Waiting for db1"));
    CHECK(answer.retry_after == 1s);
    CHECK(answer.transient);
    CHECK(ask({"There"}, "maxlag").states == States{exists});
}

TEST_CASE("an unreachable API is a problem, not a missing page") {
    const auto answer = TitleApi("http://127.0.0.1:1/api.php", 1s, 1).ask(Strings{"There"});
    CHECK_THAT(answer.problem, Contains("http://127.0.0.1:1/api.php: Couldn't connect"));
    CHECK(answer.transient);
}

TEST_CASE("what a batch does not tell is asked for alone, what an answer alone does not tell is "
          "missing") {
    CHECK(ask({"There", "Foo"}, "forgetful").states == States{unknown, exists});
    const Strings one{"A"};
    const Strings two{"A", "B"};
    const auto in = [](const char* body, const Strings& titles) {
        return read_title_answer(body, titles);
    };
    CHECK(in(R"({"query":{"pages":[]}})", one).states == States{missing});
    CHECK(in(R"({"query":{"pages":[{"title":"A"}]}})", two).states == States{exists, unknown});
    CHECK(in(R"({"query":{"pages":[{"title":"Other"}]}})", one).states == States{exists});
    CHECK(in(R"({"query":{"pages":[{"title":"A","missing":false}]}})", one).states ==
          States{exists});
    CHECK(in(R"({"query":{"pages":[{"pageid":5}]}})", one).states == States{missing});
    for (const char* body :
         {"", "null", "[]", "{", R"({"query":[]})", R"({"query":{}})", R"({"query":null})",
          R"({"error":{}})", "\xFF", R"({"query":{"pages":[{"title":"\uD800"}]}})"}) {
        INFO(body);
        CHECK(in(body, one).states == States{unknown});
        CHECK_FALSE(in(body, one).problem.empty());
    }
    for (const char* body : {R"({"query":{"pages":5}})", R"({"query":{"pages":[1,null,"A",[]]}})",
                             R"({"query":{"normalized":{"from":"A"},"redirects":[7,{"from":1}]}})"})
        CHECK(in(body, two).states == States{unknown, unknown});
}

TEST_CASE("bytes that no title has become a character that no title has") {
    const std::string bad = "\xEF\xBF\xBD";
    CHECK(clean_title("File:\xC3\xA4\xF0\x9F\x98\x80 \t\n.jpg") ==
          "File:\xC3\xA4\xF0\x9F\x98\x80 \t\n.jpg");
    CHECK(clean_title("\x1F|\x01") == bad + "|" + bad);
    CHECK(clean_title("\xC3") == bad);
    CHECK(clean_title("\xC0\x80") == bad + bad);
    CHECK(clean_title("a\xE2\x82") == "a" + bad + bad);
    CHECK(clean_title("\xED\xA0\x80x") == bad + bad + bad + "x");
    CHECK(clean_title("\xF4\x90\x80\x80") == bad + bad + bad + bad);
    CHECK(clean_title("\xEF\xBF\xBF") == bad);
    CHECK(clean_title("").empty());
}
