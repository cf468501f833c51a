// SPDX-License-Identifier: GPL-2.0-or-later
// Imports and their files as they are written for programs.
#include "api/import_files.hpp"
#include "api/import_handlers.hpp"

#include <catch2/catch.hpp>

using namespace runner;
using Catch::Contains;

namespace {

store::ImportRow row() {
    store::ImportRow made;
    made.id = 7;
    made.wiki = "commonswiki";
    made.kind = "category";
    made.subject = "A \"quoted\" one";
    made.status = "running";
    made.total = store::ImportTotal{1'000, true};
    made.done = 390;
    made.failed = 10;
    made.rate = 100;
    made.counts = R"({"files_imported":390})";
    made.details = R"({"redirects":[{"from":"A","to":"B","kind":"soft"}]})";
    made.created_at = "2026-11-21T18:20:00Z";
    return made;
}

} // namespace

TEST_CASE("import json: what the kind counts stands among the rest, and the time that is left") {
    const std::string json = api::import_json(row());
    CHECK_THAT(json, Catch::StartsWith(R"({"job_id":7,"wiki":"commonswiki",)") &&
                         Contains(R"("subject":"A \"quoted\" one")") &&
                         Contains(R"("files_imported":390,"redirects":[{"from":"A")") &&
                         Contains(R"("total":1000,"total_is":"known","done":390,"failed":10)") &&
                         Contains(R"("eta_seconds":6)") && Contains(R"("error":null)") &&
                         Contains(R"("started_at":null)") &&
                         Catch::EndsWith(R"("label":null,"owner":null,"notify":[]})"));
    store::ImportRow owned = row();
    owned.owner = "token \"1\"";
    owned.notify = R"([{"url": "https://a.example"}])";
    CHECK_THAT(api::import_json(owned),
               Contains(R"("owner":"token \"1\"","notify":[{"url": "https://a.example"}])"));
}

TEST_CASE("import json: no time is left to tell without a rate, a total, or when it stands") {
    const auto eta = [](auto change) {
        store::ImportRow made = row();
        change(made);
        const std::string json = api::import_json(made);
        const std::size_t at = json.find("\"eta_seconds\":") + 14;
        return json.substr(at, json.find(',', at) - at);
    };
    CHECK(eta([](auto& r) { r.rate = 0; }) == "null");
    CHECK(eta([](auto& r) { r.total.reset(); }) == "null");
    CHECK(eta([](auto& r) { r.status = "paused"; }) == "null");
    CHECK(eta([](auto& r) { r.done = 5'000; }) == "0");
    store::ImportRow empty = row();
    empty.details = "{}";
    empty.error = "it is away";
    empty.error_code = "unavailable";
    empty.total = store::ImportTotal{5, false};
    CHECK_THAT(api::import_json(empty),
               Contains(R"("error":{"code":"unavailable","message":"it is away"})") &&
                   Contains(R"("total_is":"estimated")") && !Contains(",,"));
}

TEST_CASE("files csv: Montage's columns, quoted where it must be, 0 where no user is known") {
    store::CommonsFile file;
    file.page_id = 5;
    file.name = "A,_\"B\".jpg";
    file.major_mime = "image";
    file.minor_mime = "jpeg";
    file.width = 10;
    file.height = 20;
    file.first_at = file.latest_at = "20260102030405";
    file.latest_user = "Ärger";
    file.latest_user_id = 9;
    file.file_id = 77;
    CHECK(api::csv_header(true) ==
          "img_name,img_major_mime,img_minor_mime,img_width,img_height,img_user,"
          "img_user_text,img_timestamp,rec_img_timestamp,rec_img_user,rec_img_text,"
          "oi_archive_name,page_id,file_id\r\n");
    CHECK_THAT(api::csv_header(false), Catch::EndsWith(",oi_archive_name,page_id\r\n"));
    const std::string line = "\"A,_\"\"B\"\".jpg\",image,jpeg,10,20,0,,20260102030405,"
                             "20260102030405,9,Ärger,,5";
    CHECK(api::files_csv({file}, true) == line + ",77\r\n");
    CHECK(api::files_csv({file}, false) == line + "\r\n");
    CHECK(api::files_csv({}, false).empty());
    CHECK_THAT(api::file_objects({file}, "\n"),
               Catch::StartsWith(R"({"page_id":5,"file_id":77,"img_name":)") &&
                   Contains(R"("img_user":null,"img_user_text":null)") && Catch::EndsWith("}\n"));
}

TEST_CASE("requests: what a client takes is read from Accept") {
    api::Request request;
    CHECK_FALSE(request.accepts("text/csv"));
    for (const char* accept : {"text/csv", "application/json, text/csv;q=0.5", " text/csv , a/b",
                               "TEXT/CSV", "text/csv; header=present; q=0.001"}) {
        request.accept = accept;
        CHECK(request.accepts("text/csv"));
    }
    for (const char* accept : {"*/*", "text/csvx", "application/json;x=text/csv", "text/csv;q=0",
                               "text/csv;charset=utf-8; Q=0.000"}) {
        request.accept = accept;
        CHECK_FALSE(request.accepts("text/csv"));
    }
}
