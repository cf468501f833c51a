// SPDX-License-Identifier: GPL-2.0-or-later
// Inputs of any shape: what each of their lines is, whether they are whole, and that any damage to
// a good one is either harmless or reported.
#include "base/error.hpp"
#include "entity/entity.hpp"
#include "source/block_reader.hpp"
#include "source/input_format.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstring>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

using namespace runner::source;
using namespace std::string_literals;
using Catch::Contains;
using runner::base::DataError;

namespace {

struct Reading {
    std::vector<std::string> lines;              ///< "1 Q1", "2 Q2->Q1", "3 -Q3", "4 !"
    std::map<std::string, std::string> entities; ///< JSON by id, of what can be parsed
    std::vector<std::string> problems;
    std::string cut;
    std::string refused;

    [[nodiscard]] bool reported() const {
        return !problems.empty() || !cut.empty() || !refused.empty();
    }
};

BlockReader reader_of(const std::string& text, std::size_t piece, std::size_t block) {
    return {"dump",
            [&text, piece, at = std::size_t{0}](char* to, std::size_t size) mutable {
                const std::size_t n = std::min({size, piece, text.size() - at});
                std::memcpy(to, text.data() + at, n);
                at += n;
                return n;
            },
            block};
}

void take(const InputLine& line, Reading& out) {
    std::string text = std::to_string(line.line) + ' ';
    switch (line.kind) {
    case LineKind::problem:
        text += '!';
        out.problems.push_back(line.problem);
        break;
    case LineKind::redirect: text += line.id.to_string() + "->" + line.target.to_string(); break;
    case LineKind::missing: text += '-' + line.id.to_string(); break;
    case LineKind::entity:
        text += line.id.to_string();
        try {
            (void)runner::entity::parse_entity(line.json);
            out.entities[line.id.to_string()] = line.json;
        } catch (const DataError& error) {
            out.problems.emplace_back(error.what());
        }
    }
    out.lines.push_back(text);
}

Reading read(const std::string& text, std::size_t piece = 4096, std::size_t block = 64) {
    Reading out;
    BlockReader reader = reader_of(text, piece, block);
    try {
        LineBlock next;
        std::uint64_t end = 0;
        while (reader.next(next)) {
            CHECK(next.end == (end += next.text.size()));
            for_each_line(next, [&](const InputLine& line) {
                CHECK(text.substr(line.position - 1, line.json.size()) == line.json);
                CHECK(
                    line.line ==
                    1 + static_cast<std::uint64_t>(std::count(
                            text.begin(),
                            text.begin() + static_cast<std::ptrdiff_t>(line.position) - 1, '\n')));
                take(line, out);
            });
        }
        out.cut = reader.cut();
    } catch (const DataError& error) {
        out.refused = error.what();
    }
    return out;
}

std::string entity(const std::string& id, int revision = 1) {
    return R"({"type":"item","id":")" + id + R"(","lastrevid":)" + std::to_string(revision) +
           R"(,"labels":{},"claims":{"P1":[{"mainsnak":{"snaktype":"value","property":"P1",)"
           R"("datavalue":{"value":"[x] {\"}","type":"string"}},"type":"statement","id":")" +
           id + R"($1","rank":"normal"}]}})";
}

/// The same with a line for each member, as pretty-printers write it.
std::string pretty(const std::string& json) {
    std::string out;
    bool in_string = false;
    for (std::size_t i = 0; i < json.size(); ++i) {
        const char c = json[i];
        out += c;
        if (c == '\\')
            out += json[++i];
        else if (c == '"')
            in_string = !in_string;
        else if (!in_string && (c == '{' || c == ',' || c == '['))
            out += "\n  ";
        else if (!in_string && c == ':')
            out += ' ';
    }
    return out + '\n';
}

using Lines = std::vector<std::string>;

} // namespace

TEST_CASE("every shape that people have gives the same entities") {
    const std::string a = entity("Q1");
    const std::string b = entity("Q2");
    const std::string c = entity("L3").replace(9, 4, "lexeme");
    const auto [name, text] = GENERATE_COPY(table<std::string, std::string>({
        {"a dump", "[\n" + a + ",\n" + b + ",\n" + c + "\n]\n"},
        {"with CRLF", "[\r\n" + a + ",\r\n" + b + ",\r\n" + c + "\r\n]\r\n"},
        {"no last line feed", "[\n" + a + ",\n" + b + ",\n" + c + "\n]"},
        {"commas in front", "[\n" + a + "\n," + b + "\n," + c + "\n]"},
        {"brackets on the lines", "[" + a + ",\n" + b + ",\n" + c + "]"},
        {"NDJSON", a + "\n" + b + "\n" + c},
        {"lines of a dump", a + ",\n" + b + ",\n" + c + ",\n"},
        {"with a byte order mark", "\xEF\xBB\xBF[\n" + a + ",\n" + b + ",\n" + c + "\n]\n"},
        {"on one line", "[" + a + "," + b + "," + c + "]"},
        {"on one line, spaced", " [ " + a + " , " + b + ", " + c + " ] \n"},
        {"a mark and one line", "\xEF\xBB\xBF[" + a + "," + b + "," + c + "]"},
        {"two on a line", "[" + a + "," + b + ",\n" + c + "]"},
        {"pretty", pretty("[" + a + "," + b + "," + c + "]")},
        {"pretty objects in a row", pretty(a) + pretty(b) + "\n" + pretty(c)},
        {"objects in a row", a + b + " " + c},
        {"an answer of the API",
         R"({"entities":{"Q1":)" + a + R"(,"Q2":)" + b + R"(,"L3":)" + c + R"(},"success":1})"},
        {"a pretty answer", pretty(R"({"batchcomplete":"","entities":{"Q1":)" + a + R"(,"Q2":)" +
                                   b + R"(,"L3":)" + c + "}}")},
        {"answers line by line", R"({"entities":{"Q1":)" + a + "}}\n" + R"({"entities":{"Q2":)" +
                                     b + R"(,"L3":)" + c + "}}\n"},
    }));
    INFO(name);
    for (const std::size_t piece : {1, 3, 100'000})
        for (const std::size_t block : {1, 50, 100'000}) {
            const Reading reading = read(text, piece, block);
            CHECK(reading.refused.empty());
            CHECK(reading.cut.empty());
            CHECK(reading.problems == Lines{});
            CHECK(reading.lines.size() == 3);
            std::set<std::string> ids;
            for (const auto& [id, json] : reading.entities)
                ids.insert(id);
            CHECK(ids == std::set<std::string>{"Q1", "Q2", "L3"});
        }
}

TEST_CASE("redirects, missing pages and problems are distinguished everywhere") {
    const std::string a = entity("Q1");
    CHECK(read(a + "\n"
                   R"({"entity":"Q2","redirect":"Q1"})"
                   "\n"
                   R"({"id":"Q3","missing":""})"
                   "\n"
                   R"({"id":"Q4","missing":true})"
                   "\n"
                   R"({"missing":"","id":"Q5"})"
                   "\n{\"x\":1}\n")
              .lines == Lines{"1 Q1", "2 Q2->Q1", "3 -Q3", "4 -Q4", "5 -Q5", "6 !"});
    CHECK(read(R"([{"id":"Q3","missing":""},)" + a + R"(,{"entity":"Q2","redirect":"Q1"},{"x":1}])")
              .lines == Lines{"1 -Q3", "1 Q1", "1 Q2->Q1", "1 !"});
    // an entity under another id is what that one redirects to
    CHECK(read(R"({"entities":{"Q9":)" + a + R"(,"Q8":{"id":"Q8","missing":""},"Q7":7}})").lines ==
          Lines{"1 Q9->Q1", "1 Q1", "1 -Q8", "1 !"});
}

TEST_CASE("what is cut off or has no end is not complete") {
    const std::string a = entity("Q1");
    const std::string b = entity("Q2");
    const auto [text, reason] = GENERATE_COPY(table<std::string, std::string>({
        {"[\n" + a + ",\n" + b + ",\n", "does not end with ]"},
        {"[\n" + a + ",\n" + b, "does not end with ]"},
        {"[\n" + a + ",\n" + b.substr(0, 40), "within an entity (line 3)"},
        {"[\n" + a + ",\n" + b.substr(0, b.size() - 2) + "]", "within an entity (line 3)"},
        {"[" + a + "," + b, "does not end with ]"},
        {"[" + a + "," + b.substr(0, 40), "within an entity (line 1)"},
        {a + "\n" + b.substr(0, 40), "within an entity (line 2)"},
        {pretty("[" + a + "," + b), "does not end with ]"},
        {pretty(a) + pretty(b).substr(0, 60), "within an entity"},
        {a + ",\n" + b + "\n]\n", "its beginning is missing"},
        {a + "," + b + "]", "its beginning is missing"},
        {"[\n" + a + "\n]\n[\n" + b + "\n", "does not end with ]"},
    }));
    INFO(text);
    for (const std::size_t block : {1, 100'000}) {
        const Reading reading = read(text, 7, block);
        CHECK_THAT(reading.cut, Contains(reason));
        CHECK(reading.entities.contains("Q1")); // what there is of it is read
    }
    CHECK(read("[\n" + a + "\n]\n[\n" + b + "\n]\n").cut.empty());
    CHECK(read("[\n]\n").lines.empty());
    CHECK(read("").lines.empty());
}

TEST_CASE("a bad line among good ones affects only itself") {
    const std::string a = entity("Q1");
    const std::string b = entity("Q2");
    const Reading in_lines = read("[\n{\"type\":\"item\",\"id\":\"Q9\",\"claims\":{\"P1\":[{\"m\n" +
                                  a + ",\nnonsense\n" + b + "\n]\n");
    CHECK(in_lines.lines == Lines{"2 Q9", "3 Q1", "4 !", "5 Q2"}); // Q9 can't be parsed
    CHECK(in_lines.problems.size() == 2);
    CHECK(in_lines.cut.empty());
    const Reading on_one = read("[" + a + R"(,{"id":"Q9","claims":[}},)" + b + "]");
    CHECK(on_one.entities.contains("Q1"));
    CHECK_THAT(on_one.cut, Contains("can't be read from line 1 on"));
    CHECK(read("[" + a + R"(,{"id":"Q9","rank":,},)" + b + "]").entities.size() == 2);
}

TEST_CASE("what is not an input is named") {
    const std::string utf16("\xFF\xFE[\0", 4);
    const auto [text, name] = GENERATE_COPY(table<std::string, std::string>({
        {"\xFD"
         "7zXZ\0\0\4"s,
         "xz"},
        {"PK\3\4abcd", "zip"},
        {"7z\xBC\xAF\x27\x1C", "7z"},
        {std::string(257, 'a') + "ustar", "tar"},
        {utf16, "UTF-16"},
        {"[\0\n\0{\0"s, "UTF-16"},
        {"\xFF\xFE\0\0[\0\0\0"s, "UTF-32"},
        {"\0\0\xFE\xFF\0\0\0["s, "UTF-32"},
        {"{\0\0\0\"\0\0\0"s, "UTF-32"},
        {"\0\0\0[\0\0\0{"s, "UTF-32"},
        {"<!DOCTYPE html>\n<html>", "HTML"},
        {"\n <html lang=en>", "HTML"},
        {"<?xml version=\"1.0\"?>\n", "XML"},
        {"<rdf:RDF xmlns=", "RDF/XML"},
        {"@prefix wd: <http://www.wikidata.org/entity/> .\n", "Turtle"},
        {"# a comment\n@prefix wd: <http://x/> .\n", "Turtle"},
        {"<http://www.wikidata.org/entity/Q1> <http://x> \"y\" .\n", "N-Triples"},
        {"-- MySQL dump 10.19\n", "SQL"},
        {"\x1F\x8B\x08 more", "gzip data inside"},
        {"id\tlabel\nQ1\tx\n", "tab-separated"},
        {"nonsense\nmore\n", "text that begins with \"nonsense\""},
        {std::string(5000, '\1'), "?"},
    }));
    INFO(name);
    CHECK_THAT(read(text).refused, Contains("dump: ") && Contains(name));
}

TEST_CASE("when none of the first 1,000 lines is an entity the rest is not read") {
    std::string lines;
    for (int i = 0; i < 300'000; ++i)
        lines += "wd:Q" + std::to_string(i) + " rdfs:label \"x\"@en .\n";
    std::size_t given = 0;
    BlockReader reader("dump", [&](char* to, std::size_t size) {
        const std::size_t n = std::min(size, lines.size() - given);
        std::memcpy(to, lines.data() + given, n);
        given += n;
        return n;
    });
    LineBlock block;
    CHECK_THROWS_WITH(reader.next(block), Contains("none of the first 1000 lines is an entity"));
    CHECK(given < lines.size() / 10);

    std::string objects;
    for (int i = 0; i < 2000; ++i)
        objects += "{\"x\":" + std::to_string(i) + "}\n";
    CHECK_THAT(read(objects).refused,
               Contains("none of the first 1000") && Contains("JSON, but not"));
    CHECK_THAT(read(pretty("[" + std::string(objects).replace(0, 0, "") + "]")).refused,
               Contains("none of the first 1000"));
    // one that begins late is read
    std::string late = objects.substr(0, objects.find("{\"x\":900}"));
    CHECK(read(late + entity("Q1") + "\n").lines.size() == 901);
}

TEST_CASE("reading continues behind a block, in every shape") {
    std::string dump = "[";
    for (int i = 1; i <= 50; ++i)
        dump += (i == 1 ? "" : ",") + entity("Q" + std::to_string(i));
    dump += "]";
    for (const std::string& text : {dump, pretty(dump)}) {
        const Reading whole = read(text);
        BlockReader first = reader_of(text, 100, 500);
        LineBlock block;
        std::uint64_t lines = 0;
        Reading parts;
        for (int i = 0; i < 4; ++i) {
            REQUIRE(first.next(block));
            lines += block.lines;
            for_each_line(block, [&](const InputLine& line) { take(line, parts); });
        }
        BlockReader second = reader_of(text, 33, 500);
        second.skip(block.end, lines);
        while (second.next(block))
            for_each_line(block, [&](const InputLine& line) { take(line, parts); });
        CHECK(parts.lines == whole.lines);
    }
}

TEST_CASE("a good input that is cut, repeated, reordered or damaged is read the same or reported") {
    std::vector<std::string> members;
    for (int i = 1; i <= 6; ++i)
        members.push_back(entity("Q" + std::to_string(i), i));
    members.push_back(R"({"entity":"Q8","redirect":"Q1"})");
    const auto joined = [&](const std::vector<std::string>& some, const char* between) {
        std::string out;
        for (const std::string& each : some)
            out += (out.empty() ? "" : between) + each;
        return out;
    };
    const std::string array = "[\n" + joined(members, ",\n") + "\n]\n";
    const std::string one_line = "[" + joined(members, ",") + "]";
    const Reading good = read(array);
    REQUIRE(!good.reported());
    const auto same = [&](const std::string& text) {
        const Reading reading = read(text, 1000, 100);
        return reading.reported() || reading.entities == good.entities;
    };
    std::mt19937 random(20260101); // NOLINT: the same every time
    const auto below = [&](std::size_t n) { return random() % n; };

    for (const std::string& text : {array, one_line}) {
        for (std::size_t n = 1; n + 2 < text.size(); ++n) { // an empty one has nothing to lose
            INFO("cut at " << n);
            const Reading reading = read(text.substr(0, n), 1000, 100);
            CHECK((reading.reported() || reading.entities.empty()));
        }
        CHECK(same(text + text));
        for (int i = 0; i < 3000; ++i) {
            std::string damaged = text;
            const std::size_t at = below(text.size());
            damaged[at] = static_cast<char>(below(256));
            const Reading reading = read(damaged, 1000, 100);
            // a changed letter of a text or id gives another entity, which no reader can know
            const auto one_differs = [&] {
                std::size_t kept = 0;
                for (const auto& [id, json] : good.entities)
                    kept += reading.entities.contains(id) && reading.entities.at(id) == json;
                return kept + 2 >= good.entities.size() && // it may have the id of another
                       reading.lines.size() == good.lines.size();
            };
            INFO(at << ": " << damaged);
            CHECK((reading.reported() || one_differs()));
        }
    }
    for (int i = 0; i < 100; ++i) {
        std::vector<std::string> other = members;
        std::shuffle(other.begin(), other.end(), random);
        other.push_back(other[below(other.size())]);
        CHECK(same("[\n" + joined(other, ",\n") + "\n]\n"));
        CHECK(same("[" + joined(other, ",") + "]"));
        CHECK(same(joined(other, "\n")));
    }
}
