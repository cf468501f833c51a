// SPDX-License-Identifier: GPL-2.0-or-later
// How violations and results are written in files.
#include "base/error.hpp"
#include "publish/result_dump.hpp"
#include "publish/rows.hpp"
#include "temp_dir.hpp"

#include <catch2/catch.hpp>

using namespace runner::publish;
using runner::results::Status;

namespace {

const ViolationRow row{"Q42",
                       "q42$D8404CDA-25E4-4334-AF13-A3290BCD9C0F",
                       "P31$1d0e-AB",
                       31,
                       "Q21503250",
                       Status::warning,
                       "type-instance",
                       7,
                       "2026-11-21T18:20:00Z",
                       "It is \"wrong\", so."};

std::string ttl(const RdfWriter& writer, const ViolationRow& r, unsigned expected) {
    std::string out;
    CHECK(writer.append(out, r) == expected);
    return out;
}

} // namespace

TEST_CASE("CSV quotes what has to be quoted, tab separated escapes as COPY does") {
    std::string out = csv_header();
    append_csv(out, row);
    const std::string of_row = "Q42,q42$D8404CDA-25E4-4334-AF13-A3290BCD9C0F,P31,P31$1d0e-AB,"
                               "Q21503250,warning,type-instance,7,2026-11-21T18:20:00Z";
    CHECK(out == "entity,statement,property,constraint,type,status,message,revision,checked_at\n" +
                     of_row + '\n');
    out.clear();
    append_csv(out, {"Q1", "a\"b,c", "", 1, "Q2", Status::violation, "x\ny"});
    CHECK(out == "Q1,\"a\"\"b,c\",P1,,Q2,violation,\"x\ny\",0,\n");
    out = tsv_header();
    append_tsv(out, {"Q1", "a\tb", "c\\d\ne", 1, "Q2", Status::suggestion, ""});
    CHECK(out == "entity\tstatement\tproperty\tconstraint\ttype\tstatus\tmessage\trevision\t"
                 "checked_at\nQ1\ta\\tb\tP1\tc\\\\d\\ne\tQ2\tsuggestion\t\t0\t\n");

    out = csv_header(true);
    append_csv(out, row, true);
    CHECK_THAT(out, Catch::Contains(",checked_at,sentence\n") &&
                        Catch::EndsWith(of_row + ",\"It is \"\"wrong\"\", so.\"\n"));
}

TEST_CASE("a result is one line of JSON, its value byte for byte") {
    std::string out;
    const std::vector<std::string> reasons{"the \"reason\"", "b"};
    append_json_line(out, {"wiki",
                           "Q1",
                           7,
                           "2026-11-21T18:20:00.123Z",
                           "native",
                           {0, 2, 0, 0, 0, 5, 0, 0, 1},
                           reasons,
                           "{\"results\":[]}"});
    CHECK(out == "{\"wiki\":\"wiki\",\"entity\":\"Q1\",\"revision\":7,"
                 "\"checked_at\":\"2026-11-21T18:20:00.123Z\",\"engine\":\"native\",\"counts\":{"
                 "\"bad-parameters\":0,\"violation\":2,\"warning\":0,\"suggestion\":0,"
                 "\"exception\":0,\"compliance\":5,\"deprecated\":0,\"not-in-scope\":0,\"todo\":1},"
                 "\"incomplete\":[\"the \\\"reason\\\"\",\"b\"],\"value\":{\"results\":[]}}\n");
    out.clear();
    append_deleted_line(out, "wiki", "Q1");
    CHECK(out == "{\"wiki\":\"wiki\",\"entity\":\"Q1\",\"deleted\":true}\n");
}

TEST_CASE("RDF has the shape of action=constraintsrdf") {
    const RdfWriter turtle(RdfWriter::Syntax::turtle, "http://www.wikidata.org/entity/", false);
    CHECK(turtle.header() == "@prefix wds: <http://www.wikidata.org/entity/statement/> .\n"
                             "@prefix wikibase: <http://wikiba.se/ontology#> .\n\n");
    CHECK(ttl(turtle, row, 1) ==
          "wds:q42-D8404CDA-25E4-4334-AF13-A3290BCD9C0F wikibase:hasViolationForConstraint "
          "wds:P31-1d0e-AB .\n");
    const RdfWriter triples(RdfWriter::Syntax::ntriples, "http://www.wikidata.org/entity/", false);
    CHECK(triples.header().empty());
    CHECK(ttl(triples, row, 1) ==
          "<http://www.wikidata.org/entity/statement/q42-D8404CDA-25E4-4334-AF13-A3290BCD9C0F> "
          "<http://wikiba.se/ontology#hasViolationForConstraint> "
          "<http://www.wikidata.org/entity/statement/P31-1d0e-AB> .\n");
}

TEST_CASE("constraints with bad parameters are no violation in RDF") {
    ViolationRow bad = row;
    bad.status = Status::bad_parameters;
    CHECK(ttl(RdfWriter(RdfWriter::Syntax::turtle, "http://e/", false), bad, 0).empty());
    CHECK(ttl(RdfWriter(RdfWriter::Syntax::turtle, "http://e/", true), bad, 2) ==
          "wds:q42-D8404CDA-25E4-4334-AF13-A3290BCD9C0F cr:hasBadParameters wds:P31-1d0e-AB .\n"
          "wds:P31-1d0e-AB cr:constraintType wd:Q21503250 .\n");
}

TEST_CASE("details tell status and type") {
    const RdfWriter writer(RdfWriter::Syntax::turtle, "http://e/", true);
    CHECK(ttl(writer, row, 3) ==
          "wds:q42-D8404CDA-25E4-4334-AF13-A3290BCD9C0F wikibase:hasViolationForConstraint "
          "wds:P31-1d0e-AB .\n"
          "wds:q42-D8404CDA-25E4-4334-AF13-A3290BCD9C0F cr:hasWarning wds:P31-1d0e-AB .\n"
          "wds:P31-1d0e-AB cr:constraintType wd:Q21503250 .\n");
}

TEST_CASE("GUIDs of any bytes become names that RDF can have") {
    CHECK(rdf_name("Q1$ab c\"<>\xc3\xa9_-") == "Q1-ab-c-----_-");
    const RdfWriter writer(RdfWriter::Syntax::turtle, "http://e/", false);
    // a name that begins with a hyphen has no short form
    CHECK(ttl(writer, {"Q1", "$1", "P1$1", 1, "Q2", Status::violation, ""}, 1) ==
          "<http://e/statement/-1> wikibase:hasViolationForConstraint wds:P1-1 .\n");
}

TEST_CASE("a concept base URI that is none is refused") {
    for (const char* uri : {"http://e/ x", "http://<e>/", "no uri", ""})
        CHECK_THROWS_AS(RdfWriter(RdfWriter::Syntax::turtle, uri, false),
                        runner::base::ConfigError);
}

TEST_CASE("a manifest gives the position to continue from") {
    const runner::test::TempDir dir;
    const auto file = dir.write("manifest.json", R"({"wiki":"w","events":{"transaction":"1234",)"
                                                 R"("last_id":9}})");
    CHECK(read_manifest_position(file, "w").transaction == 1234);
    CHECK_THROWS_WITH(read_manifest_position(file, "other"), Catch::Contains("of the wiki \"w\""));
    CHECK_THROWS_AS(read_manifest_position(dir.path() / "none", "w"), runner::base::NoInputError);
    CHECK_THROWS_AS(read_manifest_position(dir.write("m", "{}"), "w"), runner::base::DataError);
    CHECK_THROWS_AS(read_manifest_position(dir.write("m", "x"), "w"), runner::base::DataError);
}
