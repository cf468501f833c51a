// SPDX-License-Identifier: GPL-2.0-or-later
// The settings of one wiki (a `[wiki.ID]` table of the configuration): the source of its entities,
// and the values of WBQC's own configuration there.
#pragma once

#include "config/constraint_ids.hpp"
#include "config/dialect.hpp"
#include "config/extras.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace runner::config {

/// The source of a wiki's entities when a job does not carry its document.
enum class SourceKind : unsigned char {
    none, ///< only documents in jobs; any other entity is missing
    file, ///< NDJSON files or JSON dumps
    http, ///< Special:EntityData of the wiki
    php,  ///< the wiki's own PHP, in workers
};

struct WikiSettings {
    std::string id; ///< MediaWiki wiki ID, "wikidatawiki"
    /// The origin of each configured value: "check_qualifiers" or "ids.NAME" to "runner.toml:12".
    std::map<std::string, std::string> origins;

    SourceKind source = SourceKind::none;
    std::string properties; ///< id of the wiki whose properties and items are used; empty: its own
    std::vector<std::filesystem::path> files; ///< for SourceKind::file
    std::string entity_data_url;              ///< for SourceKind::http: …/Special:EntityData/
    std::chrono::milliseconds http_timeout{10'000};      ///< of one attempt
    std::uint32_t http_retries = 3;                      ///< after the first attempt
    std::uint32_t http_connections = 4;                  ///< at once
    std::int64_t http_max_body = std::int64_t{32} << 20; ///< bytes of one entity

    std::vector<std::string> php_command; ///< starts a worker; empty: there are none
    std::uint32_t php_workers = 2;
    std::chrono::milliseconds php_idle{300'000};      ///< then a worker with nothing to do is ended
    std::uint32_t php_requests = 2'000;               ///< of one worker, then it is replaced
    std::int64_t php_bytes = std::int64_t{512} << 20; ///< that one worker sends, likewise
    std::chrono::milliseconds php_start_timeout{30'000};
    std::chrono::milliseconds php_timeout{60'000}; ///< of one request
    double verify_sample = 0; ///< share of native results that WBQC computes too
    std::chrono::milliseconds verify_keep{2'592'000'000}; ///< differences that it found

    std::string api_url;     ///< api.php of the wiki, for lists of its pages
    std::string commons_api; ///< api.php of Wikimedia Commons; empty: it is not asked
    std::chrono::milliseconds commons_timeout{10'000}; ///< of one attempt
    std::uint32_t commons_retries = 2;                 ///< after the first attempt
    std::uint32_t commons_requests_per_second = 10;
    std::uint32_t commons_connections = 2;      ///< requests at once
    std::uint32_t commons_cache_size = 100'000; ///< titles
    std::chrono::milliseconds commons_found_age{86'400'000};
    std::chrono::milliseconds commons_missing_age{600'000};
    std::chrono::milliseconds class_age{3'600'000}; ///< since a class was read from the source

    std::string replica_host; ///< MariaDB of the wiki, read only; empty: none
    std::uint32_t replica_port = 3306;
    std::filesystem::path replica_socket; ///< instead of host and port
    std::string replica_database;         ///< empty: there is no replica
    std::string replica_user;
    std::filesystem::path replica_password_file; ///< its first line is the password
    std::string replica_password; ///< read from replica_password_file; no setting, never shown
    std::filesystem::path replica_defaults_file; ///< an option file of MariaDB's clients
    std::chrono::milliseconds replica_connect_timeout{10'000};
    std::chrono::milliseconds replica_statement_timeout{30'000};
    std::string replica_heartbeat_table{"heartbeat_p.heartbeat"};
    std::chrono::milliseconds replica_max_age{3'600'000}; ///< older: imports have a warning
    /// Categories in which the wiki lists categories that have moved.
    std::vector<std::string> category_redirect_categories{"Category redirects"};
    std::uint32_t category_redirect_hops = 5;

    WbqcVersion wbqc = newest_wbqc; ///< whose results are made
    std::string concept_base_uri = "http://www.wikidata.org/entity/";
    std::filesystem::path unit_conversion; ///< Wikibase's unitStorage JSON; empty: no conversion
    /// The same as JSON text, from the wiki itself, in the place of the file; no setting.
    std::shared_ptr<const std::string> unit_conversion_json;

    bool check_qualifiers = true;
    bool check_references = true;
    bool check_format_constraint = true;
    bool distinct_values = true;    ///< an index of values is kept in the database
    bool recheck_dependents = true; ///< when an entity that results depend on changes
    bool enable_suggestion_constraint_status = false;
    std::vector<std::string> properties_with_violating_qualifiers;
    /// Earliest start and latest end of an entity's life (contemporary).
    std::vector<std::string> start_time_properties{"P569", "P571", "P580", "P585"};
    std::vector<std::string> end_time_properties{"P570", "P576", "P582", "P585"};
    std::string year_unit = "http://www.wikidata.org/entity/Q577";
    std::string second_unit = "http://www.wikidata.org/entity/Q11574";
    std::vector<std::string> extras; ///< names of what is found beyond WBQC
    ConstraintIds ids;

    /// Whether the present state of entities can be requested: not from a file.
    [[nodiscard]] bool asks_wiki() const noexcept {
        return source == SourceKind::http || source == SourceKind::php;
    }
    [[nodiscard]] bool has(Extra extra) const {
        return std::find(extras.begin(), extras.end(), to_string(extra)) != extras.end();
    }
    [[nodiscard]] const Dialect& dialect() const noexcept { return dialect_of(wbqc); }
};

} // namespace runner::config
