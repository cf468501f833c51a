// SPDX-License-Identifier: GPL-2.0-or-later
// Events as lines of JSON, whole and narrowed to what a listener asked for.
#include "publish/event_text.hpp"

#include <catch2/catch.hpp>

using namespace runner;
using publish::event_json;
using publish::EventFilter;

namespace {

store::Event event() {
    store::Event made;
    made.place = {8231, 5120};
    made.wiki = "test\"wiki";
    made.entity = "Q42";
    made.revision = 17;
    made.created_at = "2026-11-21T18:20:00.123Z";
    made.appeared = R"([{"statement":"s","property":"P1","type":"Q1","status":"warning"},
 {"statement":"t","property":"P22","type":"Q2","status":"violation"}])";
    made.disappeared = "[]";
    made.changed = R"([{"statement":"u","property":"P1","type":"Q3","from_type":"Q1"}])";
    return made;
}

constexpr const char* head =
    R"({"id":"8231-5120","wiki":"test\"wiki","entity":"Q42","revision":17,"deleted":false,)"
    R"("created_at":"2026-11-21T18:20:00.123Z",)";

} // namespace

TEST_CASE("an event is one line, its lists as they were stored") {
    const auto json = event_json(event(), {});
    REQUIRE(json);
    CHECK(json->starts_with(head));
    CHECK(json->find('\n') == std::string::npos);
    CHECK(json->ends_with(R"("changed":[{"statement":"u","property":"P1","type":"Q3",)"
                          R"("from_type":"Q1"}]})"));
    CHECK(publish::stream_text({1, 2}, "{}") == "id: 1-2\nevent: result\ndata: {}\n\n");
    auto deleted = event();
    deleted.deleted = true;
    CHECK(event_json(deleted, {})->find("\"deleted\":true") != std::string::npos);
}

TEST_CASE("only wanted pairs of an event are told, and nothing when there are none") {
    CHECK(event_json(event(), {"test\"wiki", 0, ""}) == event_json(event(), {}));
    CHECK_FALSE(event_json(event(), {"otherwiki", 0, ""}));
    CHECK_FALSE(event_json(event(), {"", 2, ""})); // P22 is not P2
    CHECK(event_json(event(), {"", 22, ""}) ==
          std::string(head) + R"("appeared":[{"statement":"t","property":"P22","type":"Q2",)" +
              R"("status":"violation"}],"disappeared":[],"changed":[]})");
    // a pair that had the type before is of interest too
    CHECK(event_json(event(), {"", 1, "Q1"}) ==
          std::string(head) + R"("appeared":[{"statement":"s","property":"P1","type":"Q1",)" +
              R"("status":"warning"}],"disappeared":[],"changed":[{"statement":"u",)" +
              R"("property":"P1","type":"Q3","from_type":"Q1"}]})");
    CHECK_FALSE(event_json(event(), {"", 22, "Q1"}));
}

TEST_CASE("an event of an import is told to those who asked for imports") {
    store::Event made;
    made.place = {8231, 5121};
    made.wiki = "commonswiki";
    made.entity = "import/17";
    made.created_at = "2026-11-21T18:20:00.123Z";
    made.appeared = made.disappeared = made.changed = "[]";
    made.import = "{\"job_id\":17,\n \"status\":\"complete\"}";
    EventFilter imports;
    imports.kind = store::EventKind::import;
    CHECK(event_json(made, imports) ==
          R"({"id":"8231-5121","wiki":"commonswiki","created_at":"2026-11-21T18:20:00.123Z",)"
          R"("job_id":17,  "status":"complete"})");
    CHECK_FALSE(event_json(made, {}));
    CHECK_FALSE(event_json(event(), imports));
    imports.wiki = "otherwiki";
    CHECK_FALSE(event_json(made, imports));
    CHECK(publish::stream_text({1, 2}, "{}", store::EventKind::import) ==
          "id: 1-2\nevent: import\ndata: {}\n\n");
}
