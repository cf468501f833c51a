// SPDX-License-Identifier: GPL-2.0-or-later
// The cache of titles: batches, ages, bounds, single flight, the limits on requests, and what
// happens while the wiki does not answer. The wiki is a fake here, but for one test.
#include "facts/title_cache.hpp"
#include "python_server.hpp"
#include "source/http_client.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <functional>
#include <thread>

using namespace runner::facts;
using namespace std::chrono_literals;
using Catch::Contains;
using runner::source::TitleAnswer;
using runner::source::TitleSource;
using runner::source::TitleState;
using Clock = std::chrono::steady_clock;
using Strings = std::vector<std::string>;
using States = std::vector<TitleState>;

namespace {

constexpr auto exists = TitleState::exists;
constexpr auto missing = TitleState::missing;
constexpr auto unknown = TitleState::unknown;

/// Titles that begin with "no" are missing.
struct Wiki {
    std::mutex mutex;
    std::vector<Strings> asked;
    std::atomic<int> open{0};
    std::atomic<int> most_open{0};
    std::chrono::milliseconds takes{0};
    std::function<TitleAnswer(const Strings&)> instead; ///< of the usual answer

    TitleAnswer ask(const Strings& titles) {
        most_open = std::max(most_open.load(), ++open);
        std::this_thread::sleep_for(takes);
        const std::lock_guard lock(mutex);
        asked.push_back(titles);
        --open;
        if (instead)
            return instead(titles);
        TitleAnswer answer;
        for (const auto& title : titles)
            answer.states.push_back(title.starts_with("no") ? missing : exists);
        return answer;
    }
};

class FakeSource final : public TitleSource {
public:
    explicit FakeSource(Wiki& wiki) : wiki_(wiki) {}
    TitleAnswer ask(std::span<const std::string> titles) override {
        return wiki_.ask({titles.begin(), titles.end()});
    }

private:
    Wiki& wiki_;
};

TitleCacheOptions quick() {
    TitleCacheOptions options;
    options.requests_per_second = 1000;
    options.backoff = 1ms;
    options.pause = 50ms;
    return options;
}

struct Fixture {
    Wiki wiki;
    TitleCache cache;
    explicit Fixture(const TitleCacheOptions& options = quick())
        : cache(std::make_unique<FakeSource>(wiki), options) {}
    States states(const Strings& titles) { return cache.look_up(titles).states; }
};

Strings numbered(int count, const std::string& prefix = "File:") {
    Strings out;
    for (int i = 0; i < count; ++i)
        out.push_back(prefix + std::to_string(i));
    return out;
}

TitleAnswer failing(std::string problem, bool transient = true, std::chrono::seconds after = 0s) {
    TitleAnswer answer;
    answer.problem = std::move(problem);
    answer.transient = transient;
    answer.retry_after = after;
    return answer;
}

} // namespace

TEST_CASE("what was answered once is not asked again, existing or not", "[titles]") {
    Fixture f;
    CHECK(f.states({"A", "no", ""}) == States{exists, missing, missing});
    CHECK(f.states({"no", "A", "B"}) == States{missing, exists, exists});
    CHECK(f.wiki.asked == std::vector<Strings>{{"A", "no"}, {"B"}});
    CHECK(f.cache.counts().hits == 2);
    CHECK(f.cache.counts().titles == 3);
    CHECK(f.cache.counts().requests == 2);
    CHECK(f.states({}).empty());
    CHECK(f.wiki.asked.size() == 2);
}

TEST_CASE("120 titles are three questions", "[titles]") {
    Fixture f;
    CHECK(f.states(numbered(120)) == States(120, exists));
    REQUIRE(f.wiki.asked.size() == 3);
    CHECK(f.wiki.asked[0].size() == 50);
    CHECK(f.wiki.asked[2].size() == 20);
}

TEST_CASE("a thread that needs many titles does not block the others", "[titles]") {
    auto options = quick();
    options.connections = 1;
    Fixture f(options);
    f.wiki.takes = 10ms;
    std::thread many([&] { (void)f.states(numbered(2000)); }); // 40 questions
    while (f.cache.counts().requests == 0)
        std::this_thread::sleep_for(1ms);
    CHECK(f.states({"A"}) == States{exists});
    CHECK(f.cache.counts().requests < 10);
    many.join();
    CHECK(f.wiki.asked.size() <= 41);
}

TEST_CASE("a title with a vertical bar is asked for alone", "[titles]") {
    Fixture f;
    CHECK(f.states({"A", "no|B", "C", "D"}) == States{exists, missing, exists, exists});
    CHECK(f.wiki.asked == std::vector<Strings>{{"A"}, {"no|B"}, {"C", "D"}});
}

TEST_CASE("titles that a batch did not answer are requested alone", "[titles]") {
    Fixture f;
    f.wiki.instead = [](const Strings& titles) {
        TitleAnswer answer;
        answer.states.assign(titles.size(), titles.size() == 1 ? missing : unknown);
        if (titles.size() > 1)
            answer.states[0] = exists;
        return answer;
    };
    CHECK(f.states({"A", "B", "C"}) == States{exists, missing, missing});
    CHECK(f.wiki.asked == std::vector<Strings>{{"A", "B", "C"}, {"B"}, {"C"}});
}

TEST_CASE("answers hold for their age", "[titles]") {
    auto options = quick();
    options.missing_age = 30ms;
    Fixture f(options);
    CHECK(f.states({"A", "no"}) == States{exists, missing});
    std::this_thread::sleep_for(40ms);
    CHECK(f.states({"A", "no"}) == States{exists, missing});
    CHECK(f.wiki.asked == std::vector<Strings>{{"A", "no"}, {"no"}});
    options.missing_age = options.found_age = 0ms;
    Fixture forgetful(options);
    (void)forgetful.states({"A"});
    (void)forgetful.states({"A"});
    CHECK(forgetful.wiki.asked.size() == 2);
}

TEST_CASE("the cache stays within its bound and keeps what is used", "[titles]") {
    auto options = quick();
    options.capacity = 3;
    Fixture f(options);
    (void)f.states({"A", "B", "C"});
    (void)f.states({"A"});
    (void)f.states({"D"}); // B was not used for the longest time
    (void)f.states({"A", "C", "D"});
    CHECK(f.wiki.asked.size() == 2);
    (void)f.states({"B"});
    CHECK(f.wiki.asked.size() == 3);
    CHECK(f.states(numbered(60)) == States(60, exists)); // more than it can hold
}

TEST_CASE("many threads that need one title share one request", "[titles]") {
    Fixture f;
    f.wiki.takes = 30ms;
    std::vector<std::thread> threads;
    std::atomic<int> found{0};
    for (int t = 0; t < 8; ++t)
        threads.emplace_back([&] { found += f.states({"A"}) == States{exists} ? 1 : 0; });
    for (auto& thread : threads)
        thread.join();
    CHECK(found == 8);
    CHECK(f.wiki.asked == std::vector<Strings>{{"A"}});
}

TEST_CASE("threads that wait for their turn share a batch, within rate and connections",
          "[titles]") {
    auto options = quick();
    options.requests_per_second = 20;
    options.connections = 1;
    Fixture f(options);
    f.wiki.takes = 10ms;
    const auto start = Clock::now();
    std::vector<std::thread> threads;
    std::atomic<int> found{0};
    for (int t = 0; t < 16; ++t)
        threads.emplace_back([&, t] {
            for (int i = 0; i < 5; ++i)
                found += f.states({std::to_string(t) + "." + std::to_string(i)}) == States{exists}
                             ? 1
                             : 0;
        });
    for (auto& thread : threads)
        thread.join();
    CHECK(found == 80);
    CHECK(f.wiki.most_open == 1);
    CHECK(f.wiki.asked.size() <= 30); // instead of 80
    CHECK(Clock::now() - start >= 50ms * (static_cast<int>(f.wiki.asked.size()) - 1));
}

TEST_CASE("transient failures are retried, and Retry-After is honoured", "[titles]") {
    Fixture f;
    int calls = 0;
    f.wiki.instead = [&](const Strings& titles) {
        if (++calls < 3)
            return failing("busy", true, calls == 2 ? 1s : 0s);
        TitleAnswer answer;
        answer.states.assign(titles.size(), exists);
        return answer;
    };
    const auto start = Clock::now();
    const auto answers = f.cache.look_up(Strings{"A"});
    CHECK(answers.states == States{exists});
    CHECK(answers.problem.empty());
    CHECK(calls == 3);
    CHECK(Clock::now() - start >= 990ms);
    CHECK(f.cache.counts().failures == 2);
}

TEST_CASE("a failure means unknown, is not cached, and ends when the wiki answers", "[titles]") {
    Fixture f;
    f.wiki.instead = [](const Strings&) { return failing("down"); };
    const auto answers = f.cache.look_up(numbered(120));
    CHECK(answers.states == States(120, unknown));
    CHECK(answers.problem == "down (3 attempts)");
    CHECK(f.wiki.asked.size() == 3); // the other batches are not tried
    // left alone for a while
    CHECK(f.cache.look_up(Strings{"A"}).problem == "down (3 attempts)");
    CHECK(f.wiki.asked.size() == 3);
    f.wiki.instead = nullptr;
    const auto deadline = Clock::now() + 10s;
    while (f.states({"A"}) != States{exists} && Clock::now() < deadline)
        std::this_thread::sleep_for(5ms);
    CHECK(f.states({"A"}) == States{exists});
}

TEST_CASE("permanent failures and long Retry-After are not retried", "[titles]") {
    Fixture f;
    f.wiki.instead = [](const Strings&) { return failing("denied", false); };
    CHECK(f.cache.look_up(Strings{"A"}).problem == "denied");
    CHECK(f.wiki.asked.size() == 1);
    Fixture g;
    g.wiki.instead = [](const Strings&) { return failing("blocked", true, 3600s); };
    CHECK(g.cache.look_up(Strings{"A"}).problem == "blocked");
    std::this_thread::sleep_for(60ms); // longer than the pause, shorter than the hour
    CHECK(g.cache.look_up(Strings{"A"}).problem == "blocked");
    CHECK(g.wiki.asked.size() == 1);
    Fixture h;
    h.wiki.instead = [](const Strings&) -> TitleAnswer { throw std::runtime_error("a bug"); };
    CHECK(h.cache.look_up(Strings{"A", "B"}).problem == "a bug");
}

TEST_CASE("what is in the cache is answered while the wiki is away", "[titles]") {
    Fixture f;
    CHECK(f.states({"A"}) == States{exists});
    f.wiki.instead = [](const Strings&) { return failing("down", false); };
    CHECK(f.states({"A", "B"}) == States{exists, unknown});
    CHECK(f.states({"A", "B"}) == States{exists, unknown});
    CHECK(f.wiki.asked.size() == 2);
}

TEST_CASE("a wiki's settings make a cache that asks its API", "[titles]") {
    runner::config::WikiSettings settings;
    CHECK(make_title_cache(settings) == nullptr);
    const runner::test::PythonServer server("mediawiki_api.py");
    settings.commons_api = server.url("busy/api.php");
    settings.commons_requests_per_second = 1000;
    const auto cache = make_title_cache(settings);
    Strings titles = numbered(120, "File:Picture_");
    for (auto& title : titles)
        title += ".jpg";
    for (int round = 0; round < 2; ++round) {
        const auto answers = cache->look_up(titles);
        CHECK(answers.problem.empty());
        for (std::size_t i = 0; i < titles.size(); ++i)
            CHECK(answers.states[i] == (i % 2 == 0 ? exists : missing));
    }
    CHECK(cache->counts().requests == 3);
    std::vector<std::thread> threads;
    std::atomic<int> answered{0};
    for (int t = 0; t < 6; ++t)
        threads.emplace_back([&, t] {
            answered += cache->look_up(numbered(60, std::to_string(t) + "-")).problem.empty();
        });
    for (auto& thread : threads)
        thread.join();
    CHECK(answered == 6);
    const Strings urls{server.url("stats")};
    const std::string stats = runner::source::HttpClient({}).get(urls).at(0).body;
    CHECK_THAT(stats, Contains("\"most_open\": 2") || Contains("\"most_open\": 1"));
}
