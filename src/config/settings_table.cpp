// SPDX-License-Identifier: GPL-2.0-or-later
// The rows of the process. A new setting is a member in settings.hpp and a row here; one of a wiki
// is in wiki_settings.hpp and wiki_rows.cpp.
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
    SettingRow{
        "server.socket", Kind::path, AT(path, settings->server.socket), false,
        "The Unix socket of the API; empty for none. A socket passed by systemd takes precedence.",
        0, 0, nullptr, "--socket"},
    SettingRow{"server.socket_mode", Kind::mode, AT(std::uint32_t, settings->server.socket_mode),
               false, "Permissions of the socket: users who may write to it may use the API.", 0,
               0777},
    SettingRow{"server.socket_group", Kind::text, AT(std::string, settings->server.socket_group),
               false,
               "Group that owns the socket, by name or number; empty: the process's own. "
               "Does not apply to a socket passed by systemd: set SocketGroup in its unit."},
    SettingRow{"server.listen", Kind::text, AT(std::string, settings->server.listen), false,
               "Also serve the API on this loopback address, `127.0.0.1:8090` or `[::1]:8090`, to "
               "requests with a token. Empty for none.",
               0, 0, listen_problem, "--listen"},
    SettingRow{
        "server.token_file", Kind::path, AT(path, settings->server.token_file), true,
        "A file with the tokens of `server.listen`, one per line: a request over TCP must "
        "carry one of them as `Authorization: Bearer TOKEN`. Behind a token its line may name "
        "the client."},
    SettingRow{"server.allow_no_token", Kind::boolean, AT(bool, settings->server.allow_no_token),
               false,
               "Serve `server.listen` without tokens, to every program and user on this machine: "
               "for development."},
    SettingRow{"server.origins", Kind::text_list,
               AT(std::vector<std::string>, settings->server.origins), true,
               "Origins of web pages that may use the API from a browser (CORS), such as "
               "`https://tool.example`. They need a token, like any TCP client.",
               0, 0, origin_problem},
    SettingRow{"server.max_body", Kind::size, AT(std::int64_t, settings->server.max_body), true,
               "Maximum size of a request body; larger ones are answered with 413.", 1024,
               1024 * mib},
    SettingRow{"server.max_jobs_per_request", Kind::integer,
               AT(std::uint32_t, settings->server.max_jobs_per_request), true,
               "Maximum number of jobs in one POST /v1/jobs.", 1, 100'000},
    SettingRow{"server.max_connections", Kind::integer,
               AT(std::uint32_t, settings->server.max_connections), true,
               "Maximum number of open connections, half as many per client (user of the socket, "
               "token, or address); more are answered with 503 and closed.",
               1, 100'000},
    SettingRow{"server.idle_timeout", Kind::duration,
               AT(milliseconds, settings->server.idle_timeout), true,
               "Idle connections are closed after this time.", second, day},
    SettingRow{"server.read_timeout", Kind::duration,
               AT(milliseconds, settings->server.read_timeout), true,
               "A request must arrive completely within this time.", 100, day},
    SettingRow{"server.drain_timeout", Kind::duration,
               AT(milliseconds, settings->server.drain_timeout), true,
               "After SIGTERM, time to finish running work before it is given back.", 0, day},
    SettingRow{"server.allow_root", Kind::boolean, AT(bool, settings->server.allow_root), false,
               "Serve even if the process runs as root.", 0, 0, nullptr, "--allow-root"},

    SettingRow{"database.conninfo", Kind::text, AT(std::string, settings->database.conninfo), false,
               "PostgreSQL, as libpq keywords (`host=/run/postgresql dbname=wiki`) or URI; empty: "
               "libpq's defaults and PG… variables, including PGPASSFILE.",
               0, 0, conninfo_problem},
    SettingRow{"database.password_file", Kind::path, AT(path, settings->database.password_file),
               false, "A file whose first line is the password."},
    SettingRow{"database.connect_timeout", Kind::duration,
               AT(milliseconds, settings->database.connect_timeout), false,
               "Timeout of one connection attempt; rounded up to seconds, at least 2.", second,
               3600 * second},
    SettingRow{"database.statement_timeout", Kind::duration,
               AT(milliseconds, settings->database.statement_timeout), false,
               "Timeout of one statement; 0 for no limit.", 0, day},
    SettingRow{"database.migrate_at_start", Kind::boolean,
               AT(bool, settings->database.migrate_at_start), false,
               "`serve` migrates the schema at startup; otherwise it waits for `migrate`."},

    SettingRow{"queue.max_length", Kind::integer, AT(std::int64_t, settings->queue.max_length),
               true, "Maximum number of waiting jobs; beyond it POST /v1/jobs answers 503.", 1,
               10'000'000'000},
    SettingRow{"queue.lease", Kind::duration, AT(milliseconds, settings->queue.lease), false,
               "A job whose runner sends no heartbeat for this time is taken over by another.",
               second, day},
    SettingRow{"queue.batch", Kind::integer, AT(std::uint32_t, settings->queue.batch), false,
               "Maximum number of jobs of a wiki leased ahead.", 1, 10'000},
    SettingRow{"queue.max_attempts", Kind::integer, AT(std::uint32_t, settings->queue.max_attempts),
               true, "After this many failures caused by its entity a job moves to the dead list.",
               1, 1000},
    SettingRow{"queue.backoff_base", Kind::duration, AT(milliseconds, settings->queue.backoff_base),
               true, "Delay after the first failure; doubles with each further one, with jitter.",
               1, day},
    SettingRow{"queue.backoff_max", Kind::duration, AT(milliseconds, settings->queue.backoff_max),
               true, "Maximum of this delay.", 1, 7 * day},
    SettingRow{"queue.poll_interval", Kind::duration,
               AT(milliseconds, settings->queue.poll_interval), true,
               "How often to poll for jobs that no notification announced.", 10, 3600 * second},

    SettingRow{"workers.threads", Kind::integer, AT(std::uint32_t, settings->workers.threads),
               false, "Checking threads of `serve`; 0: one per usable CPU.", 0, 1024},
    SettingRow{"workers.property_cache_size", Kind::integer,
               AT(std::uint32_t, settings->workers.property_cache_size), false,
               "Properties whose parsed constraints are cached, per wiki.", 1, 10'000'000},
    SettingRow{"workers.entity_cache_bytes", Kind::size,
               AT(std::int64_t, settings->workers.entity_cache_bytes), false,
               "Cache of parsed entities that others link to, per wiki, in bytes of their JSON.", 0,
               tib},
    SettingRow{"workers.max_result_bytes", Kind::size,
               AT(std::int64_t, settings->workers.max_result_bytes), false,
               "An entity whose stored result would be larger moves to the dead list.", mib,
               512 * mib},
    SettingRow{"workers.document_cache_bytes", Kind::size,
               AT(std::int64_t, settings->workers.document_cache_bytes), false,
               "Memory for the documents of waiting jobs.", 0, tib},

    SettingRow{"imports.threads", Kind::integer, AT(std::uint32_t, settings->imports.threads),
               false,
               "Imports that `serve` runs concurrently; more take turns. 0: leave them to other "
               "runners on the database.",
               0, 64},
    SettingRow{"imports.max_chunk", Kind::integer, AT(std::uint32_t, settings->imports.max_chunk),
               false,
               "Maximum number of items per chunk; chunks start with 500 and adapt to the source.",
               1, 100'000},
    SettingRow{"imports.chunk_time", Kind::duration, AT(milliseconds, settings->imports.chunk_time),
               false,
               "Target duration of a chunk: chunks grow while they take less than half of it.", 1,
               3600 * second},
    SettingRow{"imports.rate_limit", Kind::integer, AT(std::uint32_t, settings->imports.rate_limit),
               false, "Maximum number of items per second of one import; 0 for no limit.", 0,
               1'000'000},
    SettingRow{"imports.give_way_above", Kind::integer,
               AT(std::uint32_t, settings->imports.give_way_above), false,
               "Imports pause while more than this many jobs of edits are ready.", 0, 1'000'000},
    SettingRow{"imports.max_attempts", Kind::integer,
               AT(std::uint32_t, settings->imports.max_attempts), false,
               "An import fails after this many consecutive failures of a chunk.", 1, 1000},
    SettingRow{"imports.backoff_base", Kind::duration,
               AT(milliseconds, settings->imports.backoff_base), false,
               "Delay after the first such failure; doubles with each further one, with jitter.", 1,
               day},
    SettingRow{"imports.backoff_max", Kind::duration,
               AT(milliseconds, settings->imports.backoff_max), false, "Maximum of this delay.", 1,
               7 * day},
    SettingRow{"imports.lease", Kind::duration, AT(milliseconds, settings->imports.lease), false,
               "An import whose runner sends no heartbeat for this time is taken over by another.",
               second, day},
    SettingRow{"imports.poll_interval", Kind::duration,
               AT(milliseconds, settings->imports.poll_interval), false,
               "How often to poll for imports that were requested from another runner.", 10,
               3600 * second},
    SettingRow{"imports.keep", Kind::duration, AT(milliseconds, settings->imports.keep), false,
               "Ended imports are deleted after this time, together with files that no later "
               "import has.",
               0, 3650 * day},
    SettingRow{"imports.address_timeout", Kind::duration,
               AT(milliseconds, settings->imports.address_timeout), false,
               "Maximum time to fetch the list of an import (`address`), including redirects.", 100,
               3600 * second},
    SettingRow{
        "imports.address_max_bytes", Kind::size,
        AT(std::int64_t, settings->imports.address_max_bytes), false,
        "Maximum size of such a list, unpacked. The runner may need a few times as much memory.",
        1024, 1024 * mib},
    SettingRow{
        "imports.dump_folder", Kind::path, AT(path, settings->imports.dump_folder), false,
        "Folder whose regular files may be imported as dumps; empty: dump imports are disabled."},
    SettingRow{"imports.work_folder", Kind::path, AT(path, settings->imports.work_folder), false,
               "Folder for facts collected from a dump, about a hundredth of its text; default: "
               "the system's temporary folder."},
    SettingRow{"imports.webhook_secret_file", Kind::path,
               AT(path, settings->imports.webhook_secret_file), false,
               "A file whose first line is the key that signs requests to `notify` (HMAC-SHA256). "
               "Without it no request may have `notify`."},
    SettingRow{"imports.webhook_timeout", Kind::duration,
               AT(milliseconds, settings->imports.webhook_timeout), false,
               "Maximum time for one delivery to `notify`; after it the delivery is retried.", 100,
               300 * second},
    SettingRow{"imports.webhook_retry_for", Kind::duration,
               AT(milliseconds, settings->imports.webhook_retry_for), false,
               "How long after the end of an import its addresses are tried, with pauses from "
               "`imports.backoff_base` to `imports.backoff_max`.",
               0, 7 * day},
    SettingRow{"imports.private_addresses", Kind::boolean,
               AT(bool, settings->imports.private_addresses), false,
               "URLs that clients name may lead to this machine and to private networks."},
    SettingRow{"imports.plain_http", Kind::boolean, AT(bool, settings->imports.plain_http), false,
               "URLs that clients name may be `http`, not only `https`."},
    SettingRow{
        "imports.max_running_of_client", Kind::integer,
        AT(std::uint32_t, settings->imports.max_running_of_client), false,
        "Most imports of one client (token, or user of the socket) that are not over, paused "
        "ones too; one more is answered with 429. 0: any number.",
        0, 1'000'000},
    SettingRow{"imports.max_files_of_client", Kind::integer,
               AT(std::int64_t, settings->imports.max_files_of_client), false,
               "Most files of Commons that the imports of one client have together; beyond it a "
               "request is answered with 429, and an import ends as failed. 0: any number.",
               0, 1'000'000'000},

    SettingRow{
        "events.keep", Kind::duration, AT(milliseconds, settings->events.keep), false,
        "Events are removed after this time; consumers that were offline longer need a new dump. "
        "0: they are kept forever.",
        0, 3650 * day},
    SettingRow{
        "events.keep_deleted", Kind::duration, AT(milliseconds, settings->events.keep_deleted),
        false,
        "Records of deleted entities, and of those that became redirects, are removed after this "
        "time; until then a late check of an older revision can't restore the entity. 0: never.",
        0, 3650 * day},
    SettingRow{
        "events.max_listeners", Kind::integer, AT(std::uint32_t, settings->events.max_listeners),
        false,
        "Maximum number of concurrent consumers of GET /v1/events; more are answered with 503.", 0,
        100'000},
    SettingRow{"events.heartbeat", Kind::duration, AT(milliseconds, settings->events.heartbeat),
               false, "Idle event streams receive a keep-alive at this interval.", 10,
               3600 * second},

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
