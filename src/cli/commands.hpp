// SPDX-License-Identifier: GPL-2.0-or-later
// The commands: for each one its options, filled by frame.cpp, and the function that runs it, in
// a file of the same name. They return the exit code and throw base::Error.
#pragma once

#include "config/load.hpp"
#include "config/settings.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace runner::cli {

struct ServeOptions {
    config::Sources sources; ///< to read again on SIGHUP
};
/// The daemon; returns after SIGTERM.
int run_serve(const config::Settings& settings, const ServeOptions& options);

struct CheckOptions {
    std::vector<std::filesystem::path> from;  ///< NDJSON files or dumps; empty: the wiki's source
    bool only_files = false;                  ///< do not contact the wiki
    std::optional<std::filesystem::path> ids; ///< a file with one id a line
    bool ids_from_stdin = false;              ///< `--ids -`
    std::vector<std::string> entities;        ///< ids; with none at all: every entity of `from`
    std::optional<unsigned> threads;          ///< else check.threads; 0: one per usable CPU
    std::optional<std::int64_t> now;          ///< seconds since 1970; else the system clock
    bool json = false;                        ///< one JSON line per entity, also on a terminal
    std::optional<std::filesystem::path> titles; ///< Commons titles that exist, a JSON object
    std::string wiki;                            ///< empty: the only one, or the default
    std::optional<std::filesystem::path> output; ///< else standard output
    bool force = false;                          ///< an existing file `output` is replaced
    std::vector<std::string> fail_on;            ///< statuses that make the exit code 1
    bool stats = false;              ///< a JSON line with counts and times on standard error
    std::vector<std::string> extras; ///< instead of those of the settings; empty: these

    std::optional<std::filesystem::path> dump; ///< a whole dump, "-": standard input; `output` is
                                               ///< a folder then
    std::vector<std::string> formats;          ///< of its files: "csv", "tsv", "results"
    std::string compress = "zst";              ///< "none", "gz", "zst"
    std::uint64_t shard = 100'000;             ///< entities of a file
    bool sentences = false;                    ///< a column with sentences
};
/// Checks entities offline.
int run_check(const config::Settings& settings, const CheckOptions& options);
/// The same of a whole dump, from and into files.
int run_check_dump(const config::Settings& settings, const CheckOptions& options);

struct DumpOptions {
    std::string wiki;                 ///< empty: the only one, or the default
    std::filesystem::path output;     ///< a folder
    std::vector<std::string> formats; ///< "ttl", "nt", "csv", "json"; none: ttl
    std::string compress = "gz";      ///< "none", "gz", "zst"
    bool details = false;             ///< status and type in RDF
    bool sentences = false;           ///< a column of CSV
    unsigned threads = 0;             ///< 0: one per usable CPU
    std::size_t shards = 0;           ///< 0: four a thread
    std::string since;                ///< a manifest, a position or a time
    bool json = false;
};
/// Writes all stored results of a wiki into files.
int run_dump(const config::Settings& settings, const DumpOptions& options);

struct MigrateOptions {
    bool dry_run = false;
    std::uint32_t depth = 0;
    std::vector<std::string> excluded; ///< categories, with a depth
    bool json = false;
};
/// Migrates the database schema to this version.
int run_migrate(const config::Settings& settings, const MigrateOptions& options);

struct VerifyOptions {
    std::string wiki; ///< empty: the only one, or the default
    std::optional<std::uint64_t> sample;
    std::string after; ///< only what is compared after this entity
    bool queue = false;
    bool json = false;
};
/// Compares stored results with fresh ones.
int run_verify(const config::Settings& settings, const VerifyOptions& options);

struct ResetOptions {
    std::string wiki; ///< as above
    std::vector<std::string> entities;
};
/// Asks the daemon to forget the known revisions of entities and to check them again.
int run_reset(const config::Settings& settings, const ResetOptions& options);

/// Of `ctl` and its subcommands.
struct CtlOptions {
    std::string wiki;                  ///< empty: all, or the only one
    std::string reason;                ///< `pause`: free text; `reprioritise`: of jobs
    bool wait = false;                 ///< `pause`
    std::string priority;              ///< `reprioritise`: "low", "normal", "high"
    std::vector<std::string> entities; ///< empty: all
};
/// All of these ask the runner on the configured socket.
int run_ctl_pause(const config::Settings& settings, const CtlOptions& options);
int run_ctl_resume(const config::Settings& settings, const CtlOptions& options);
/// 75 when jobs had to be given back.
int run_ctl_drain(const config::Settings& settings, const CtlOptions& options);
int run_ctl_reload(const config::Settings& settings, const CtlOptions& options);
int run_ctl_reprioritise(const config::Settings& settings, const CtlOptions& options);
int run_ctl_reset(const config::Settings& settings, const CtlOptions& options);
int run_ctl_retry_dead(const config::Settings& settings, const CtlOptions& options);

struct StatusOptions {
    std::string wiki; ///< empty: all
    bool json = false;
};
/// The state of the runner on the configured socket and its queue.
int run_status(const config::Settings& settings, const StatusOptions& options);

struct ImportOptions {
    std::string wiki;                    ///< empty: the only one that it can be
    std::vector<std::string> categories; ///< of `import category`
    bool follow_redirects = true;
    bool dry_run = false;
    std::uint32_t depth = 0;
    std::vector<std::string> excluded; ///< categories, with a depth
    struct Filter {                    ///< of files; what is empty or 0 leaves nothing out
        std::string uploaded_from, uploaded_before, time_zone, versions;
        std::uint64_t min_pixels = 0, min_side = 0;
        std::vector<std::string> mime_types, uploaders, not_uploaders;
    } filter;
    std::string label;                 ///< of an import that is asked for
    std::string notify;                ///< likewise: a URL that is notified of its end
    std::string owner;                 ///< `import list`: only of this client
    std::uint64_t id = 0;              ///< of an import
    std::string status;                ///< `import list`: only these
    std::string changed;               ///< `import files`: only those with this change
    std::uint64_t since = 0;           ///< likewise: what differs from this import; 0: all
    std::string file;                  ///< `import dump`, `import names`
    std::string address;               ///< `import names`: instead of a file
    std::vector<std::string> entities; ///< `import entities`: ids, or where they come from:
    std::string from, type, property;
    std::int64_t older_than = 0; ///< seconds; 0: any age
    bool force = false;          ///< also what is up to date
    bool wait = false;           ///< shows progress until the import is over
    bool json = false;
    std::optional<std::filesystem::path> output; ///< `import files`: else standard output
};
/// All of these ask the runner on the configured socket.
int run_import_category(const config::Settings& settings, const ImportOptions& options);
int run_import_dump(const config::Settings& settings, const ImportOptions& options);
int run_import_entities(const config::Settings& settings, const ImportOptions& options);
int run_import_list(const config::Settings& settings, const ImportOptions& options);
int run_import_status(const config::Settings& settings, const ImportOptions& options);
int run_import_problems(const config::Settings& settings, const ImportOptions& options);
int run_import_names(const config::Settings& settings, const ImportOptions& options);
/// What became of the files of an import.
int run_import_refresh(const config::Settings& settings, const ImportOptions& options);
int run_import_delete(const config::Settings& settings, const ImportOptions& options);
int run_import_files(const config::Settings& settings, const ImportOptions& options);
/// `action`: pause, resume, cancel or retry.
int run_import_change(const config::Settings& settings, const std::string& action,
                      const ImportOptions& options);

struct EventsOptions {
    std::string kind;     ///< "result" or "import"; empty: of results
    std::string wiki;     ///< empty: all
    std::string after;    ///< an id, "oldest" or "now"
    std::string property; ///< empty: any
    std::string type;     ///< empty: any
    bool follow = false;  ///< continues forever
};
/// What changed, from the runner on the configured socket.
int run_events(const config::Settings& settings, const EventsOptions& options);

struct ConfigShowOptions {
    bool json = false;
    bool changed_only = false; ///< only what differs from the defaults
};
/// Every setting, its value and where it came from; secrets masked.
int run_config_show(const config::Loaded& loaded, const ConfigShowOptions& options);

struct ConfigCheckOptions {
    bool json = false;
};
/// Verifies that the configuration can be read and that the files and groups it names exist.
int run_config_check(const config::Loaded& loaded, const ConfigCheckOptions& options);

struct ChecksListOptions {
    bool json = false;
};
/// The constraint types that this binary checks.
int run_checks_list(const ChecksListOptions& options);

} // namespace runner::cli
