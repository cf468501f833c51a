// SPDX-License-Identifier: GPL-2.0-or-later
// All settings of the process as plain values. Their names, environment variables, limits and
// help are in settings_table.cpp; the values here are the defaults.
#pragma once

#include "base/log.hpp"
#include "config/conninfo.hpp"
#include "config/wiki_settings.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace runner::config {

/// A line of a token file.
struct Token {
    std::string secret;
    std::string name; ///< of the client; tells nothing of the secret

    friend bool operator==(const Token&, const Token&) = default;
};

struct ServerSettings {
    std::filesystem::path socket = "/run/constraint-runner/runner.sock"; ///< empty: none
    std::uint32_t socket_mode = 0660;
    std::string socket_group; ///< name or number; empty: the process's own
    std::string listen;       ///< "127.0.0.1:8090" or "[::1]:8090", loopback only; empty: none
    std::filesystem::path token_file; ///< for all wikis
    std::vector<Token> tokens;        ///< read from token_file; not a setting, never shown
    bool allow_no_token = false;
    std::vector<std::string> origins;               ///< of web pages that may use the API
    std::int64_t max_body = std::int64_t{16} << 20; ///< bytes
    std::uint32_t max_jobs_per_request = 1000;
    std::uint32_t max_connections = 1000;
    std::chrono::milliseconds idle_timeout{60'000};  ///< between two requests of a connection
    std::chrono::milliseconds read_timeout{10'000};  ///< for one whole request
    std::chrono::milliseconds drain_timeout{30'000}; ///< after SIGTERM
    bool allow_root = false;
};

struct DatabaseSettings {
    std::string conninfo; ///< libpq's, keywords or URI; empty: libpq's own defaults and PG…
    std::filesystem::path password_file; ///< its first line is the password
    std::string password;                ///< read from password_file; not a setting, never shown
    std::chrono::milliseconds connect_timeout{5'000};
    std::chrono::milliseconds statement_timeout{30'000}; ///< 0: none
    bool migrate_at_start = true;
};

struct QueueSettings {
    std::int64_t max_length = 1'000'000; ///< jobs that wait, of all wikis
    std::chrono::milliseconds lease{60'000};
    std::uint32_t batch = 100; ///< jobs leased at once
    std::uint32_t max_attempts = 8;
    std::chrono::milliseconds backoff_base{2'000};
    std::chrono::milliseconds backoff_max{600'000};
    std::chrono::milliseconds poll_interval{2'000}; ///< worst-case delay to notice work of others
};

struct WorkerSettings {
    std::uint32_t threads = 0;                                ///< 0: one per usable CPU
    std::uint32_t property_cache_size = 20'000;               ///< properties per wiki
    std::int64_t entity_cache_bytes = std::int64_t{48} << 20; ///< of JSON, per wiki
    std::int64_t max_result_bytes = std::int64_t{64} << 20;   ///< of a stored value
    std::int64_t document_cache_bytes = std::int64_t{64} << 20;
};

struct ImportSettings {
    std::uint32_t threads = 2; ///< concurrent imports; 0: left to other runners
    std::uint32_t max_chunk = 5'000;
    std::chrono::milliseconds chunk_time{1'000}; ///< target duration of a chunk
    std::uint32_t rate_limit = 0;                ///< items per second of an import; 0: none
    std::uint32_t give_way_above = 100;          ///< ready jobs of edits
    std::uint32_t max_attempts = 60;             ///< some four hours with these pauses
    std::chrono::milliseconds backoff_base{1'000};
    std::chrono::milliseconds backoff_max{300'000};
    std::chrono::milliseconds lease{30'000};
    std::chrono::milliseconds poll_interval{1'000};
    std::chrono::milliseconds keep{2'592'000'000};           ///< of imports that ended: 30 days
    std::chrono::milliseconds address_timeout{60'000};       ///< of a list that is fetched
    std::int64_t address_max_bytes = std::int64_t{64} << 20; ///< of that list, unpacked
    std::filesystem::path dump_folder; ///< whose files may be imported; empty: none
    std::filesystem::path
        work_folder; ///< for facts collected from dumps; empty: the temporary folder
    std::filesystem::path webhook_secret_file; ///< its first line signs what addresses are told
    std::string webhook_secret; ///< read from it; not a setting, never shown; empty: nobody is told
    std::chrono::milliseconds webhook_timeout{10'000};       ///< of one attempt
    std::chrono::milliseconds webhook_retry_for{86'400'000}; ///< after the end of the import
    bool private_addresses = false;                          ///< of URLs that clients name
    bool plain_http = false;                                 ///< likewise
    std::uint32_t max_running_of_client = 0;                 ///< imports; 0: any number
    std::int64_t max_files_of_client = 0;                    ///< 0: any number
};

struct EventSettings {
    std::chrono::milliseconds keep{2'592'000'000};         ///< 30 days; 0: for ever
    std::chrono::milliseconds keep_deleted{7'776'000'000}; ///< 90 days; 0: for ever
    std::uint32_t max_listeners = 100;
    std::chrono::milliseconds heartbeat{15'000}; ///< interval of keep-alives to consumers
};

struct CheckSettings {
    std::uint32_t threads = 1; ///< of the command `check`; 0: one per usable CPU
};

/// Tokens of clients that are restricted to one wiki.
struct WikiTokens {
    std::filesystem::path file;
    std::vector<Token> tokens; ///< read from `file`; not a setting, never shown
};

struct Settings {
    ServerSettings server;
    DatabaseSettings database;
    QueueSettings queue;
    WorkerSettings workers;
    ImportSettings imports;
    EventSettings events;
    base::LogOptions log;
    CheckSettings check;
    std::map<std::string, WikiTokens> wiki_tokens; ///< by wiki; its setting is `token_file`
    std::vector<WikiSettings> wikis;               ///< one for each [wiki.ID], sorted by id

    /// Null when there is no `[wiki.ID]` with this id.
    [[nodiscard]] const WikiSettings* find_wiki(std::string_view id) const noexcept;

    /// The wiki of a command that works on one: `id` when given, else the only one configured,
    /// else (none is configured) one with the id "default" and every setting at its default.
    /// Throws base::UsageError for an unknown id (with a suggestion) or when it is ambiguous.
    [[nodiscard]] WikiSettings wiki_for_command(std::string_view id) const;
};

/// Why TCP can't be served (it needs a token, and there is none); empty if it can.
[[nodiscard]] std::string tcp_token_problem(const Settings& settings);

/// `conninfo` with what the other database settings add: password and connect_timeout. For
/// libpq; contains the password, so never log it.
[[nodiscard]] std::string connection_string(const DatabaseSettings& database);

} // namespace runner::config
