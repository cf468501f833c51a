// SPDX-License-Identifier: GPL-2.0-or-later
// Texts with lists of files in them, in all of their forms.
#include "imports/category_name.hpp"
#include "imports/importer.hpp"
#include "imports/kinds.hpp"
#include "imports/list_text.hpp"

#include <catch2/catch.hpp>

using namespace runner;
using namespace runner::imports;
using Catch::Contains;
using Names = std::vector<std::string>;

namespace {

config::Settings settings() {
    config::Settings made;
    config::WikiSettings wiki;
    wiki.id = "commonswiki";
    wiki.replica_database = "commonswiki_p";
    made.wikis.push_back(wiki);
    return made;
}

std::string request(const std::string& members) {
    return R"({"import_method":"files",)" + members + '}';
}

} // namespace

TEST_CASE("lists of files: by the column that the header names, or line by line") {
    const auto items = [](const char* text) { return listed_files(text).items; };
    CHECK(items("a,Filename\n1,\"B, \"\"c\"\".jpg\"\r\n2,\n3,D.jpg") ==
          Names{"B, \"c\".jpg", "D.jpg"});
    CHECK(items("filename\n\"two\nlines.jpg\"\nE.jpg\n") == Names{"two\nlines.jpg", "E.jpg"});
    CHECK(items("File:A, b; c.jpg\n\n  D.jpg \r\n") == Names{"File:A, b; c.jpg", "D.jpg"});
    CHECK(items("A.jpg\tx\nB.jpg\ty") == Names{"A.jpg", "B.jpg"});
    CHECK(listed_files("page_id;x\n7;\n").by == "page_id");
    CHECK(items("").empty());
    CHECK(items("filename").empty());
}

TEST_CASE("lists of files: numbers come before names, which are then what was known") {
    const ListedFiles known =
        listed_files("img_name,x,page_id,rec_img_timestamp\n"
                     "A.jpg,,7,20260102030405\nB.jpg,,8,2026-01-02T03:04:05Z\n"
                     ",,9,yesterday\n");
    CHECK(known.by == "page_id");
    CHECK(known.items == Names{"7", "8", "9"});
    CHECK(known.known_names == Names{"A.jpg", "B.jpg", ""});
    CHECK(known.known_times == Names{"20260102030405", "20260102030405", ""});
    const ListedFiles names = listed_files("img_name,page_id\nA.jpg,7\nB.jpg,\n");
    CHECK(names.by == "name"); // not every row has a number
    CHECK(names.items == Names{"A.jpg", "B.jpg"});
    CHECK(names.known_names.empty());
}

TEST_CASE("lists of files: PetScan's JSON, whose numbers may be of another wiki") {
    const ListedFiles pages = listed_files(
        R"({"n":"result","a":{"query":"https://petscan.example/?x","querytime_sec":0.1},"*":[)"
        R"({"n":"combination","a":{"type":"subset","*":[)"
        R"({"n":"page","title":"A_\"b\".jpg","id":7,"namespace":6,"len":1,"touched":"2026","nstext":"File",)"
        R"("metadata":{"title":"x"}},)"
        R"({"n":"page","title":"Bridges","id":8,"namespace":14,"nstext":"Category"},)"
        R"({"n":"page","title":"Plain","id":9,"namespace":0,"nstext":""}]}}]})");
    CHECK(pages.by == "name");
    CHECK(pages.form == "petscan");
    CHECK(pages.items == Names{"File:A_\"b\".jpg", "Category:Bridges", "Plain"});
    const ListedFiles sparse = listed_files(
        R"({"*":[{"a":{"*":["File:A.jpg","File:B.jpg"],"type":"subset"},"n":"combination"}]})");
    CHECK(sparse.items == Names{"File:A.jpg", "File:B.jpg"});
    const ListedFiles quick = listed_files(
        R"({"namespaces":{"6":"File"},"wiki":"commonswiki","pages":[)"
        R"({"page_id":7,"page_namespace":6,"page_title":"A.jpg","giu":[{"page":"X","title":"Y"}]}]})");
    CHECK(quick.by == "name");
    CHECK(quick.items == Names{"File:A.jpg"});
    CHECK(listed_files(R"({"pages":["File:A.jpg"]})").items == Names{"File:A.jpg"});
    CHECK(listed_files(R"({"pages":[]})").items.empty());
    CHECK_THROWS_WITH(listed_files(R"({"error":"No result"})"), "the source says: No result");
}

TEST_CASE("lists of files: PetScan's CSV, with its quotes") {
    const ListedFiles list = listed_files("\"number\",\"title\",\"pageid\",\"namespace\"\n"
                                          "\"1\",\"A_\\\"b,c\\\".jpg\",\"7\",\"File\"\n"
                                          "\"2\",\"\\\"D\\\"\",\"8\",\"Category\"\n");
    CHECK(list.by == "name");
    CHECK(list.form == "csv");
    CHECK(list.items == Names{"File:A_\"b,c\".jpg", "Category:\"D\""});
    CHECK(listed_files(std::string(100'000, ',') + "filename\nA").items.size() == 2); // no header
    CHECK(listed_files("filename,x\n\"back\\\",1\n").items == Names{"back\\"});
}

TEST_CASE("lists of files: the results of a query service, by the column that has files") {
    const auto results = [](const std::string& vars, const std::string& bindings) {
        return listed_files(R"({"head":{"vars":[)" + vars + R"(]},"results":{"bindings":[)" +
                            bindings + "]}}");
    };
    const ListedFiles paths = results(
        R"("item","name","image")",
        R"({"item":{"type":"uri","value":"http://www.wikidata.org/entity/Q1"},)"
        R"("name":{"type":"literal","xml:lang":"en","value":"Bridge"},)"
        R"("image":{"type":"uri","value":"http://commons.wikimedia.org/wiki/Special:FilePath/A%20b.jpg"}},)"
        R"({"item":{"type":"uri","value":"http://www.wikidata.org/entity/Q2"}},)"
        R"({"image":{"value":"https://commons.wikimedia.org/wiki/File:C.jpg","type":"uri"}})");
    CHECK(paths.by == "name");
    CHECK(paths.form == "sparql");
    CHECK(paths.items == Names{"http://commons.wikimedia.org/wiki/Special:FilePath/A%20b.jpg",
                               "https://commons.wikimedia.org/wiki/File:C.jpg"});
    CHECK(results(R"("filename")", R"({"filename":{"type":"literal","value":"A.jpg"}})").items ==
          Names{"A.jpg"});
    const ListedFiles entities =
        results(R"("file")",
                R"({"file":{"type":"uri","value":"https://commons.wikimedia.org/entity/M12"}})");
    CHECK(entities.by == "page_id");
    CHECK(entities.items == Names{"12"});
    CHECK(results(R"("image")", "").items.empty());
    CHECK_THROWS_WITH(
        results(R"("item")", R"({"item":{"type":"uri","value":"http://x.example/Q1"}})"),
        Contains("no column holds file names") && Contains("item"));
}

TEST_CASE("lists of files: arrays in JSON") {
    CHECK(listed_files(R"(["A.jpg","\u00c4\"b.jpg"])").items == Names{"A.jpg", "Ä\"b.jpg"});
    CHECK(listed_files(" [1,2]").by == "page_id");
    CHECK(listed_files(" [1,2]").items == Names{"1", "2"});
    const ListedFiles objects = listed_files(
        R"([{"page_id":3,"img_name":"A.jpg","more":{"img_name":"x"}},{"img_name":"B.jpg","page_id":4}])");
    CHECK(objects.by == "page_id"); // no namespaces: as CSV with the same columns
    CHECK(objects.known_names == Names{"A.jpg", "B.jpg"});
    CHECK(listed_files(R"([{"image":"http://commons.wikimedia.org/wiki/Special:FilePath/A.jpg"}])")
              .items.size() == 1);
    CHECK(listed_files("[[File:A.jpg]]\n[[File:B.jpg|b]]").form == "lines");
    for (const char* bad :
         {"[\"A.jpg\"", "[\"A.jpg\"] x", "[1,\"A.jpg\"]", "[[1]] ", "[true]", "[1.5]",
          "[{\"img_name\":\"A\"},2]", "{\"a\":1}", "{}", "{\"pages\":{\"1\":\"A\"}}",
          "[\"\\ud800\"]", "[\"\xff\"]", "[{\"size\":1}]"}) {
        INFO(bad);
        CHECK_THROWS_AS(listed_files(bad, "application/json"), BadList);
    }
    CHECK_THROWS_AS(listed_files(std::string(100'000, '{')), BadList);
    std::string deep;
    for (int i = 0; i < 1'000; ++i)
        deep += "{\"a\":";
    CHECK_THROWS_AS(listed_files(deep), BadList);
}

TEST_CASE("lists of files: lines of JSON") {
    const auto list = [](const char* text, const char* type = "application/x-ndjson") {
        return listed_files(text, type);
    };
    const char* const rows =
        "{\"page_id\":3,\"img_name\":\"A.jpg\",\"more\":{\"img_name\":\"x\"}}\r\n\n"
        "{\"img_name\":\"\\u00c4.jpg\",\"page_id\":4}\n";
    for (const char* type : {"application/x-ndjson; charset=utf-8", "application/jsonl",
                             "application/json-lines", "application/json", "text/plain", ""}) {
        INFO(type);
        const ListedFiles objects = list(rows, type);
        CHECK(objects.form == "ndjson");
        CHECK(objects.by == "page_id");
        CHECK(objects.items == Names{"3", "4"});
        CHECK(objects.known_names == Names{"A.jpg", "Ä.jpg"});
    }
    CHECK(list("\"A.jpg\"\n\"\\u00c4.jpg\"").items == Names{"A.jpg", "Ä.jpg"});
    CHECK(list("7\n8\n").by == "page_id");
    CHECK(list("{\"img_name\":\"A.jpg\"}").items == Names{"A.jpg"});
    CHECK(list("").items.empty());
    // what the API sends
    CHECK(list("{\"page_id\":3,\"img_name\":\"A.jpg\"}\n{\"complete\":true}\n").by == "page_id");
    CHECK_THROWS_WITH(list("{\"page_id\":3}\n{\"complete\":false,\"next\":3}\n"),
                      Contains("not complete"));
    CHECK_THROWS_WITH(list("{\"img_name\":\"A.jpg\"}\n{\"img_name\":"),
                      Contains("line 2: no JSON"));
    CHECK_THROWS_WITH(list("7 8"), Contains("line 1: no JSON: more follows"));
    for (const char* bad :
         {"7\n\"A.jpg\"", "[1]", "true", "{\"size\":1}", "{\"img_name\":\"A\"}\n2",
          "{\"img_name\":\"A\"} {\"img_name\":\"B\"}"}) {
        INFO(bad);
        CHECK_THROWS_AS(list(bad), BadList);
    }
}

TEST_CASE("lists of files: more than there may be") {
    std::string many = "[1";
    for (std::size_t i = 0; i < most_listed; ++i)
        many += ",1";
    CHECK_THROWS_WITH(listed_files(many + ']'), Contains("more than 500000"));
    CHECK(listed_files(many.erase(1, 2) + ']').items.size() == most_listed);
    CHECK_THROWS_WITH(listed_files(std::string(2 * most_listed + 2, '\n').replace(0, 0, "A\n") +
                                   [] {
                                       std::string lines;
                                       for (std::size_t i = 0; i < most_listed; ++i)
                                           lines += "B\n";
                                       return lines;
                                   }()),
                      Contains("more than 500000"));
}

TEST_CASE("lists of files: CSV of a query service, whose columns say nothing") {
    const char* const csv = "item,picture\r\nhttp://www.wikidata.org/entity/Q1,"
                            "http://commons.wikimedia.org/wiki/Special:FilePath/A.jpg\r\n";
    CHECK(listed_files(csv).items ==
          Names{"http://commons.wikimedia.org/wiki/Special:FilePath/A.jpg"});
    // no header: a pasted column beside addresses
    CHECK(listed_files("A.jpg\thttps://commons.wikimedia.org/wiki/File:A.jpg\n"
                       "B.jpg\thttps://commons.wikimedia.org/wiki/File:B.jpg\n")
              .items == Names{"A.jpg", "B.jpg"});
    CHECK(listed_files("https://commons.wikimedia.org/wiki/File:A,_b.jpg\n"
                       "https://commons.wikimedia.org/wiki/File:C,_d.jpg")
              .items.size() == 2);
}

TEST_CASE("lists of files: a page for people is none") {
    for (const char* page : {"<!DOCTYPE html><html><title>Sign in</title>", "\xEF\xBB\xBF \n<HTML>",
                             "<!-- x --><html>"}) {
        INFO(page);
        CHECK_THROWS_WITH(listed_files(page), Contains("HTML page"));
    }
    CHECK_THROWS_WITH(listed_files("<p>x", "text/html; charset=utf-8"), Contains("HTML page"));
    CHECK_THROWS_WITH(listed_files("Welcome <html>", "text/html"), Contains("HTML page"));
    CHECK_THROWS_WITH(listed_files("<?xml version='1.0'?><sparql/>"), Contains("XML"));
    CHECK(listed_files("A.jpg\nB.jpg", "text/html").items.size() == 2); // of a small script
}

TEST_CASE("file names: addresses that lead to the file") {
    const auto name = [](const char* text) { return read_file_name(text, "name").name; };
    CHECK(name("http://commons.wikimedia.org/wiki/Special:FilePath/A%20b.jpg?width=300") ==
          "A_b.jpg");
    CHECK(name("https://commons.wikimedia.org/wiki/Special:Redirect/file/a.jpg") == "A.jpg");
    CHECK(name("https://commons.wikimedia.org/w/index.php?title=Special%3AFilePath%2FA.jpg") ==
          "A.jpg");
    CHECK_THROWS_AS(name("https://commons.wikimedia.org/wiki/Special:Upload"), BadRequest);
    CHECK_THROWS_AS(category_name("Special:FilePath/A.jpg", "category"), BadRequest);
}

TEST_CASE("import requests: an address instead of a list") {
    const auto plan = [](const std::string& members, config::Settings with = settings()) {
        return read_request(request(members), with);
    };
    const store::NewImport import =
        plan(R"("address":"https://petscan.example/?psid=1&format=json#x")");
    CHECK(import.subject == "files listed at https://petscan.example/?psid=1&format=json");
    CHECK(import.items.empty());
    CHECK(plan(R"("address":"https://a.example/","dry_run":true)").subject ==
          "(dry run) files listed at https://a.example/");
    CHECK(plan(R"("address":"https://a.example/?q=Ä [b] {c|d} 50%25")").subject ==
          "files listed at https://a.example/?q=%C3%84%20%5Bb%5D%20%7Bc%7Cd%7D%2050%25");
    const store::NewImport counted = plan(R"("files":["A","B"],"dry_run":true)");
    CHECK(counted.items.empty());
    CHECK(counted.parameters == R"({"by":"name","dry_run":true,"listed":2})");
    for (const char* bad :
         {R"("address":1)", R"("address":"")", R"("address":"petscan.example")",
          R"("address":"http://petscan.example/")", R"("address":"https://u:p@petscan.example/")",
          R"("address":"https://127.0.0.1/")", R"("address":"https://[::ffff:10.0.0.1]/")",
          R"("address":"https://169.254.169.254/")", R"("address":"file:///etc/passwd")",
          R"("address":"https://a.example/\n")"}) {
        INFO(bad);
        CHECK_THROWS_WITH(plan(bad), Catch::StartsWith("address: "));
    }
    CHECK_THROWS_WITH(plan(R"("address":"https://a.example/","files":["A"])"),
                      Contains("give one of them"));
    CHECK_THROWS_WITH(plan(R"("of_import":1,"dry_run":true)"), Catch::StartsWith("dry_run: "));
    CHECK_THROWS_WITH(plan(R"("files":["A"],"dry_run":1)"), Catch::StartsWith("dry_run: "));
    CHECK_THROWS_WITH(plan(R"("csv":"<html>")"), Catch::StartsWith("csv: "));
    config::Settings open = settings();
    open.imports.plain_http = true;
    CHECK_NOTHROW(plan(R"("address":"http://petscan.example/")", open));
    CHECK_THROWS_WITH(plan(R"("address":"http://127.0.0.1/")", open), Contains("not public"));
    open.imports.private_addresses = true;
    CHECK_NOTHROW(plan(R"("address":"http://127.0.0.1/")", open));
}
