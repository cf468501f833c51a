// SPDX-License-Identifier: GPL-2.0-or-later
// The texts made from the table of settings. With the environment variable UPDATE_DOCS set, the
// generated files of the tree are rewritten instead of compared.
#include "base/file.hpp"
#include "config/reference.hpp"
#include "config/settings_table.hpp"
#include "config/value.hpp"
#include "temp_dir.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

using namespace runner::config;
using Catch::Contains;

namespace {

void compare_or_update(const std::filesystem::path& file, const std::string& expected) {
    if (std::getenv("UPDATE_DOCS") != nullptr) {
        std::ofstream(file, std::ios::binary) << expected;
        return;
    }
    INFO(file << " is made from the table of settings: run the unit tests with UPDATE_DOCS=1");
    CHECK(runner::base::read_file(file) == expected);
}

/// Without the one setting that has the word in its name.
std::string values_of(std::string shown) {
    const std::string name = "webhook_secret_file";
    for (std::size_t at = shown.find(name); at != std::string::npos; at = shown.find(name))
        shown.erase(at, name.size());
    return shown;
}

} // namespace

TEST_CASE("docs/configuration.md holds the reference of the table") {
    const auto file = runner::test::source_root() / "docs/configuration.md";
    const std::string text = runner::base::read_file(file);
    const std::string mark = "<!-- made from the table of settings -->\n";
    const std::size_t at = text.find(mark);
    REQUIRE(at != std::string::npos);
    compare_or_update(file, text.substr(0, at + mark.size()) + markdown_reference());
}

TEST_CASE("the example file holds every setting at its default") {
    const auto file = runner::test::source_root() / "constraint-runner.toml.example";
    compare_or_update(file, example_file());

    const runner::test::TempDir dir;
    std::istringstream lines(example_file());
    std::string uncommented;
    for (std::string line; std::getline(lines, line);) {
        const bool setting = line.size() > 1 && line[0] == '#' && line[1] != ' ';
        // what would need a second setting beside it, and an empty path, stay as they are
        uncommented += (setting ? line.substr(1) : line) + '\n';
    }
    const Loaded as_it_is = load({dir.write("a.toml", example_file()), {}, {}});
    CHECK(as_it_is.origins.empty());
    const Loaded loaded = load({dir.write("b.toml", uncommented), {}, {}});
    CHECK(show_toml(loaded, true).empty());
    CHECK(loaded.origins.size() == settings_table().size() + constraint_id_count);
}

TEST_CASE("the table is consistent") {
    std::set<std::string_view> keys;
    std::set<std::string> environment;
    Settings settings;
    WikiSettings wiki;
    for (const SettingRow& row : settings_table()) {
        INFO(row.key);
        CHECK(keys.insert(row.key).second);
        CHECK((row.of_wiki() || environment.insert(row.environment()).second));
        CHECK_FALSE(row.help.empty());
        CHECK(row.help.ends_with('.'));
        CHECK((row.kind == Kind::choice) == !choices(row).empty());
        CHECK_FALSE(literal(row, {&settings, &wiki}).empty());
    }
    CHECK(find_row("server.socket")->environment() == "CONSTRAINT_RUNNER_SERVER_SOCKET");
}

TEST_CASE("what config show prints can be read back and names its origins") {
    const runner::test::TempDir dir;
    const Loaded loaded = load({{},
                                {"log.level=debug", "server.max_body=10MB",
                                 "server.socket_mode=600", "wiki.a.concept_base_uri=http://a/"},
                                {}});
    const std::string shown = show_toml(loaded, false);
    CHECK_THAT(shown, Contains("level = \"debug\"") && Contains("# --set"));
    const Loaded again = load({dir.write("shown.toml", shown), {}, {}});
    CHECK(show_toml(again, true).find("--set") == std::string::npos);
    CHECK(again.settings.server.max_body == 10'000'000);
    CHECK(again.settings.server.socket_mode == 0600);
    CHECK(again.settings.wikis.at(0).concept_base_uri == "http://a/");
    CHECK_THAT(show_json(loaded, true),
               Contains(R"("log.level": {"value": "debug", "default": "info", "source": "--set")"));
}

TEST_CASE("passwords of both spellings of a connection string are masked") {
    const auto [conninfo, shown] = GENERATE(table<const char*, const char*>({
        {"host=a password=secret dbname=b", "host=a password=******** dbname=b"},
        {"password = 'se cr\\'et' host=a", "password = ******** host=a"},
        {"host=a password=", "host=a password=********"},
        {"host=password dbname=x", "host=password dbname=x"},
        {"sslpassword=k user=u", "sslpassword=******** user=u"},
        {"passfile=/x user=u", "passfile=/x user=u"},
        {"postgresql://u:secret@h/d", "postgresql://u:********@h/d"},
        {"postgresql://u:se:c@ret@h:5432/d?x=1", "postgresql://u:********@h:5432/d?********"},
        {"postgres://h/d?user=u&password=secret&sslmode=on",
         "postgres://h/d?user=u&password=********&sslmode=on"},
        {"postgres://u@h/d?passwor=secret&user=u", "postgres://u@h/d?passwor=********&user=u"},
        {"host=h dbname='postgresql://u:secret@h/d' port=5", "host=h dbname=******** port=5"},
        {"dbname='host=h password=secret'", "dbname=********"},
        {"postgres://h/postgres:%2F%2Fu:secret%40h?port=5", "postgres://h/********?port=5"},
        {"postgres://h?dbname=user%3Du%20password%3Dsecret", "postgres://h?dbname=********"},
        {"dbname='host=h user=u'", "dbname='host=h user=u'"},
        {"postgresql://u@h:5432/d", "postgresql://u@h:5432/d"},
        {"postgresql://u:se/cret@h/d", "postgresql://u:********@h/d"},
        {"postgresql://u:se?cret@h/d", "postgresql://u:********@h/d"},
        {"postgresql://u:se%cret%@h/d", "postgresql://u:********@h/d"},
        {"postgresql://u:1/secret@x@h/d", "postgresql://u:********@h/d"},
        {"postgresql://u:1?secret=@h/d", "postgresql://u:********@h/d"},
        {"postgresql://u:a%2Fsecret@h/d", "postgresql://u:********@h/d"},
        {"postgresql://u:a%@h/d?password=secret&secret", "postgresql://u:********@h/d?********"},
        {"postgresql://h/d?password=%secret", "********"},
        {"postgresql://h/d?%70assword=secret&user=u",
         "postgresql://h/d?%70assword=********&user=u"},
        {"postgresql://h/d?sslpassword=secret", "postgresql://h/d?sslpassword=********"},
        {"host=h password=a secret", "********"},
        {"host=h password=a secret=b", "host=h password=******** ********"},
        {"host=h password='secret", "********"},
        {"host=h password=\\'secret\\ more\\'", "host=h password=********"},
        {"", ""},
    }));
    CHECK(mask_conninfo(conninfo) == shown);
    Loaded loaded;
    loaded.settings.database.conninfo = conninfo;
    CHECK_THAT(values_of(show_toml(loaded, false)), !Contains("secret"));
    CHECK_THAT(values_of(show_json(loaded, false)), !Contains("secret"));
}

TEST_CASE("user names and passwords of URLs are not shown") {
    Loaded loaded;
    loaded.settings.wikis.emplace_back().id = "w";
    WikiSettings& wiki = loaded.settings.wikis.front();
    wiki.entity_data_url = "https://u:secret@w.example/data/";
    wiki.api_url = "http://secret@w.example/api.php";
    wiki.commons_api = "http://u:se:cr@secret@[::1]:8/api.php?x=a@b";
    wiki.php_command = {"php", "--proxy=http://u:secret@p.example"};
    const std::string shown = values_of(show_toml(loaded, true) + show_json(loaded, false));
    CHECK_THAT(shown, !Contains("secret"));
    CHECK_THAT(shown, Contains(R"("https://********@w.example/data/")") &&
                          Contains(R"("http://********@[::1]:8/api.php?x=a@b")"));
}

TEST_CASE("what a library says of a connection string loses its passwords") {
    CHECK(redact_conninfo("password \"a/b%\" of u is wrong", "postgresql://u:a%2Fb%25@h/d") ==
          "password \"********\" of u is wrong");
    CHECK(redact_conninfo("a%2Fb%25: no", "postgresql://u:a%2Fb%25@h/d") == "********: no");
    CHECK(redact_conninfo("bad: password='it\\'s' x", "host=h password='it\\'s'") ==
          "bad: password=******** x");
    CHECK(redact_conninfo("cannot use \"host=h user=u\"", "host=h user=u") ==
          "cannot use \"********\"");
    // what it names may be a piece of the password
    CHECK(redact_conninfo("invalid port \"a\" in \"b@h\"", "postgresql://u:a/b@h/d") ==
          "invalid port \"********\"");
    CHECK(redact_conninfo("invalid connection option \"b\"", "host=h password=a b=c") ==
          "invalid connection option \"********\"");
    CHECK(redact_conninfo("database \"d\" does not exist", "host=h password=long dbname=d") ==
          "database \"d\" does not exist");
    CHECK(redact_conninfo("no server", "") == "no server");
    CHECK(redact_conninfo("database \"postgres://u:secret@h\" does not exist",
                          "host=h dbname=postgres://u:secret@h") ==
          "database \"********\" does not exist");
    // without a password there is nothing to hide
    CHECK(redact_conninfo("invalid connection option \"hst\"", "hst=localhost") ==
          "invalid connection option \"hst\"");
    CHECK(redact_conninfo("invalid URI query parameter: \"sslmod\"",
                          "postgresql://u@h/d?sslmod=on") ==
          "invalid URI query parameter: \"sslmod\"");
}

TEST_CASE("a connection string carries the time limit and the password") {
    DatabaseSettings database;
    CHECK(connection_string(database) == " connect_timeout=5");
    database.conninfo = "postgresql://u@h/d";
    database.password = "a/b c&";
    CHECK(connection_string(database) ==
          "postgresql://u@h/d?connect_timeout=5&password=a%2Fb%20c%26");
    database.conninfo = "host=h connect_timeout=9";
    CHECK(connection_string(database) == "host=h connect_timeout=9 password='a/b c&'");
}
