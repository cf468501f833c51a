// SPDX-License-Identifier: GPL-2.0-or-later
// Entities from NDJSON files and dumps: framing, compression, redirects, bad lines.
#include "source/block_reader.hpp"
#include "source/entity_line.hpp"
#include "source/file_source.hpp"
#include "source/input_file.hpp"
#include "temp_dir.hpp"

#include <boost/iostreams/copy.hpp>
#include <boost/iostreams/filter/gzip.hpp>
#include <boost/iostreams/filter/zstd.hpp>
#include <boost/iostreams/filtering_streambuf.hpp>
#include <catch2/catch.hpp>

#include <cstdlib>
#include <sstream>
#include <sys/stat.h>
#include <thread>

using namespace runner::source;
using Catch::Contains;
using runner::base::DataError;
using runner::base::NoInputError;
using runner::entity::EntityId;
using runner::test::TempDir;
namespace io = boost::iostreams;

namespace {

EntityId id(std::string_view text) { return EntityId::parse(text).value(); }

std::string item(const std::string& name, int revision = 0) {
    return R"({"type":"item","id":")" + name + R"(","lastrevid":)" + std::to_string(revision) +
           R"(,"labels":{},"claims":[]})";
}

template <typename Compressor>
std::string packed(const std::string& text) {
    std::istringstream in(text);
    io::filtering_streambuf<io::input> filter;
    filter.push(Compressor());
    filter.push(in);
    std::ostringstream out;
    io::copy(filter, out);
    return out.str();
}

std::string gz(const std::string& text) { return packed<io::gzip_compressor>(text); }

std::string zst(const std::string& text) { return packed<io::zstd_compressor>(text); }

/// `cut`: why the file is not whole.
std::vector<std::string> lines_of(const std::filesystem::path& file, std::string* cut = nullptr) {
    TextStream stream(file);
    BlockReader reader(
        file.string(), [&](char* to, std::size_t size) { return stream.read(to, size); }, 100);
    std::vector<std::string> lines;
    LineBlock block;
    while (reader.next(block))
        for_each_line(block, [&](const InputLine& line) {
            lines.push_back(std::to_string(line.line) + ' ' + line.id.to_string());
        });
    if (cut != nullptr)
        *cut = reader.cut();
    return lines;
}

/// What is decided about one text.
InputLine decided(std::string_view json) {
    std::vector<InputLine> lines;
    decide_line(json, 1, 1, [&](const InputLine& line) { lines.push_back(line); });
    REQUIRE(lines.size() == 1);
    return lines.front();
}

Lookup one(FileSource& source, std::string_view text) {
    const std::vector<EntityId> ids{id(text)};
    return source.load(ids).at(0);
}

} // namespace

TEST_CASE("the framing of dumps, CRLF, blank lines and a byte order mark are not in the way") {
    CHECK(json_of_line("{\"id\":\"Q1\"},\r") == "{\"id\":\"Q1\"}");
    CHECK(json_of_line("  {} ,  ") == "{}");
    CHECK(json_of_line("[").empty());
    CHECK(json_of_line("]\r").empty());
    CHECK(json_of_line("[]").empty());
    CHECK(json_of_line(",").empty());
    CHECK(json_of_line(" \t\r").empty());
    CHECK(json_of_line("").empty());
    CHECK(json_of_line("[{\"a\":[1]}]") == "{\"a\":[1]}");
    CHECK(json_of_line("\xEF\xBB\xBF{}") == "{}");
}

TEST_CASE("the id of a line is the object's own, not that of something in it") {
    const auto head = [](std::string_view json) { return decided(json).id.to_string(); };
    CHECK(head(R"({"id":"Q1"})") == "Q1");
    CHECK(head(R"({"claims":{"P1":[{"id":"Q2$x","mainsnak":{"id":"Q3"}}]},"id":"Q1"})") == "Q1");
    CHECK(head(R"( { "a" : "}\"\\" , "b":[1,-2.5e3,true,null,"]"], "id" : "l7" } )") == "L7");
    CHECK(head(R"({"labels":{"en":{"value":"\"id\":\"Q9\""}},"x":"\\","id":"P5"})") == "P5");
    CHECK(head(R"({"entity":"Q5","id":"M6"})") == "M6");
    const InputLine redirect = decided(R"({"entity":"Q5","redirect":"Q6"})");
    CHECK(redirect.kind == LineKind::redirect);
    CHECK(redirect.id == id("Q5"));
    CHECK(redirect.target == id("Q6"));
}

TEST_CASE("a line that is not an entity is reported with the reason") {
    const auto [json, message] = GENERATE(table<const char*, const char*>({
        {"42", "expected '{'"},
        {"nonsense", "expected '{'"},
        {"{}", "without \"id\""},
        {R"({"a":1})", "without \"id\""},
        {R"({"a":{"id":"Q1"}})", "without \"id\""},
        {R"({"id":42})", "\"id\" is not a string"},
        {R"({"id":"Q0"})", "\"id\" is not an entity id: \"Q0\""},
        {R"({"id":"q42;DROP"})", "not an entity id"},
        {R"({"entity":"Q1"})", "without \"id\""},
        {R"({"entity":"Q1","redirect":7})", "without \"id\""},
        {R"({"entity":"Q1","redirect":"x"})", "\"redirect\" is not an entity id"},
        {R"({"a":)", "does not end"},
        {R"({"a":,"id":"Q1"})", "a value is missing"},
        {R"({"a":[1,2)", "does not end"},
        {R"({"a":"x)", "a string does not end"},
        {R"({"a" 1})", "expected ':'"},
        {R"({"a":1 "id":"Q1"})", "expected '}'"},
        {"{\"a\":[[[[[[", "does not end"},
        {R"({"a":"\")", "a string does not end"},
        {R"({"id":"L7-F1"})", "L7-F1 has no page of its own"},
        {R"({"id":"Q3","id":"Q4"})", "\"id\" occurs twice"},
        {R"({"entities":[]})", "without entities"},
        {R"({"entities":{}})", "without entities"},
        {R"({"entities":{"-1":{"site":"enwiki","title":"x","missing":""}}})", "without \"id\""},
        {R"({"error":{"code":"no-such-entity","info":"x"}})", "no-such-entity"},
    }));
    INFO(json);
    CHECK(decided(json).kind == LineKind::problem);
    CHECK_THAT(decided(json).problem, Contains(message));
}

TEST_CASE("plain, gzip and Zstandard files read the same, told by their bytes") {
    const TempDir dir;
    const std::string text = "[\r\n" + item("Q1") + ",\r\n\r\n" + item("P2") + ",\n" + item("L3") +
                             "\n]"; // no newline at the end
    const std::vector<std::string> expected{"2 Q1", "4 P2", "5 L3"};
    CHECK(lines_of(dir.write("a", text)) == expected);
    CHECK(lines_of(dir.write("b", gz(text))) == expected);
    CHECK(lines_of(dir.write("c", zst(text))) == expected);
    CHECK(lines_of(dir.write("d", gz("[\r\n") + gz(text.substr(3)))) == expected);
    CHECK(lines_of(dir.write("e", zst("[\r\n") + zst(text.substr(3)))) == expected);
    for (const char* name : {"a", "b", "c", "d", "e"}) {
        INFO(name);
        CHECK(FileSource({dir.path() / name}).ids() ==
              std::vector<EntityId>{id("Q1"), id("P2"), id("L3")});
    }
    CHECK(lines_of(dir.write("f", "")).empty());
    CHECK(FileSource({dir.path() / "f"}).size() == 0);
    CHECK(lines_of(dir.write("g", gz(""))).empty());
}

TEST_CASE("of damaged and cut off compressed files what comes before is read") {
    const TempDir dir;
    std::string text;
    for (int i = 1; i < 30'000; ++i) // several blocks of Zstandard
        text += item("Q" + std::to_string(i), i * 7919 % 1000) + '\n';
    for (const std::string& whole : {gz(text), zst(text)}) {
        std::string broken = whole;
        for (std::size_t i = 0; i < 40; ++i)
            broken[broken.size() / 2 + i] = static_cast<char>(broken[broken.size() / 2 + i] ^ 0x5A);
        const auto damaged = dir.write("damaged", broken);
        const auto cut = dir.write("cut", whole.substr(0, whole.size() / 2));
        const auto almost = dir.write("almost", whole.substr(0, whole.size() - 1));
        for (const auto& file : {damaged, cut, almost}) {
            INFO(file << ' ' << whole.size());
            std::string end;
            const auto lines = lines_of(file, &end);
            CHECK(lines.size() > 500);
            CHECK(lines.at(500) == "501 Q501");
            CHECK_THAT(end, Contains("damaged") && Contains("at byte"));
            FileSource source({file});
            CHECK_THAT(source.cut().at(0), Contains(file.string() + ": damaged"));
            CHECK(source.size() > 500);
            CHECK(source.load(std::vector{id("Q500")}).at(0).state == State::found);
            CHECK_THROWS_WITH(source.load(std::vector{id("Q99999")}), Contains("damaged"));
            TextStream stream(file);
            std::vector<char> place(1 << 20);
            CHECK_THROWS_AS(
                [&] {
                    while (stream.read(place.data(), place.size()) > 0) {
                    }
                }(),
                DataError);
            CHECK_THROWS_WITH(stream.read(place.data(), 1), Contains(file.string() + ": damaged"));
        }
    }
    const auto bomb = dir.write("bomb", gz(std::string(3'000'000, '\n')));
    CHECK_THROWS_WITH(MappedText(bomb, 1'000'000), Contains("unpacks to more than 1000000 bytes"));
}

TEST_CASE("missing files and directories are reported by name") {
    const TempDir dir;
    CHECK_THROWS_AS(FileSource({dir.path() / "none"}), NoInputError);
    CHECK_THROWS_AS(FileSource({dir.path()}), NoInputError);
    CHECK_THROWS_AS(lines_of(dir.path() / "none"), NoInputError);
    CHECK_THROWS_AS(lines_of(dir.path()), NoInputError);
}

TEST_CASE("a pipe can be read like a file") {
    const TempDir dir;
    const auto fifo = dir.path() / "fifo";
    REQUIRE(mkfifo(fifo.c_str(), 0600) == 0);
    std::thread writer([&] { dir.write("fifo", item("Q1") + '\n' + item("Q2")); });
    const FileSource source({fifo});
    writer.join();
    CHECK(source.ids() == std::vector<EntityId>{id("Q1"), id("Q2")});
}

TEST_CASE("a line longer than the buffer is read whole, also in a stream") {
    const TempDir dir;
    std::string big = item("Q2");
    big.insert(1, "\"padding\":\"" + std::string(3'000'000, 'x') + "\",");
    const auto file = dir.write("a", item("Q1") + '\n' + big + '\n' + item("Q3") + '\n');
    CHECK(lines_of(file) == std::vector<std::string>{"1 Q1", "2 Q2", "3 Q3"});
}

TEST_CASE("a file source answers in the order asked: found, missing and redirects") {
    const TempDir dir;
    const auto file = dir.write("a", item("Q1", 5) + '\n' + R"({"entity":"Q2","redirect":"Q1"})" +
                                         '\n' + item("Q3", 1) + '\n');
    FileSource source({file, dir.write("b", item("Q3", 9) + '\n' + item("Q4"))});
    const std::vector<EntityId> asked{id("Q3"), id("Q2"), id("Q99"), id("Q1"), id("Q3")};
    const auto answers = source.load(asked);
    REQUIRE(answers.size() == 5);
    CHECK(answers[0].state == State::found);
    CHECK(answers[0].revision == 9); // of the same id the last one holds
    CHECK(answers[0].document->entity().id == id("Q3"));
    CHECK(answers[1].state == State::redirect);
    CHECK(answers[1].redirect_target == id("Q1"));
    CHECK(answers[2].state == State::missing);
    CHECK(answers[2].id == id("Q99"));
    CHECK(answers[3].revision == 5);
    CHECK(source.load({}).empty());
    CHECK(source.size() == 3);
    CHECK(source.ids() == std::vector<EntityId>{id("Q1"), id("Q3"), id("Q4")});
    CHECK(source.json(id("Q1")) == item("Q1", 5));
    CHECK(source.json(id("Q2")).empty());

    const std::vector<EntityId> q1{id("Q1")};
    CHECK(source.load(q1, 5).at(0).state == State::found);
    CHECK_THROWS_AS(source.load(q1, 6), SourceUnavailable);
    const std::vector<EntityId> q4{id("Q4")};
    CHECK(source.load(q4, 6).at(0).state == State::found); // says no revision
}

TEST_CASE("forms and senses are found with their lexeme") {
    const TempDir dir;
    const auto file = dir.write(
        "a", R"({"type":"lexeme","id":"L7","lemmas":{},"lexicalCategory":"Q1","language":"Q2",)"
             R"("claims":{},"forms":[{"id":"L7-F1","representations":{},)"
             R"("grammaticalFeatures":[],"claims":[]}],"senses":[]})"
             "\n"
             R"({"entity":"L8","redirect":"L7"})");
    FileSource source({file});
    CHECK(one(source, "L7-F1").state == State::found);
    CHECK(one(source, "L7-F1").document->find(id("L7-F1")) != nullptr);
    CHECK(one(source, "L7-F2").state == State::missing);
    CHECK(one(source, "L7-S1").state == State::missing);
    CHECK(one(source, "L9-F1").state == State::missing);
    CHECK(one(source, "L8").state == State::redirect);
    CHECK(one(source, "L8-F1").state == State::missing);
}

TEST_CASE("a line that can't be read affects only itself, and is reported with its file and line") {
    const TempDir dir;
    FileSource no_id({dir.write("a", item("Q1") + "\n\n{\"x\":1}\nnonsense\n" + item("Q2"))});
    CHECK(no_id.ids() == std::vector<EntityId>{id("Q1"), id("Q2")});
    REQUIRE(no_id.problems().size() == 2);
    CHECK_THAT(no_id.problems()[0],
               Contains((dir.path() / "a").string() + ":3: an entity without"));
    CHECK_THAT(no_id.problems()[1], Contains("a:4: not a JSON object"));
    CHECK(no_id.counts().lines == 4);
    CHECK(no_id.cut().empty());

    FileSource late({dir.write("b", item("Q1") + "\n{\"id\":\"Q2\",\"claims\":{\"P1\":7}}\n" +
                                        R"({"id":"Q3","type":"item","id":"Q4"})" + "\n" +
                                        R"({"id":"Q5","claims":)")});
    CHECK(one(late, "Q1").state == State::found);
    CHECK_THROWS_WITH(one(late, "Q2"), Contains("b:2: "));
    CHECK_THAT(late.problems().at(0), Contains("b:3: \"id\" occurs twice"));
    CHECK(late.problems().size() == 1);
    CHECK_THAT(late.cut().at(0), Contains("b: it ends within an entity (line 4)"));
    CHECK_THROWS_WITH(one(late, "Q5"), Contains("b:4: "));
    CHECK_THROWS_WITH(one(late, "Q6"), Contains("it ends within an entity"));
}

TEST_CASE("the higher revision of a repeated entity wins, and the last of two redirects") {
    const TempDir dir;
    FileSource source({dir.write("a", item("Q1", 9) + '\n' + item("Q2", 3) + '\n' +
                                          R"({"entity":"Q3","redirect":"Q1"})" + '\n' +
                                          R"({"entity":"Q3","redirect":"Q2"})" + '\n' +
                                          R"({"id":"Q4","missing":""})" + '\n' + item("Q5", 2)),
                       dir.write("b", item("Q1", 8) + '\n' + item("Q2", 4) + '\n' +
                                          R"({"id":"Q5","missing":true})" + '\n' + item("Q4"))});
    CHECK(one(source, "Q1").revision == 9);
    CHECK(one(source, "Q2").revision == 4);
    CHECK(one(source, "Q3").redirect_target == id("Q2"));
    CHECK(one(source, "Q4").state == State::found); // comes later
    CHECK(one(source, "Q5").state == State::missing);
    const LineCounts& counts = source.counts();
    CHECK(counts.lines == 10);
    CHECK(counts.entities == 3);
    CHECK(counts.redirects == 1);
    CHECK(counts.missing == 1);
    CHECK(counts.repeated == 5);
    CHECK(counts.problems == 0);
}

TEST_CASE("bytes behind compressed data are passed over with a warning, unless more data follows") {
    const TempDir dir;
    const std::string text = item("Q1") + '\n';
    for (const std::string& whole : {gz(text), zst(text), gz(text) + gz(text)}) {
        const std::string place = "ends at byte " + std::to_string(whole.size());
        FileSource zeros({dir.write("zeros", whole + std::string(300'000, '\0'))});
        CHECK(zeros.size() == 1);
        REQUIRE(zeros.warnings().size() == 1);
        CHECK_THAT(zeros.warnings()[0], Contains("300000 zero bytes") && Contains(place));
        FileSource junk({dir.write("junk", whole + "\r\n")});
        CHECK_THAT(junk.warnings().at(0), Contains("junk: 2 bytes") && Contains(place));
        const auto hole = dir.write("hole", whole + std::string(200'000, 'x') + whole);
        CHECK_THAT(FileSource({hole}).cut().at(0), Contains("and packed data follows"));
        CHECK(FileSource({dir.write("good", whole)}).warnings().empty());
    }
}
