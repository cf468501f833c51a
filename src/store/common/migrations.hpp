// SPDX-License-Identifier: GPL-2.0-or-later
// The database schema as numbered SQL files inside the binary (src/store/migrations), and how
// they are applied: in order, each once, under an advisory lock, with checksums.
#pragma once

#include "store/common/session.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace runner::store {

struct Migration {
    std::uint32_t number = 0; ///< from 1, without gaps
    std::string_view name;    ///< file name without ".sql", "0001_results"
    std::string_view sql;
};

/// Those of this binary, in order.
[[nodiscard]] std::span<const Migration> embedded_migrations() noexcept;

/// Hexadecimal sha256 of a migration's text, as kept in schema_migration.
[[nodiscard]] std::string checksum(const Migration& migration);

struct MigrateReport {
    std::uint32_t version_before = 0; ///< 0: an empty database
    std::uint32_t version_after = 0;
    std::vector<std::string> applied; ///< names; with dry_run those that would be applied
};

/// Brings the database to the newest of `migrations`, all in one transaction. Several runners may
/// do this at once: one migrates, the others wait and find nothing left to do. `dry_run` changes
/// nothing. Throws SchemaError when the database is newer than `migrations` or when an applied
/// migration has another checksum, and as Session does.
MigrateReport migrate(Session& session, bool dry_run = false,
                      std::span<const Migration> migrations = embedded_migrations());

/// Throws SchemaError unless the database has exactly the schema of this binary; the text says
/// whether to run `constraint-runner migrate` or to update the runner.
void check_schema(Session& session);

/// Number of the newest applied migration; 0 for a database without our schema.
[[nodiscard]] std::uint32_t schema_version(Session& session);

} // namespace runner::store
