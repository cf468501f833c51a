// SPDX-License-Identifier: GPL-2.0-or-later
// What is read of the store as JSON, CSV and lines of JSON, and the cursors of its pages.
#include "api/import_handlers.hpp"
#include "api/list.hpp"
#include "api/read_rows.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>

using namespace runner;
using namespace runner::api;
using Catch::Contains;

namespace {

constexpr std::array<std::string_view, 4> columns{"name", "number", "list", "more"};
const ListSpec spec{"things", columns};

Request asked(std::string accept = {}, std::string format = {}) {
    Request request;
    request.path = "/v1/thi ngs";
    request.accept = std::move(accept);
    request.query = {{"wiki", "a&b"}, {"after", "old"}};
    if (!format.empty())
        request.query.emplace_back("format", std::move(format));
    return request;
}

Response written(const Request& request, const ListPage& page) {
    return list_response(spec, list_format(request), page, request);
}

const ListPage page{{R"({"name":"a, \"b\"\n","number":1.50,"list":["x",null]})",
                     R"({"more":null,"other":5,"name":null,"number":false,"list":[]})"},
                    "Q1|é"};

store::EntityKey q5() { return {"w", {entity::EntityType::item, 5, 0}}; }

/// The names of the members of an object, in order.
std::vector<std::string> names(const std::string& object) {
    std::vector<std::string> found;
    int depth = 0;
    for (std::size_t at = 0; at < object.size(); ++at) {
        if (object[at] == '{' || object[at] == '[')
            ++depth;
        if (object[at] == '}' || object[at] == ']')
            --depth;
        if (object[at] != '"')
            continue;
        const std::size_t end = object.find('"', at + 1);
        if (depth == 1 && object[end + 1] == ':')
            found.push_back(object.substr(at + 1, end - at - 1));
        at = end;
    }
    return found;
}

} // namespace

TEST_CASE("lists: a page is JSON, CSV or lines of JSON, as the client asks") {
    const Response json = written(asked(), page);
    CHECK(json.content_type == "application/json");
    CHECK(json.body ==
          "{\"things\":[" + page.rows[0] + ',' + page.rows[1] + "],\"next\":\"Q1|é\"}\n");
    for (const Request& request :
         {asked("text/csv"), asked("", "csv"), asked("application/json", "csv")}) {
        const Response csv = written(request, page);
        CHECK(csv.content_type == "text/csv; charset=utf-8");
        CHECK(csv.body == "name,number,list,more\n\"a, \"\"b\"\"\n\",1.50,\"[\"\"x\"\",null]\",\n"
                          ",false,[],\n");
    }
    CHECK(list_format(asked("application/json, text/csv")) == ListFormat::csv);
    CHECK(list_format(asked("application/json, text/csv;q=0.1")) == ListFormat::json);
    CHECK(list_format(asked("text/csv;q=0.2, application/x-ndjson;q=0.3")) == ListFormat::lines);
    CHECK(list_format(asked("text/csv;q=0")) == ListFormat::json);
    const Response lines = written(asked("application/x-ndjson"), page);
    CHECK(lines.content_type == "application/x-ndjson");
    CHECK(lines.body == page.rows[0] + '\n' + page.rows[1] + '\n');
    CHECK(written(asked("text/csv", "json"), page).content_type == "application/json");
    CHECK_THROWS_AS(list_format(asked("", "xml")), ApiError);
    CHECK(written(asked("", "csv"), {}).body == "name,number,list,more\n");
    ListPage wider = page;
    wider.more_columns = {"other"};
    CHECK(written(asked("", "csv"), wider).body ==
          "name,number,list,more,other\n\"a, "
          "\"\"b\"\"\n\",1.50,\"[\"\"x\"\",null]\",,\n,false,[],,5\n");
    CHECK(written(asked(), {}).body == "{\"things\":[]}\n");
}

TEST_CASE("lists: each format says where the next page is") {
    const auto link = [](const Response& response) {
        return response.headers.empty() ? "" : response.headers.at(0).second;
    };
    CHECK(link(written(asked("", "csv"), page)) ==
          "</v1/thi%20ngs?wiki=a%26b&format=csv&after=Q1%7C%C3%A9>; rel=\"next\"");
    CHECK(link(written(asked("", "csv"), {})).empty());
    ListPage numbered{{}, "17", true, ",\"x\":1"};
    CHECK(written(asked(), numbered).body == "{\"things\":[],\"x\":1,\"next\":17}\n");
}

TEST_CASE("lists: the columns of CSV are the members of the rows, in their order") {
    const auto columns_of = [](std::string_view path) {
        for (const ReadRow& row : read_rows())
            if (row.path == path)
                return std::vector<std::string>(row.list.columns.begin(), row.list.columns.end());
        return std::vector<std::string>{};
    };
    store::ParityDifference difference;
    difference.native = difference.php = "[]";
    CHECK(names(row_json(store::DeadJob{})) == columns_of("/v1/dead"));
    CHECK(names(row_json(store::IncompleteRow{})) == columns_of("/v1/incomplete"));
    CHECK(names(row_json(difference)) == columns_of("/v1/parity"));
    CHECK(names(row_json(store::ListedViolation{})) == columns_of("/v1/violations"));
    CHECK(names(row_json(store::ImportProblem{})) == columns_of("/v1/import/{job_id}/problems"));
    CHECK(names(row_json(store::ImportItem{})) == columns_of("/v1/import/{job_id}/items"));
    CHECK(names(import_json(store::ImportRow{})) == columns_of("/v1/import"));
    std::vector<std::string> with_sentence = columns_of("/v1/violations");
    with_sentence.emplace_back("sentence");
    const std::string_view sentence = "So it is.";
    CHECK(names(row_json(store::ListedViolation{}, &sentence)) == with_sentence);
}

TEST_CASE("read: a result is given byte for byte") {
    store::ResultRow row;
    row.value = R"({"results":[ 1.50 ]})";
    row.incomplete = {"a \"reason\"", "b"};
    CHECK_THAT(result_json("w", q5().entity, row),
               Catch::EndsWith(",\"value\":{\"results\":[ 1.50 ]}}\n") &&
                   Contains(R"("incomplete":["a \"reason\"","b"])"));
}

TEST_CASE("read: counts of the wikis add up") {
    CHECK_THAT(queue_json({{"a", {1, 2, 3, 4, 9}}, {"b", {1, 1, 1, 1, 3}}}),
               Catch::StartsWith(R"({"ready":2,"delayed":3,"leased":4,"dead":5,)"
                                 R"("oldest_ready_seconds":9.000,"reasons":{"edit":0,)"));
}

TEST_CASE("read: rows are objects, and what is not known is null") {
    store::IncompleteRow incomplete;
    incomplete.key = q5();
    incomplete.reasons = {"one \"reason\"", "another"};
    CHECK_THAT(row_json(incomplete),
               Catch::StartsWith(R"({"wiki":"w","entity":"Q5",)") &&
                   Contains(R"("next_attempt":null,"reasons":["one \"reason\"","another"]})"));
    incomplete.next_attempt = "2026-11-21T18:20:00Z";
    CHECK_THAT(row_json(incomplete), Contains(R"("next_attempt":"2026-11-21T18:20:00Z")"));

    store::ParityDifference difference;
    difference.key = q5();
    difference.constraint = "P7$a";
    difference.property.number = 7;
    difference.type = "Q1";
    difference.native = R"([{"s":"warning"}])";
    difference.php = "[]";
    CHECK_THAT(row_json(difference), Contains(R"("property":"P7","constraint":"P7$a","type":"Q1",)"
                                              R"("native":[{"s":"warning"}],"php":[]})"));

    store::ListedViolation listed;
    listed.key = {"Q5", "Q5$a", "P7$b"};
    listed.property.number = 7;
    listed.type = "Q1";
    listed.status = "warning";
    listed.message_key = "single-value";
    CHECK(row_json(listed) == R"({"entity":"Q5","statement":"Q5$a","property":"P7",)"
                              R"("constraint":"P7$b","type":"Q1","status":"warning",)"
                              R"("message":"single-value","revision":0,"checked_at":null})");
}

TEST_CASE("read: a full page has the cursor of the next, and a cursor is read again") {
    std::vector<store::DeadJob> jobs(2);
    for (store::DeadJob& job : jobs)
        job.key = q5();
    CHECK(page_by_entity(jobs, 2).next == "w|Q5");
    CHECK(page_by_entity(jobs, 3).next.empty());
    CHECK(page_by_entity(std::vector<store::DeadJob>{}, 1).next.empty());
    CHECK(key_of_cursor("w|Q5")->entity.to_string() == "Q5");
    CHECK_FALSE(key_of_cursor(""));
    CHECK(parity_cursor("P7$a|w|Q5").constraint == "P7$a");
    CHECK(parity_cursor("P7$a|w|Q5").key->wiki == "w");
    CHECK_FALSE(parity_cursor("").key);
    CHECK(violation_cursor("Q5|Q5$a|P7$b")->statement == "Q5$a");
    for (const char* bad : {"Q5", "|", "w|Q0", "w|"})
        CHECK_THROWS_AS(key_of_cursor(bad), ApiError);
    CHECK_THROWS_AS(parity_cursor("w|Q5"), ApiError);
    for (const char* bad : {"Q5", "a|b|c|d", "\x01||", "\xff||"})
        CHECK_THROWS_AS(violation_cursor(bad), ApiError);
}
