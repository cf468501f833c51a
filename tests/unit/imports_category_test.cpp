// SPDX-License-Identifier: GPL-2.0-or-later
// Names of categories, redirects between them, and requests for imports.
#include "imports/category_name.hpp"
#include "imports/category_redirects.hpp"
#include "imports/category_tree.hpp"
#include "imports/error_text.hpp"
#include "imports/kinds.hpp"

#include <catch2/catch.hpp>

#include <map>

using namespace runner;
using namespace runner::imports;
using Catch::Contains;
using Names = std::vector<std::string>;

namespace {

std::string name(std::string_view text) { return category_name(text, "category"); }

/// A wiki of categories that exist, in words.
struct FakeWiki {
    std::map<std::string, CategoryFacts> pages;
    std::vector<std::string> asked;

    void page(const std::string& title) { pages[title].exists = true; }
    void hard(const std::string& title, const std::string& to) {
        page(title);
        pages[title].hard_redirect = to;
    }
    void soft(const std::string& title, Names links) {
        page(title);
        pages[title].soft_redirect = true;
        pages[title].links = std::move(links);
    }
    Categories follow(const Names& names, std::uint32_t hops = 5) {
        return follow_redirects(names, hops, lists, [this](const std::string& title) {
            asked.push_back(title);
            return pages[title];
        });
    }
    Names lists{"Category_redirects"};
};

Names codes(const Categories& categories) {
    Names found;
    for (const store::ImportProblem& problem : categories.problems)
        found.push_back(problem.code);
    return found;
}

config::Settings settings() {
    config::Settings made;
    config::WikiSettings wiki;
    wiki.id = "commonswiki";
    wiki.replica_database = "commonswiki_p";
    made.wikis.push_back(wiki);
    wiki.id = "plainwiki";
    wiki.replica_database.clear();
    made.wikis.push_back(wiki);
    return made;
}

} // namespace

TEST_CASE("category name: brought into the form of the database") {
    CHECK(name("Foo bar") == "Foo_bar");
    CHECK(name("Foo\u00A0bar\u200E") == "Foo_bar");
    CHECK(name(" \t category :__foo   bar_") == "Foo_bar");
    CHECK(name("CATEGORY:foo") == "Foo");
    CHECK(name(":Category:Foo") == "Foo");
    CHECK(name("Caf%C3%A9_%41") == "Café_A");
    CHECK(name("ärger") == "Ärger");
    CHECK(name("ß") == "ß");
    CHECK(name("яблоко") == "Яблоко");
    CHECK(name("日本") == "日本");
    CHECK(name("100% cotton") == "100%_cotton");
    CHECK(name("Category:File:A") == "File:A");
    CHECK(name("Star Trek: Picard") == "Star_Trek:_Picard");
    CHECK(name(std::string(255, 'A')).size() == 255);
    CHECK(shown_name("Foo_bar") == "Foo bar");
}

TEST_CASE("category name: the first letter is what MediaWiki makes of it, and what it was given") {
    const auto read = [](std::string_view text) { return read_category_name(text, "category"); };
    CHECK(name("ქართული") == "ქართული"); // and not Mtavruli
    CHECK(read("ქართული").others.empty());
    for (char32_t letter = 0x10D0; letter <= 0x10FF; ++letter) {
        const std::string text =
            std::string("\xE1\x83") + static_cast<char>(letter - 0x10D0 + 0x90);
        CHECK(name(text) == text);
    }
    CHECK(name("ǆ") == "ǅ"); // title case
    CHECK(name("ǳungla") == "ǲungla");
    CHECK(name("ß") == "ß");
    CHECK(name("ŉ") == "ŉ"); // its capital would be two characters
    CHECK(name("ﬁ") == "ﬁ");
    CHECK(name("ⅳ") == "ⅳ");
    CHECK(name("ⓐ") == "ⓐ");
    CHECK(read("ⅳ b").others == Names{"Ⅳ_b"});
    CHECK(read("ärger").others == Names{"ärger"});
    CHECK(read("foo").others.empty());
}

TEST_CASE("category name: pasted addresses, links, entities and decomposed letters") {
    for (const char* text :
         {"https://commons.wikimedia.org/wiki/Category:Br%C3%BCcken_in_K%C3%B6ln",
          "http://commons.m.wikimedia.org/wiki/Category:Brücken_in_Köln?uselang=de#mw-pages",
          "//commons.wikimedia.org/wiki/Category:Br%C3%BCcken%20in%20K%C3%B6ln",
          "https://commons.wikimedia.org/w/index.php?title=Category:Br%C3%BCcken+in+Köln&action="
          "edit",
          "[[Category:Brücken in Köln]]", "[[:Category:Brücken in Köln|Brücken]]",
          " [[:category:brücken in Köln#Rhein]] ", "Category:Bru\u0308cken in Ko\u0308ln",
          "Br&#252;cken in K&#246;ln", "Br&#xFC;cken&nbsp;in K&#xf6;ln",
          "Category:Brücken in Köln#mw-subcategories"})
        CHECK(name(text) == "Brücken_in_Köln");
    CHECK(name("R&amp;B") == "R&B");
    CHECK(name("R&B, A; B") == "R&B,_A;_B");
    CHECK(name("e\u200E\u0301") == "É");
    CHECK(name("Hangul \u1112\u1161\u11AB") == "Hangul_한");
    const auto refused = [](std::string_view text, const char* words) {
        CHECK_THROWS_WITH(category_name(text, "category"), Contains(words));
    };
    refused("https://commons.wikimedia.org/wiki/File:A.jpg", "namespace File");
    refused("https://commons.wikimedia.org/wiki/Main_Page", "not a category");
    refused("https://commons.wikimedia.org/", "without the title");
    refused("#mw-pages", "a section");
    refused("[[Category:A", "character [");
    refused("[[]]", "empty name");
    refused("A\uFFFDB", "U+FFFD");
    refused("A&#60;B", "character <");
    refused("A&amp;nbsp;B", "an entity of HTML");
}

TEST_CASE("category name: what can't be one is refused with the field and the reason") {
    const auto refused = [](std::string_view text, const char* words) {
        CHECK_THROWS_WITH(category_name(text, "categories[3]"),
                          Contains(words) && Catch::StartsWith("categories[3]: "));
    };
    refused("", "empty name");
    refused(" __ ", "empty name");
    refused("Category:", "empty name");
    refused("File:A.jpg", "namespace File");
    refused("A|B", "character |");
    refused("[A]", "character [");
    refused("A\nB", "control character");
    refused("A%0AB", "control character");
    refused("A%01B", "control character");
    refused("A%00B", "not valid UTF-8");
    refused("\xff", "not valid UTF-8");
    refused("\xc0\xaf", "not valid UTF-8");
    refused("'\xe2\xe2\x80\xad\x80\xad",
            "not valid UTF-8"); // without its mark it would be one more mark
    refused("A/../B", "relative path");
    refused("A~~~~", "~~~");
    refused("A%2525", "escape");
    refused(std::string(256, 'A'), "256 bytes");
    refused(std::string(10'000, 'A'), "10000 bytes");
}

TEST_CASE("category redirects: none are followed where there are none") {
    FakeWiki wiki;
    wiki.page("A");
    wiki.pages["Red"].has_members = true;
    const Categories found = wiki.follow({"A", "Red", "None"});
    CHECK(found.names == Names{"A", "Red"});
    CHECK(found.missing == Names{"None"});
    CHECK(found.followed.empty());
    CHECK(found.problems.empty());
}

TEST_CASE("category redirects: hard and soft ones are followed, old and new are taken") {
    FakeWiki wiki;
    wiki.hard("A", "B");
    wiki.soft("B", {"Category_redirects", "B", "C"});
    wiki.page("C");
    const Categories found = wiki.follow({"A"});
    CHECK(found.names == Names{"A", "B", "C"});
    REQUIRE(found.followed.size() == 2);
    CHECK(found.followed[0].hard);
    CHECK(found.followed[1].to == "C");
    CHECK_FALSE(found.followed[1].hard);
    CHECK(wiki.follow({"A"}, 0).names == Names{"A"});
}

TEST_CASE("category redirects: two ways to the same category take it once") {
    FakeWiki wiki;
    wiki.hard("A", "C");
    wiki.hard("B", "C");
    wiki.page("C");
    const Categories found = wiki.follow({"A", "B", "C"});
    CHECK(found.names == Names{"A", "C", "B"});
    CHECK(found.followed.size() == 2);
    CHECK(found.problems.empty());
}

TEST_CASE("category redirects: loops end, and are told") {
    FakeWiki wiki;
    wiki.soft("A", {"B"});
    wiki.hard("B", "C");
    wiki.soft("C", {"A"});
    const Categories found = wiki.follow({"A"});
    CHECK(found.names == Names{"A", "B", "C"});
    CHECK(codes(found) == Names{"redirect_loop"});
    CHECK(found.problems[0].reason == "redirects go round: A → B → C → A");
    FakeWiki self;
    self.hard("A", "A");
    CHECK(codes(self.follow({"A"})) == Names{"redirect_loop"});
}

TEST_CASE("category redirects: too many hops, nowhere and anywhere are problems") {
    FakeWiki wiki;
    for (char c = 'A'; c < 'H'; ++c)
        wiki.hard(std::string(1, c), std::string(1, static_cast<char>(c + 1)));
    wiki.page("H");
    CHECK(wiki.follow({"A"}, 7).problems.empty());
    const Categories found = wiki.follow({"A"}, 2);
    CHECK(found.names == Names{"A", "B", "C"});
    CHECK(codes(found) == Names{"too_many_redirects"});
    FakeWiki odd;
    odd.hard("A", "Nothing");
    odd.soft("B", {});
    odd.soft("C", {"A", "B"});
    CHECK(codes(odd.follow({"A", "B", "C"})) ==
          Names{"redirect_to_nothing", "unclear_redirect", "unclear_redirect"});
}

TEST_CASE("import requests: equal ones have equal subjects, whatever the order") {
    const auto read = [](const char* body) { return read_request(body, settings()); };
    const auto one = read(R"({"import_method":"category","wiki":"commonswiki",)"
                          R"("categories":["b c","Category:A","a"]})");
    const auto same = read(R"({"import_method":"category","wiki":"commonswiki",)"
                           R"("categories":["A","B c"]})");
    CHECK(one.subject == "A | B c");
    CHECK(one.subject == same.subject);
    CHECK(one.kind == "category");
    CHECK(one.parameters == R"({"categories":["B_c","A"],"follow_redirects":true})");
    CHECK(one.counts.count("files_imported") == 1);
    const auto without = read(R"({"import_method":"category","wiki":"commonswiki","category":"A",)"
                              R"("follow_redirects":false})");
    CHECK(without.subject != read(R"({"import_method":"category","wiki":"commonswiki",)"
                                  R"("category":"A"})")
                                 .subject);
}

TEST_CASE("subcategories: down to a depth, each once, whatever goes round") {
    const std::map<std::string, Names> below{{"A", {"B", "C"}},
                                             {"B", {"D", "A"}},
                                             {"C", {"D", "C", "X"}},
                                             {"D", {"E", "B"}},
                                             {"X", {"Y"}}};
    std::size_t asked = 0;
    const auto tree = [&](std::uint32_t depth, std::size_t most, const Names& excluded) {
        const Names roots{"A"};
        return with_subcategories(
            roots, {depth, most, excluded}, [&](std::span<const std::string> names) {
                ++asked;
                Names found;
                for (const std::string& name : names)
                    if (const auto at = below.find(name); at != below.end())
                        found.insert(found.end(), at->second.begin(), at->second.end());
                return found;
            });
    };
    CHECK(tree(0, 100, {}).names == Names{"A"});
    CHECK(asked == 0);
    CHECK(tree(1, 100, {}).names == Names{"A", "B", "C"});
    CHECK(tree(20, 100, {}).names == Names{"A", "B", "C", "D", "X", "E", "Y"});
    CHECK(tree(20, 100, {"X", "D"}).names == Names{"A", "B", "C"});
    CHECK_FALSE(tree(20, 7, {}).cut);
    const CategoryTree cut = tree(20, 4, {});
    CHECK(cut.names == Names{"A", "B", "C", "D"});
    CHECK(cut.cut);
}

TEST_CASE("error texts: folders of the server are left out, addresses and titles are not") {
    CHECK(without_folders("socket '/run/my/sock' (2)") == "socket 'sock' (2)");
    CHECK(without_folders("/srv/dumps/a.json:7: bad") == "a.json:7: bad");
    CHECK(without_folders("https://a.example/b/c: 404 and/or 1 / 2") ==
          "https://a.example/b/c: 404 and/or 1 / 2");
}

TEST_CASE("import requests: a wiki without a replica, and one that is not there") {
    const auto body = [](const char* wiki) {
        return std::string(R"({"import_method":"category","category":"A","wiki":")") + wiki + "\"}";
    };
    CHECK_THROWS_WITH(read_request(body("plainwiki"), settings()),
                      Catch::StartsWith("wiki: plainwiki has no replica_database"));
    CHECK_THROWS_AS(read_request(body("nowiki"), settings()), UnknownWiki);
    CHECK_THROWS_AS(read_request("[]", settings()), BadRequest);
    CHECK_THROWS_AS(read_request("{", settings()), BadRequest);
    CHECK_THROWS_AS(read_request(std::string(10'000, '['), settings()), BadRequest);
}

TEST_CASE("kinds of import: sorted, each with its words") {
    std::string_view last;
    for (const ImportKind& kind : kinds()) {
        CHECK(kind.name > last);
        last = kind.name;
        CHECK(kind.summary.ends_with('.'));
        CHECK_FALSE(kind.thing.empty());
        CHECK(find_kind(kind.name) == &kind);
    }
    CHECK(find_kind("odd") == nullptr);
}
