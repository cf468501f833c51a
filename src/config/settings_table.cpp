// SPDX-License-Identifier: GPL-2.0-or-later
// The rows of the process. A new setting is a member in settings.hpp and a row here; one of a wiki is in
// wiki_settings.hpp and wiki_rows.cpp.
#include "config/settings_table.hpp"

#include "config/setting_rows.hpp"
#include "config/validators.hpp"

#include <array>
#include <vector>

namespace runner::config {
namespace {

using std::chrono::milliseconds;
using std::filesystem::path;

constexpr std::int64_t second = 1'000;
constexpr std::int64_t day = 86'400 * second;
constexpr std::int64_t mib = std::int64_t{1} << 20;
constexpr std::int64_t tib = std::int64_t{1} << 40;

const std::array process_rows{
    SettingRow{"server.socket", Kind::path, AT(path, settings->server.socket), false,
               "The Unix socket of the API; empty for none. A socket that systemd passes wins.", 0,
               0, nullptr, "--socket"},
    SettingRow{"server.socket_mode", Kind::mode, AT(std::uint32_t, settings->server.socket_mode),
               false, "Permissions of the socket: who may write to it may use the API.", 0, 0777},
    SettingRow{"server.socket_group", Kind::text, AT(std::string, settings->server.socket_group),
               false, "Group that owns the socket, by name or number; empty: the process's own. Not of a "
               "socket that systemd passes: that has SocketGroup in its unit."},
    SettingRow{"server.listen", Kind::text, AT(std::string, settings->server.listen), false,
               "Also serve the API on this loopback address, `127.0.0.1:8090` or `[::1]:8090`, to "
               "requests with a token. Empty for none.",
               0, 0, listen_problem, "--listen"},
    SettingRow{"server.token_file", Kind::path, AT(path, settings->server.token_file), true,
               "A file with the tokens of `server.listen`, one per line: a request over TCP must "
               "carry one of them as `Authorization: Bearer TOKEN`."},
    SettingRow{"server.allow_no_token", Kind::boolean, AT(bool, settings->server.allow_no_token),
               false,
               "Serve `server.listen` without tokens, to every program and user of this machine: "
               "for development."},
    SettingRow{"server.origins", Kind::text_list,
               AT(std::vector<std::string>, settings->server.origins), true,
               "Origins of web pages that may use the API from a browser (CORS), such as "
               "`https://tool.example`. They need a token, as any client over TCP.",
               0, 0, origin_problem},
    SettingRow{"server.max_body", Kind::size, AT(std::int64_t, settings->server.max_body), true,
               "Largest body of a request; a larger one is answered with 413.", 1024, 1024 * mib},
    SettingRow{"server.max_jobs_per_request", Kind::integer,
               AT(std::uint32_t, settings->server.max_jobs_per_request), true,
               "Most jobs in one POST /v1/jobs.", 1, 100'000},
    SettingRow{"server.max_connections", Kind::integer,
               AT(std::uint32_t, settings->server.max_connections), true,
               "Most connections at once, and half as many of one client (user of the socket, token, "
               "or address); more are answered with 503 and closed.",
               1, 100'000},
    SettingRow{"server.idle_timeout", Kind::duration,
               AT(milliseconds, settings->server.idle_timeout), true,
               "A connection without a request is closed after this time.", second, day},
    SettingRow{"server.read_timeout", Kind::duration,
               AT(milliseconds, settings->server.read_timeout), true,
               "A request must have come in whole within this time.", 100, day},
    SettingRow{"server.drain_timeout", Kind::duration,
               AT(milliseconds, settings->server.drain_timeout), true,
               "After SIGTERM, time to finish what is running before it is given back.", 0, day},
    SettingRow{"server.allow_root", Kind::boolean, AT(bool, settings->server.allow_root), false,
               "Serve although the process runs as root.", 0, 0, nullptr, "--allow-root"},

    SettingRow{"database.conninfo", Kind::text, AT(std::string, settings->database.conninfo), false,
               "PostgreSQL, as libpq's keywords (`host=/run/postgresql dbname=wiki`) or URI; "
               "empty: libpq's defaults and PG… variables, PGPASSFILE too.",
               0, 0, conninfo_problem},
    SettingRow{"database.password_file", Kind::path, AT(path, settings->database.password_file),
               false, "A file whose first line is the password."},
    SettingRow{"database.connect_timeout", Kind::duration,
               AT(milliseconds, settings->database.connect_timeout), false,
               "For one attempt to connect; rounded up to seconds, at least 2.", second,
               3600 * second},
    SettingRow{"database.statement_timeout", Kind::duration,
               AT(milliseconds, settings->database.statement_timeout), false,
               "For one statement; 0 for no limit.", 0, day},
    SettingRow{"database.migrate_at_start", Kind::boolean,
               AT(bool, settings->database.migrate_at_start), false,
               "`serve` brings the schema up to date; otherwise it waits for `migrate`."},

    SettingRow{"queue.max_length", Kind::integer, AT(std::int64_t, settings->queue.max_length),
               true, "Most jobs that may wait; beyond it POST /v1/jobs answers 503.", 1,
               10'000'000'000},
    SettingRow{"queue.lease", Kind::duration, AT(milliseconds, settings->queue.lease), false,
               "A job whose runner gives no sign for this time is taken over by another.", second,
               day},
    SettingRow{"queue.batch", Kind::integer, AT(std::uint32_t, settings->queue.batch), false,
               "Most jobs of a wiki leased ahead.", 1, 10'000},
    SettingRow{"queue.max_attempts", Kind::integer,
               AT(std::uint32_t, settings->queue.max_attempts), true,
               "A job that failed as often through a fault of its entity goes to the dead list.", 1, 1000},
    SettingRow{"queue.backoff_base", Kind::duration,
               AT(milliseconds, settings->queue.backoff_base), true,
               "Wait after the first failure; doubles with each further one, with jitter.", 1,
               day},
    SettingRow{"queue.backoff_max", Kind::duration, AT(milliseconds, settings->queue.backoff_max),
               true, "Longest such wait.", 1, 7 * day},
    SettingRow{"queue.poll_interval", Kind::duration,
               AT(milliseconds, settings->queue.poll_interval), true,
               "How often to look for jobs that no notification announced.", 10, 3600 * second},

    SettingRow{"workers.threads", Kind::integer, AT(std::uint32_t, settings->workers.threads),
               false, "Threads of `serve` that check; 0: one per usable CPU.", 0, 1024},
    SettingRow{"workers.property_cache_size", Kind::integer,
               AT(std::uint32_t, settings->workers.property_cache_size), false,
               "Properties whose constraints are kept parsed, per wiki.", 1, 10'000'000},
    SettingRow{"workers.entity_cache_bytes", Kind::size,
               AT(std::int64_t, settings->workers.entity_cache_bytes), false,
               "Entities that others link to are kept parsed, per wiki: bytes of their JSON.", 0,
               tib},
    SettingRow{"workers.max_result_bytes", Kind::size,
               AT(std::int64_t, settings->workers.max_result_bytes), false,
               "An entity whose stored result would be larger goes to the dead list.", mib,
               512 * mib},
    SettingRow{"workers.document_cache_bytes", Kind::size,
               AT(std::int64_t, settings->workers.document_cache_bytes), false,
               "Memory for the documents of waiting jobs.", 0, tib},

    SettingRow{"imports.threads", Kind::integer, AT(std::uint32_t, settings->imports.threads),
               false,
               "Imports that `serve` carries on at once; more take turns. 0: it leaves them to "
               "other runners on the database.",
               0, 64},
    SettingRow{"imports.max_chunk", Kind::integer, AT(std::uint32_t, settings->imports.max_chunk),
               false, "Most things in one chunk; it begins with 500 and follows the source.", 1,
               100'000},
    SettingRow{"imports.chunk_time", Kind::duration, AT(milliseconds, settings->imports.chunk_time),
               false, "What a chunk should take: chunks grow while they take less than half of it.",
               1, 3600 * second},
    SettingRow{"imports.rate_limit", Kind::integer, AT(std::uint32_t, settings->imports.rate_limit),
               false, "Most things per second of one import; 0 for no limit.", 0, 1'000'000},
    SettingRow{"imports.give_way_above", Kind::integer,
               AT(std::uint32_t, settings->imports.give_way_above), false,
               "Imports wait while more jobs of edits than this are ready.", 0, 1'000'000},
    SettingRow{"imports.max_attempts", Kind::integer,
               AT(std::uint32_t, settings->imports.max_attempts), false,
               "An import whose chunk failed as often in a row ends as failed.", 1, 1000},
    SettingRow{"imports.backoff_base", Kind::duration,
               AT(milliseconds, settings->imports.backoff_base), false,
               "Wait after the first such failure; doubles with each further one, with jitter.", 1,
               day},
    SettingRow{"imports.backoff_max", Kind::duration,
               AT(milliseconds, settings->imports.backoff_max), false, "Longest such wait.", 1,
               7 * day},
    SettingRow{"imports.lease", Kind::duration, AT(milliseconds, settings->imports.lease), false,
               "An import whose runner gives no sign for this time is taken over by another.",
               second, day},
    SettingRow{"imports.poll_interval", Kind::duration,
               AT(milliseconds, settings->imports.poll_interval), false,
               "How often to look for imports that were asked for at another runner.", 10,
               3600 * second},
    SettingRow{"imports.keep", Kind::duration, AT(milliseconds, settings->imports.keep), false,
               "Imports that ended are forgotten after this time, with the files that no later "
               "import has.",
               0, 3650 * day},
    SettingRow{"imports.address_timeout", Kind::duration,
               AT(milliseconds, settings->imports.address_timeout), false,
               "Longest time for fetching the list of an import (`address`), with its redirects.",
               100, 3600 * second},
    SettingRow{"imports.address_max_bytes", Kind::size,
               AT(std::int64_t, settings->imports.address_max_bytes), false,
               "Longest such list, unpacked. A runner may hold a few times as much of it in memory.",
               1024, 1024 * mib},
    SettingRow{"imports.dump_folder", Kind::path, AT(path, settings->imports.dump_folder), false,
               "Folder whose regular files may be imported as dumps; without it none may."},
    SettingRow{"imports.work_folder", Kind::path, AT(path, settings->imports.work_folder), false,
               "Folder for what is collected of a dump, about a hundredth of its text; else the "
               "system's temporary folder."},
    SettingRow{"imports.private_addresses", Kind::boolean,
               AT(bool, settings->imports.private_addresses), false,
               "URLs that clients name may lead to this machine and to private networks."},
    SettingRow{"imports.plain_http", Kind::boolean, AT(bool, settings->imports.plain_http), false,
               "URLs that clients name may be `http`, not only `https`."},

    SettingRow{
        "events.keep", Kind::duration, AT(milliseconds, settings->events.keep), false,
        "Events are removed after this time; who was away for longer needs a new dump. 0: they "
        "are kept for ever.",
        0, 3650 * day},
    SettingRow{
        "events.keep_deleted", Kind::duration, AT(milliseconds, settings->events.keep_deleted),
        false,
        "That an entity was deleted, or became a redirect, is forgotten after this time; until "
        "then no late check of an older revision brings it back. 0: never.",
        0, 3650 * day},
    SettingRow{"events.max_listeners", Kind::integer,
               AT(std::uint32_t, settings->events.max_listeners), false,
               "Most who may listen to GET /v1/events at once; more are answered with 503.", 0,
               100'000},
    SettingRow{"events.heartbeat", Kind::duration, AT(milliseconds, settings->events.heartbeat),
               false, "Who listens gets a sign of life when nothing has happened for this time.",
               10, 3600 * second},

    SettingRow{"log.level", Kind::text, AT(std::string, settings->log.level), true,
               "trace, debug, info, warning, error, critical or off.", 0, 0, log_level_problem,
               "--log-level"},
    SettingRow{"log.format", Kind::choice, AT(base::LogFormat, settings->log.format), false,
               "Lines for people or JSON objects for programs, on standard error.", 0, 0, nullptr,
               "--log-format"},

    SettingRow{"check.threads", Kind::integer, AT(std::uint32_t, settings->check.threads), false,
               "Threads of the command `check`; 0: one per usable CPU.", 0, 1024},
};

constexpr std::array<std::string_view, 2> log_formats{"text", "json"};
constexpr std::array<std::string_view, 4> source_kinds{"none", "file", "http", "php"};
constexpr auto wbqc_versions = [] {
    std::array<std::string_view, dialects.size()> names;
    for (std::size_t i = 0; i < names.size(); ++i)
        names[i] = dialects[i].version;
    return names;
}();

} // namespace

std::string SettingRow::environment() const {
    if (of_wiki())
        return {};
    std::string name = "CONSTRAINT_RUNNER_";
    for (const char c : key)
        name += c == '.' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return name;
}

std::span<const SettingRow> settings_table() noexcept {
    static const std::vector<SettingRow> rows = [] {
        std::vector<SettingRow> all(process_rows.begin(), process_rows.end());
        const auto wiki = wiki_rows();
        all.insert(all.end(), wiki.begin(), wiki.end());
        return all;
    }();
    return rows;
}

const SettingRow* find_row(std::string_view key) noexcept {
    for (const SettingRow& row : settings_table())
        if (row.key == key)
            return &row;
    return nullptr;
}

std::span<const std::string_view> choices(const SettingRow& row) noexcept {
    if (std::holds_alternative<Ref<base::LogFormat>>(row.access))
        return log_formats;
    if (std::holds_alternative<Ref<SourceKind>>(row.access))
        return source_kinds;
    if (std::holds_alternative<Ref<WbqcVersion>>(row.access))
        return wbqc_versions;
    return {};
}

} // namespace runner::config
