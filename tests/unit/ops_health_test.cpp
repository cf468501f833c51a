// SPDX-License-Identifier: GPL-2.0-or-later
// Health, the status page and the metrics' text.
#include "ops/health.hpp"
#include "ops/metrics.hpp"
#include "ops/status_page.hpp"

#include <catch2/catch.hpp>

using namespace runner;
using namespace runner::ops;

TEST_CASE("ops: a problem is reported until it is cleared, and logged when it is new") {
    Health health;
    CHECK(health.problems().empty());
    CHECK(health.problem("database", "away"));
    CHECK_FALSE(health.problem("database", "away"));
    CHECK(health.problem("database", "read-only"));
    CHECK(health.problem("accepting", "no room"));
    CHECK(health.problems() ==
          std::vector<std::string>{"accepting: no room", "database: read-only"});
    CHECK(health.good("database"));
    CHECK_FALSE(health.good("database"));
    CHECK(health.problems().size() == 1);
}

TEST_CASE("ops: a problem with a lifetime ends by itself") {
    Health health;
    CHECK(health.problem("accepting", "away", std::chrono::nanoseconds(-1)));
    CHECK(health.problems().empty());
    CHECK(health.problem("accepting", "away", std::chrono::hours(1)));
    CHECK(health.problems().size() == 1);
}

TEST_CASE("ops: a warning is not a problem") {
    Health health;
    CHECK_FALSE(health.has("wiki"));
    CHECK(health.warning("wiki", "slow"));
    CHECK_FALSE(health.warning("wiki", "slow"));
    CHECK(health.has("wiki"));
    CHECK(health.problems().empty());
    CHECK(health.warnings() == std::vector<std::string>{"wiki: slow"});
    CHECK(health.good("wiki"));
    CHECK(health.warnings().empty());
}

TEST_CASE("ops: the status page escapes what comes from outside and loads nothing") {
    StatusView view;
    view.problems = {"database: <script>\"&"};
    view.queue = {{"<wiki>", {1, 2, 3, 4, 5.5}}};
    view.found = {{"w", "Q1", "violation", "P1 should not be <b>so</b>.", "2026-11-21T18:20:00Z"}};
    const std::string page = status_page(view);
    CHECK_THAT(page, Catch::Contains("P1 should not be &lt;b&gt;so&lt;/b&gt;."));
    CHECK_THAT(page, Catch::Contains("&lt;script&gt;&quot;&amp;") &&
                         Catch::Contains("&lt;wiki&gt;") && Catch::Contains("5.5 s"));
    CHECK(page.find("<script") == std::string::npos);
    CHECK(page.find("http:") == std::string::npos);
    view.queue.reset();
    CHECK_THAT(status_page(view), Catch::Contains("does not answer"));
}

TEST_CASE("ops: metrics add up and forget nothing between two looks") {
    Metrics metrics;
    metrics.http_request("/v1/jobs", 202, std::chrono::milliseconds(2));
    metrics.http_request("/v1/jobs", 202, std::chrono::milliseconds(2));
    metrics.jobs_accepted(3, 1);
    metrics.job_ended("stored");
    Snapshot snapshot;
    snapshot.connections_refused = 7;
    snapshot.queue_known = true;
    snapshot.queue = {{"w\"x", {1, 2, 3, 4, 5}}};
    (void)metrics.text(snapshot);
    const std::string text = metrics.text(snapshot);
    for (const char* line :
         {"constraint_runner_http_requests_total{route=\"/v1/jobs\",status=\"202\"} 2\n",
          "constraint_runner_jobs_accepted_total 3\n", "constraint_runner_jobs_coalesced_total 1\n",
          "constraint_runner_http_connections_refused_total 7\n",
          "constraint_runner_jobs_ended_total{outcome=\"stored\"} 1\n",
          "constraint_runner_queue_jobs{state=\"leased\",wiki=\"w\\\"x\"} 3\n"})
        CHECK_THAT(text, Catch::Contains(line));
    CHECK(metrics.entities_stored() == 1);
}

TEST_CASE("ops: a wiki without jobs has the metrics of an empty queue, paused or not") {
    Metrics metrics;
    Snapshot snapshot;
    snapshot.queue_known = true;
    snapshot.paused = {{"a", false}, {"b", true}};
    snapshot.queue = {{"a", {1, 2, 3, 4, 5}}};
    (void)metrics.text(snapshot);
    snapshot.queue.clear();
    const std::string text = metrics.text(snapshot);
    for (const char* line : {"constraint_runner_queue_jobs{state=\"ready\",wiki=\"a\"} 0\n",
                             "constraint_runner_queue_jobs{state=\"dead\",wiki=\"b\"} 0\n",
                             "constraint_runner_queue_oldest_ready_seconds{wiki=\"a\"} 0\n",
                             "constraint_runner_queue_paused{wiki=\"a\"} 0\n",
                             "constraint_runner_queue_paused{wiki=\"b\"} 1\n"})
        CHECK_THAT(text, Catch::Contains(line));
}
