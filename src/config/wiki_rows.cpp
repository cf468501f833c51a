// SPDX-License-Identifier: GPL-2.0-or-later
// The rows of [wiki.ID]. A new setting is a member in wiki_settings.hpp and a row here.
#include "config/setting_rows.hpp"
#include "config/validators.hpp"

#include <array>

namespace runner::config {
namespace {

using std::chrono::milliseconds;
using std::filesystem::path;
using List = std::vector<std::string>;
using Paths = std::vector<path>;

constexpr std::int64_t second = 1'000;
constexpr std::int64_t day = 86'400 * second;
constexpr std::int64_t tib = std::int64_t{1} << 40;
constexpr std::int64_t mib = std::int64_t{1} << 20;

const std::array rows{
    SettingRow{"wiki.*.source", Kind::choice, AT(SourceKind, wiki->source), false,
               "The source of entities that jobs do not carry: `none`, `file`, `http` or `php`."},
    SettingRow{"wiki.*.properties", Kind::text, AT(std::string, wiki->properties), false,
               "The section of the wiki whose properties and items this wiki uses (Commons: "
               "`wikidatawiki`): all entities but mediainfo come from its source. Empty: this wiki "
               "has its own."},
    SettingRow{"wiki.*.files", Kind::path_list, AT(Paths, wiki->files), false,
               "For `file`: JSON dumps, NDJSON or API responses, plain, .gz, .bz2 or .zst."},
    SettingRow{"wiki.*.token_file", Kind::path, AT(path, settings->wiki_tokens[t.wiki->id].file),
               true,
               "A file with tokens as in `server.token_file`, for this wiki only: requests with "
               "one of them can't read or change other wikis. Several wikis may use "
               "the same file."},
    SettingRow{"wiki.*.entity_data_url", Kind::text, AT(std::string, wiki->entity_data_url), false,
               "For `http`: `https://www.wikidata.org/wiki/Special:EntityData/`.", 0, 0,
               url_problem},
    SettingRow{"wiki.*.http_timeout", Kind::duration, AT(milliseconds, wiki->http_timeout), false,
               "Timeout of one attempt to fetch an entity.", 1, 3600 * second},
    SettingRow{"wiki.*.http_retries", Kind::integer, AT(std::uint32_t, wiki->http_retries), false,
               "Number of retries after the first attempt.", 0, 20},
    SettingRow{"wiki.*.http_connections", Kind::integer, AT(std::uint32_t, wiki->http_connections),
               false, "Maximum number of concurrent fetches for one batch.", 1, 64},
    SettingRow{"wiki.*.http_max_body", Kind::size, AT(std::int64_t, wiki->http_max_body), false,
               "Maximum size of a response.", 1024, 1024 * mib},
    SettingRow{"wiki.*.php_command", Kind::text_list, AT(List, wiki->php_command), false,
               "The program that starts a worker, with its arguments: `php`, "
               "`…/maintenance/run.php`, `ConstraintRunner:worker`. Used for the source `php`, for "
               "constraint types that are not checked natively, and for `verify_sample`. Empty: "
               "none.",
               0, 0, word_problem},
    SettingRow{"wiki.*.php_workers", Kind::integer, AT(std::uint32_t, wiki->php_workers), false,
               "Maximum number of workers.", 1, 256},
    SettingRow{"wiki.*.php_idle", Kind::duration, AT(milliseconds, wiki->php_idle), false,
               "A worker that was idle for this time is stopped; workers are "
               "started on demand.",
               10, 365 * day},
    SettingRow{"wiki.*.php_requests", Kind::integer, AT(std::uint32_t, wiki->php_requests), false,
               "A worker is replaced after this many requests.", 1, 1'000'000'000},
    SettingRow{"wiki.*.php_bytes", Kind::size, AT(std::int64_t, wiki->php_bytes), false,
               "A worker is replaced after it has sent this much data.", 1024, tib},
    SettingRow{"wiki.*.php_start_timeout", Kind::duration,
               AT(milliseconds, wiki->php_start_timeout), false,
               "A worker that is not ready within this time is killed.", 10, 3600 * second},
    SettingRow{"wiki.*.php_timeout", Kind::duration, AT(milliseconds, wiki->php_timeout), false,
               "A worker that does not answer within this time is killed.", 10, 3600 * second},
    SettingRow{
        "wiki.*.verify_sample", Kind::share, AT(double, wiki->verify_sample), false,
        "The share of native results that WBQC recomputes, in an idle PHP worker; differences are "
        "kept in the table `parity_difference`."},
    SettingRow{"wiki.*.verify_keep", Kind::duration, AT(milliseconds, wiki->verify_keep), false,
               "Differences are removed after this time.", second, 36'500 * day},
    SettingRow{
        "wiki.*.api_url", Kind::text, AT(std::string, wiki->api_url), false,
        "The wiki's `api.php`. It lists entities for imports (`from` = `api`), distinguishes a "
        "redirect whose target is missing from a missing page and, with `http`, reports the wiki's "
        "settings if the extension is installed.",
        0, 0, url_problem},
    SettingRow{"wiki.*.commons_api", Kind::text, AT(std::string, wiki->commons_api), false,
               "The API for batched lookups of the titles of Commons links: "
               "`https://commons.wikimedia.org/w/api.php`. Empty: no lookups, and well-formed "
               "links stay `todo`.",
               0, 0, url_problem},
    SettingRow{"wiki.*.commons_timeout", Kind::duration, AT(milliseconds, wiki->commons_timeout),
               false, "Timeout of one attempt to look titles up.", 1, 3600 * second},
    SettingRow{"wiki.*.commons_retries", Kind::integer, AT(std::uint32_t, wiki->commons_retries),
               false,
               "Number of retries after the first attempt; then the results are incomplete, and "
               "retried later.",
               0, 20},
    SettingRow{"wiki.*.commons_requests_per_second", Kind::integer,
               AT(std::uint32_t, wiki->commons_requests_per_second), false,
               "Maximum number of requests per second, each for up to 50 titles.", 1, 1000},
    SettingRow{"wiki.*.commons_connections", Kind::integer,
               AT(std::uint32_t, wiki->commons_connections), false,
               "Maximum number of concurrent requests.", 1, 64},
    SettingRow{"wiki.*.commons_cache_size", Kind::integer,
               AT(std::uint32_t, wiki->commons_cache_size), false,
               "Number of cached answers for titles; about 200 bytes each.", 1, 100'000'000},
    SettingRow{"wiki.*.commons_found_age", Kind::duration,
               AT(milliseconds, wiki->commons_found_age), false,
               "How long to cache that a page exists.", 0, 365 * day},
    SettingRow{"wiki.*.commons_missing_age", Kind::duration,
               AT(milliseconds, wiki->commons_missing_age), false,
               "How long to cache that a page does not exist.", 0, 365 * day},
    SettingRow{"wiki.*.class_age", Kind::duration, AT(milliseconds, wiki->class_age), false,
               "How long a class is valid when no job announces an edit of it; after that it is "
               "read from the source again before its next use. May be days if every edit arrives "
               "as a job.",
               second, 200 * day},
    SettingRow{"wiki.*.replica_database", Kind::text, AT(std::string, wiki->replica_database),
               false,
               "The wiki's own database or a replica of it (MariaDB), such as `commonswiki_p`; it "
               "is only read. Empty: none, and imports from it are not possible."},
    SettingRow{"wiki.*.replica_host", Kind::text, AT(std::string, wiki->replica_host), false,
               "Its host; empty: this one."},
    SettingRow{"wiki.*.replica_port", Kind::integer, AT(std::uint32_t, wiki->replica_port), false,
               "Its TCP port.", 1, 65'535},
    SettingRow{"wiki.*.replica_socket", Kind::path, AT(path, wiki->replica_socket), false,
               "Its Unix socket, instead of host and port."},
    SettingRow{"wiki.*.replica_user", Kind::text, AT(std::string, wiki->replica_user), false,
               "The user; it needs only SELECT."},
    SettingRow{"wiki.*.replica_password_file", Kind::path, AT(path, wiki->replica_password_file),
               false, "A file whose first line is the password."},
    SettingRow{"wiki.*.replica_defaults_file", Kind::path, AT(path, wiki->replica_defaults_file),
               false,
               "An option file of MariaDB's clients (`replica.my.cnf`), whose section `[client]` "
               "provides settings that are not given here."},
    SettingRow{"wiki.*.replica_connect_timeout", Kind::duration,
               AT(milliseconds, wiki->replica_connect_timeout), false,
               "Timeout of one connection attempt; rounded up to seconds.", second, 3600 * second},
    SettingRow{"wiki.*.replica_statement_timeout", Kind::duration,
               AT(milliseconds, wiki->replica_statement_timeout), false,
               "Timeout of one statement (`max_statement_time`); after a timeout the statement is "
               "retried with half as many items.",
               1, 3600 * second},
    SettingRow{"wiki.*.replica_heartbeat_table", Kind::text,
               AT(std::string, wiki->replica_heartbeat_table), false,
               "The database and table whose latest time (`last_updated` or `ts`) shows the "
               "replica's lag. If empty or unreadable, the latest change in the replica is used "
               "instead.",
               0, 0, table_problem},
    SettingRow{"wiki.*.replica_max_age", Kind::duration, AT(milliseconds, wiki->replica_max_age),
               false,
               "Imports show a warning in their status when the replica lags by more than this.",
               second, 365 * day},
    SettingRow{"wiki.*.category_redirect_categories", Kind::text_list,
               AT(List, wiki->category_redirect_categories), false,
               "Categories that list soft category redirects, without `Category:`."},
    SettingRow{"wiki.*.category_redirect_hops", Kind::integer,
               AT(std::uint32_t, wiki->category_redirect_hops), false,
               "Maximum length of a chain of category redirects.", 0, 100},
    SettingRow{"wiki.*.wbqc", Kind::choice, AT(WbqcVersion, wiki->wbqc), false,
               "The version of WBQC whose results are reproduced: `1.43` for REL1_43 and earlier, "
               "`1.44` for REL1_44 and later."},
    SettingRow{"wiki.*.concept_base_uri", Kind::text, AT(std::string, wiki->concept_base_uri),
               false, "Wikibase's concept base URI, with the trailing slash.", 0, 0,
               slash_url_problem},
    SettingRow{"wiki.*.unit_conversion", Kind::path, AT(path, wiki->unit_conversion), false,
               "Wikibase's unit conversion file (unitStorage); empty: units are not converted."},
    SettingRow{"wiki.*.check_qualifiers", Kind::boolean, AT(bool, wiki->check_qualifiers), false,
               "WBQualityConstraintsCheckQualifiers."},
    SettingRow{"wiki.*.check_references", Kind::boolean, AT(bool, wiki->check_references), false,
               "WBQualityConstraintsCheckReferences."},
    SettingRow{"wiki.*.check_format_constraint", Kind::boolean,
               AT(bool, wiki->check_format_constraint), false,
               "WBQualityConstraintsCheckFormatConstraint."},
    SettingRow{"wiki.*.distinct_values", Kind::boolean, AT(bool, wiki->distinct_values), false,
               "`serve` maintains an index of values that must be distinct; without it distinct "
               "values constraints stay `todo`."},
    SettingRow{"wiki.*.recheck_dependents", Kind::boolean, AT(bool, wiki->recheck_dependents),
               false,
               "When the statements of an entity or the constraints of a property change, the "
               "entities whose results depend on it are checked again, at the lowest priority."},
    SettingRow{"wiki.*.enable_suggestion_constraint_status", Kind::boolean,
               AT(bool, wiki->enable_suggestion_constraint_status), false,
               "WBQualityConstraintsEnableSuggestionConstraintStatus."},
    SettingRow{"wiki.*.properties_with_violating_qualifiers", Kind::text_list,
               AT(List, wiki->properties_with_violating_qualifiers), false,
               "WBQualityConstraintsPropertiesWithViolatingQualifiers.", 0, 0, property_id_problem},
    SettingRow{"wiki.*.start_time_properties", Kind::text_list,
               AT(List, wiki->start_time_properties), false,
               "WBQualityConstraintsStartTimePropertyIds.", 0, 0, property_id_problem},
    SettingRow{"wiki.*.end_time_properties", Kind::text_list, AT(List, wiki->end_time_properties),
               false, "WBQualityConstraintsEndTimePropertyIds.", 0, 0, property_id_problem},
    SettingRow{"wiki.*.year_unit", Kind::text, AT(std::string, wiki->year_unit), false,
               "WBQualityConstraintsYearUnit, a URI.", 0, 0, url_problem},
    SettingRow{"wiki.*.second_unit", Kind::text, AT(std::string, wiki->second_unit), false,
               "WBQualityConstraintsSecondUnit, a URI.", 0, 0, url_problem},
    SettingRow{"wiki.*.extras", Kind::text_list, AT(List, wiki->extras), false,
               "Findings beyond WBQC, kept beside its results: `fix`, `types`, "
               "`classes`, `redirects`, `times`, `beside`, `distinct` (see extras.md).",
               0, 0, extra_problem},
};

} // namespace

std::span<const SettingRow> wiki_rows() noexcept { return rows; }

} // namespace runner::config
