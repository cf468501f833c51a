// SPDX-License-Identifier: GPL-2.0-or-later
// Settings from file, environment and command line: precedence, messages, reload.
#include "base/error.hpp"
#include "config/load.hpp"
#include "config/reference.hpp"
#include "config/settings_table.hpp"
#include "temp_dir.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>

using namespace runner::config;
using namespace runner::base;
using namespace std::chrono_literals;
using Catch::Contains;
using runner::test::TempDir;

namespace {

const TempDir& dir() {
    static const TempDir made;
    return made;
}

Sources from_file(std::string_view toml) { return {dir().write("runner.toml", toml), {}, {}}; }

Settings settings_of(std::string_view toml) { return load(from_file(toml)).settings; }

} // namespace

TEST_CASE("without any source every setting has its default") {
    const Loaded loaded = load({});
    CHECK(loaded.settings.log.level == "info");
    CHECK(loaded.settings.wikis.empty());
    CHECK(loaded.origins.empty());
    CHECK(loaded.settings.wiki_for_command("").id == "default");
}

TEST_CASE("every kind of value is read from the file") {
    const Settings s = settings_of(R"(
[server]
socket = "run/runner.sock"
socket_mode = "0600"
listen = "127.0.0.1:8090"
max_body = "10MB"
max_connections = 7
idle_timeout = "90s"
allow_root = true
[queue]
lease = 30
[log]
level = "debug"
format = "json"
[wiki.testwiki]
source = "file"
files = ["a.ndjson", "/b.json.gz"]
properties_with_violating_qualifiers = ["P1855", "P2271"]
[wiki.testwiki.ids]
WBQualityConstraintsInstanceOfId = "P1"
WBQualityConstraintsOneOfConstraintId = "Q7"
)");
    CHECK(s.server.socket == dir().path() / "run/runner.sock"); // relative to the file
    CHECK(s.server.socket_mode == 0600);
    CHECK(s.server.listen == "127.0.0.1:8090");
    CHECK(s.server.max_body == 10'000'000);
    CHECK(s.server.max_connections == 7);
    CHECK(s.server.idle_timeout == 90s);
    CHECK(s.server.allow_root);
    CHECK(s.queue.lease == 30s);
    CHECK(s.log.level == "debug");
    CHECK(s.log.format == LogFormat::json);
    REQUIRE(s.wikis.size() == 1);
    const WikiSettings& wiki = s.wikis[0];
    CHECK(wiki.id == "testwiki");
    CHECK(wiki.source == SourceKind::file);
    CHECK(wiki.files ==
          std::vector<std::filesystem::path>{dir().path() / "a.ndjson", "/b.json.gz"});
    CHECK(wiki.properties_with_violating_qualifiers == std::vector<std::string>{"P1855", "P2271"});
    CHECK(wiki.ids[ConstraintId::InstanceOf] == "P1");
    CHECK(wiki.ids[ConstraintId::OneOfConstraint] == "Q7");
    CHECK(wiki.ids[ConstraintId::SubclassOf] == "P279");
    CHECK(s.wiki_for_command("").id == "testwiki");
}

TEST_CASE("the environment wins over the file, --set over both") {
    Sources sources = from_file("[log]\nlevel = \"error\"\n[queue]\nbatch = 3\nmax_attempts = 4\n");
    sources.environment = {{"CONSTRAINT_RUNNER_LOG_LEVEL", "warning"},
                           {"CONSTRAINT_RUNNER_QUEUE_BATCH", "5"}};
    sources.assignments = {"log.level=debug", "wiki.x.http_timeout=1500ms",
                           "wiki.x.ids.WBQualityConstraintsClassId=P9"};
    const Loaded loaded = load(sources);
    CHECK(loaded.settings.log.level == "debug");
    CHECK(loaded.settings.queue.batch == 5);
    CHECK(loaded.settings.queue.max_attempts == 4);
    CHECK(loaded.settings.wikis.at(0).http_timeout == 1500ms);
    CHECK(loaded.settings.wikis.at(0).ids[ConstraintId::Class] == "P9");
    CHECK(loaded.origins.at("log.level") == "--set");
    CHECK(loaded.origins.at("queue.batch") == "CONSTRAINT_RUNNER_QUEUE_BATCH");
    CHECK_THAT(loaded.origins.at("queue.max_attempts"), Contains("runner.toml:5"));
}

TEST_CASE("errors in a file are reported with file, line and key") {
    const auto [toml, message] = GENERATE(table<const char*, const char*>({
        {"[server]\nsoket = \"x\"\n",
         "runner.toml:2: server.soket: unknown key; did you mean \"socket\"?"},
        {"[sever]\nsocket = \"x\"\n",
         "runner.toml:1: sever: unknown table; did you mean \"server\"?"},
        {"socket = \"x\"\n",
         "runner.toml:1: socket: unknown key; it belongs into the table [server]"},
        {"server = 3\n", "runner.toml:1: server: unknown table; did you mean \"server\"?"},
        {"[server.socket]\nx = 1\n", "server.socket: expected a path"},
        {"[log]\nlevel = 3\n", "runner.toml:2: log.level: expected a string"},
        {"[log]\nlevel = \"loud\"\n", "log.level: expected one of trace, debug"},
        {"[log]\nformat = \"xml\"\n", "log.format: expected one of \"text\" \"json\""},
        {"[server]\nmax_connections = 0\n",
         "server.max_connections: expected a whole number from 1 to 100000"},
        {"[server]\nmax_connections = \"7\"\n", "expected a whole number"},
        {"[server]\nmax_connections = 1.5\n", "a whole number from 1"},
        {"[server]\nmax_body = \"lots\"\n", "server.max_body: expected a size from"},
        {"[server]\nsocket_mode = \"888\"\n", "server.socket_mode: expected octal permissions"},
        {"[server]\nsocket_mode = 0o7777\n", "server.socket_mode: expected octal permissions"},
        {"[server]\nread_timeout = \"1ms\"\n", "server.read_timeout: expected a duration from"},
        {"[server]\nlisten = \"0.0.0.0:80\"\n", "server.listen: only a loopback address"},
        {"[server]\nlisten = \"127.0.0.1\"\n", "server.listen: expected ADDRESS:PORT"},
        {"[server]\norigins = [\"*\"]\n", "server.origins"},
        {"[server]\norigins = [\"https://tool.example/\"]\n", "server.origins"},
        {"[server]\norigins = [\"https://Tool.example\"]\n", "in lower case"},
        {"[server]\norigins = [\"https://a.example\", \"tool.example\"]\n", "expected an origin"},
        {"[server]\nallow_root = \"yes\"\n", "server.allow_root: expected true or false"},
        {"[wiki.\"a b\"]\n", "runner.toml:1: wiki.a b: a wiki id has"},
        {"[wiki.a]\nsorce = \"file\"\n",
         "runner.toml:2: wiki.a.sorce: unknown key; did you mean \"source\"?"},
        {"[wiki.a]\nsource = \"file\"\n", "runner.toml:2: wiki.a.source: \"file\" needs files"},
        {"[wiki.a]\nsource = \"http\"\n", "\"http\" needs entity_data_url"},
        {"[wiki.a]\nfiles = [1]\n", "a list that does not hold strings only"},
        {"[wiki.a]\nentity_data_url = \"ftp://x/\"\n", "expected a URL"},
        {"[wiki.a]\napi_url = \"http://u:a/b@h/\"\n", "written as %2F"},
        {"[wiki.a]\nproperties_with_violating_qualifiers = [\"Q1\"]\n", "expected a property id"},
        {"[wiki.a.ids]\nWBQualityConstraintsInstanceOfId = \"Q31\"\n", "expected a property id"},
        {"[wiki.a.ids]\nWBQualityConstraintsOneOfConstraintId = \"P3\"\n", "expected an item id"},
        {"[wiki.a.ids]\nWBQualityConstraintsOneOfConstraintId = \"Q0\"\n", "expected an item id"},
        {"[wiki.a.ids]\nWBQualityConstraintsInstanceOfID = \"P31\"\n",
         "did you mean \"WBQualityConstraintsInstanceOfId\"?"},
        {"[queue]\nbackoff_base = \"1h\"\nbackoff_max = \"1s\"\n",
         "runner.toml:2: queue.backoff_base: must not be longer"},
        {"[log\n", "runner.toml:1:"},
        {"[log]\nlevel = \"info\"\nlevel = \"info\"\n", "runner.toml:3:"},
        {"\xff\xfe", "runner.toml:1:"},
    }));
    INFO(toml);
    CHECK_THROWS_AS(settings_of(toml), ConfigError);
    CHECK_THROWS_WITH(settings_of(toml), Contains(message));
}

TEST_CASE("a missing file and a directory are reported by name") {
    CHECK_THROWS_AS(load({dir().path() / "none.toml", {}, {}}), NoInputError);
    CHECK_THROWS_WITH(load({dir().path() / "none.toml", {}, {}}), Contains("none.toml: No such"));
    CHECK_THROWS_AS(load({dir().path(), {}, {}}), NoInputError);
}

TEST_CASE("a wrong environment variable is an error, an unknown one a warning") {
    CHECK_THROWS_WITH(load({{}, {}, {{"CONSTRAINT_RUNNER_QUEUE_BATCH", "many"}}}),
                      Contains("CONSTRAINT_RUNNER_QUEUE_BATCH: expected a whole number"));
    const Loaded loaded = load({{}, {}, {{"CONSTRAINT_RUNNER_LOG_LEVL", "info"}}});
    REQUIRE(loaded.warnings.size() == 1);
    CHECK_THAT(loaded.warnings[0], Contains("did you mean \"CONSTRAINT_RUNNER_LOG_LEVEL\"?"));
}

TEST_CASE("what is wrong on the command line is a usage error") {
    const auto [assignment, message] = GENERATE(table<const char*, const char*>({
        {"log.level", "expected KEY=VALUE"},
        {"=1", "expected KEY=VALUE"},
        {"log.levle=info", "--set log.levle: unknown key; did you mean \"level\"?"},
        {"logs.level=info", "unknown table; did you mean \"log\"?"},
        {"queue.batch=x", "--set queue.batch: expected a whole number"},
        {"wiki.a.b.c=1", "unknown key"},
        {"wiki.*.source=none", "a wiki id has"},
        {"wiki=1", "unknown table"},
        {"..=1", "unknown table"},
        {"database.password=x", "unknown key"},
        {"database.conninfo=host=a password=b", "password on the command line"},
        {"database.conninfo=postgresql://u:secret@h/d", "password on the command line"},
    }));
    INFO(assignment);
    CHECK_THROWS_AS(load({{}, {assignment}, {}}), UsageError);
    CHECK_THROWS_WITH(load({{}, {assignment}, {}}), Contains(message));
}

TEST_CASE("a wiki that is not configured, or one of several, is asked for") {
    const Settings two = settings_of("[wiki.aawiki]\n[wiki.bbwiki]\n");
    CHECK(two.wiki_for_command("bbwiki").id == "bbwiki");
    CHECK_THROWS_WITH(two.wiki_for_command(""), Contains("aawiki, bbwiki"));
    CHECK_THROWS_WITH(two.wiki_for_command("abwiki"), Contains("did you mean"));
    CHECK_THROWS_AS(Settings{}.wiki_for_command("other"), UsageError);
}

TEST_CASE("the password comes from its file and is nowhere else") {
    const auto file = dir().write("password", "s3cr3t'\\\nsecond line\n");
    std::filesystem::permissions(file, std::filesystem::perms::owner_read);
    const Loaded loaded = load({{}, {"database.password_file=" + file.string()}, {}});
    CHECK(loaded.settings.database.password == "s3cr3t'\\");
    CHECK(loaded.warnings.empty());
    CHECK_THAT(connection_string(loaded.settings.database), Contains(R"(password='s3cr3t\'\\')"));
    std::filesystem::permissions(file, std::filesystem::perms::others_read,
                                 std::filesystem::perm_options::add);
    CHECK(load({{}, {"database.password_file=" + file.string()}, {}}).warnings.size() == 1);
    dir().write("empty", "\n");
    CHECK_THROWS_AS(load(from_file("[database]\npassword_file = \"empty\"\n")), ConfigError);
    CHECK_THROWS_WITH(load(from_file("[database]\npassword_file = \"none\"\n")),
                      Catch::StartsWith("database.password_file: ") && Contains("No such file"));
}

TEST_CASE("files of wikis.d beside the file add wikis, each in one place") {
    const Sources sources{dir().write("farm.toml", "[wiki.a]\n"), {}, {}};
    std::filesystem::create_directory(sources.file->parent_path() / "wikis.d");
    dir().write("wikis.d/b.toml", "[wiki.b]\nsource = \"file\"\nfiles = [\"b.json\"]\n");
    dir().write("wikis.d/c.toml", "[wiki.c]\n");
    dir().write("wikis.d/d.txt", "no configuration");
    dir().write("wikis.d/.hidden.toml", "[wiki.hidden\nnonsense");
    dir().write("wikis.d/.e.toml", "[wiki.e]\n");
    const Settings settings = load(sources).settings;
    REQUIRE(settings.wikis.size() == 3);
    CHECK(settings.wikis[1].files.at(0).parent_path().filename() == "wikis.d");
    CHECK_THAT(settings.wikis[1].origins.at("source"), Contains("b.toml:2"));

    dir().write("wikis.d/d.toml", "[log]\nlevel = \"debug\"\n");
    CHECK_THROWS_WITH(load(sources), Contains("d.toml:1") && Contains("[wiki.ID] alone"));
    dir().write("wikis.d/d.toml", "[wiki.a]\n");
    CHECK_THROWS_WITH(load(sources), Contains("d.toml:1") && Contains("farm.toml, too"));
    std::filesystem::remove_all(sources.file->parent_path() / "wikis.d");
}

TEST_CASE("tokens come from their files, one per line, and are shown nowhere") {
    dir().write("tokens", "# the first\n0123456789abcdef\r\n\nabcdefghijklmnop+/= \tmontage.2\n");
    dir().write("own", "only-for-wiki-a-01");
    const Sources sources = from_file("[server]\ntoken_file = \"tokens\"\n[wiki.a]\n"
                                      "token_file = \"own\"\n[wiki.b]\n");
    Settings settings = load(sources).settings;
    CHECK(settings.server.tokens == std::vector<Token>{{"0123456789abcdef", "token 1"},
                                                       {"abcdefghijklmnop+/=", "montage.2"}});
    CHECK(settings.wiki_tokens.at("a").tokens == std::vector<Token>{{"only-for-wiki-a-01", "a 1"}});
    CHECK(tcp_token_problem(settings).empty());
    for (const char* secret : {"0123456789abcdef", "only-for-wiki"}) {
        CHECK_THAT(show_toml(load(sources), false), !Contains(secret));
        CHECK_THAT(show_json(load(sources), false), !Contains(secret));
    }

    dir().write("tokens", "fedcba9876543210\n"); // a reload takes it, though no setting changed
    CHECK(reload(sources, settings).applied == std::vector<std::string>{"server.token_file"});
    CHECK(settings.server.tokens == std::vector<Token>{{"fedcba9876543210", "token 1"}});

    for (const char* bad :
         {"", "# none\n\n", "short\n", "fedcba9876543210\nwith a space 123456\n",
          "fedcba9876543210 two words\n", "fedcba9876543210 \n", "fedcba9876543210 tcp\n",
          "fedcba9876543210 uid:0\n", "\"fedcba9876543210\"\n", "fedcba987654321\xc3\xa9\n"}) {
        CAPTURE(bad);
        dir().write("tokens", bad);
        CHECK_THROWS_WITH(load(sources), Contains("server.token_file") && !Contains("fedcba") &&
                                             !Contains("with a space"));
        CHECK_THROWS_AS(reload(sources, settings), ConfigError);
        CHECK(settings.server.tokens.size() == 1);
    }
    CHECK_THROWS_WITH(load(sources), Contains("line 1 of"));
}

TEST_CASE("TCP without a token needs a setting that says so") {
    CHECK_THAT(tcp_token_problem(settings_of("[server]\nlisten = \"127.0.0.1:8090\"\n")),
               Contains("server.token_file") && Contains("server.allow_no_token"));
    CHECK(tcp_token_problem(settings_of("[server]\nallow_no_token = true\n")).empty());
}

TEST_CASE("a connection string that libpq would read otherwise is refused, and not repeated") {
    for (const char* bad : {"postgresql://u:top%zzsecret@h/d", "postgresql://u:top/secret@h/d",
                            "postgresql://u:top?secret@h/d", "postgresql://u:12/topsecret@h/d",
                            "postgresql://u:top@secret@h/d", "postgresql://u:topsecret%@h/d",
                            "postgresql://u:12?topsecret@h/d", "postgresql://u:12?topsecret=1@h/d",
                            "host=h password=top secret", "host=h password='topsecret",
                            "host=h password=a topsecret"}) {
        CAPTURE(bad);
        const std::string toml = "[database]\nconninfo = \"" + std::string(bad) + "\"\n";
        CHECK_THROWS_WITH(load(from_file(toml)),
                          Contains("database.conninfo") && !Contains("secret") && !Contains("top"));
        const Sources from_environment{{}, {}, {{"CONSTRAINT_RUNNER_DATABASE_CONNINFO", bad}}};
        CHECK_THROWS_WITH(load(from_environment), !Contains("secret") && !Contains("top"));
    }
    for (const char* good :
         {"", "postgresql://", "postgresql://u:a%2Fb%25@h/d",
          "postgresql://u:p:q@h1:1,[::1]:2,/d?user=me@server&sslmode=require",
          "postgres://%2Frun%2Fpostgresql/d", "host=h password='a b' dbname = d"})
        CHECK(conninfo_problem(good).empty());
}

TEST_CASE("a reload takes over what is reloadable and reports the rest") {
    const Sources sources = from_file("[log]\nlevel = \"info\"\n[workers]\nthreads = 2\n"
                                      "[wiki.a]\n[wiki.gone]\n");
    Settings settings = load(sources).settings;
    CHECK(reload(sources, settings).empty());

    dir().write("runner.toml", "[log]\nlevel = \"debug\"\n[workers]\nthreads = 4\n[wiki.a]\n"
                               "check_qualifiers = false\n[wiki.a.ids]\n"
                               "WBQualityConstraintsInstanceOfId = \"P1\"\n[wiki.new]\n");
    const ReloadReport report = reload(sources, settings);
    CHECK(report.applied == std::vector<std::string>{"log.level"});
    CHECK(std::set<std::string>(report.need_restart.begin(), report.need_restart.end()) ==
          std::set<std::string>{"workers.threads", "wiki.a.check_qualifiers",
                                "wiki.a.ids.WBQualityConstraintsInstanceOfId", "wiki.gone"});
    REQUIRE(report.added.size() == 1);
    CHECK(report.added[0].id == "new");
    CHECK(settings.find_wiki("new") == nullptr);
    CHECK(settings.log.level == "debug");
    CHECK(settings.workers.threads == 2);

    dir().write("runner.toml", "[log]\nlevel = \"trace\"\nnonsense = 1\n");
    CHECK_THROWS_AS(reload(sources, settings), ConfigError);
    CHECK(settings.log.level == "debug");
}
