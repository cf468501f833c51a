// SPDX-License-Identifier: GPL-2.0-or-later
// Applying migrations: see migrations.hpp.
#include "store/common/migrations.hpp"

#include "store/common/session_impl.hpp"

#include <fmt/format.h>

#include <array>
#include <openssl/evp.h>

namespace runner::store {

namespace {

// any number will do, as long as it stays the same: all runners must mean the same lock
constexpr const char* lock_sql = "SELECT pg_advisory_xact_lock(7246018123476591)";

constexpr const char* bootstrap_sql = R"(
CREATE TABLE constraint_runner.schema_migration (
    number integer PRIMARY KEY,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
))";

constexpr Statement insert_migration{
    "insert_migration",
    "INSERT INTO constraint_runner.schema_migration (number, name, checksum) VALUES ($1, $2, $3)"};

// Asked of the catalogs themselves: to_regclass() may answer from a cache that does not know yet
// what another runner did while this one waited for the lock.
bool has_schema(Transaction& transaction) {
    return !transaction
                .exec_text("SELECT 1 FROM pg_catalog.pg_namespace "
                           "WHERE nspname = 'constraint_runner'")
                .empty();
}

bool has_migration_table(Transaction& transaction) {
    return !transaction
                .exec_text("SELECT 1 FROM pg_catalog.pg_class c "
                           "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
                           "WHERE nspname = 'constraint_runner' AND relname = 'schema_migration'")
                .empty();
}

/// The rights of wikis' roles on what the migrations have made, if these have come that far.
void renew_wiki_roles(Transaction& transaction) {
    if (!transaction
             .exec_text("SELECT 1 FROM pg_catalog.pg_proc p "
                        "JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace "
                        "WHERE nspname = 'constraint_runner' AND proname = 'renew_wiki_roles'")
             .empty())
        transaction.exec_text("SELECT constraint_runner.renew_wiki_roles()");
}

struct Applied {
    std::uint32_t number;
    std::string name;
    std::string checksum;
};

std::vector<Applied> read_applied(Transaction& transaction) {
    std::vector<Applied> applied;
    if (!has_migration_table(transaction))
        return applied;
    for (const auto& row : transaction.exec_text("SELECT number, name, checksum FROM "
                                                 "constraint_runner.schema_migration "
                                                 "ORDER BY number"))
        applied.push_back(
            {row[0].as<std::uint32_t>(), row[1].as<std::string>(), row[2].as<std::string>()});
    return applied;
}

// what is in the database must be the beginning of what the binary has
void verify(const std::vector<Applied>& applied, std::span<const Migration> known) {
    if (applied.size() > known.size() || (!applied.empty() && applied.back().number > known.size()))
        throw SchemaError(fmt::format(
            "the database has schema version {}, newer than the {} that this constraint-runner "
            "knows: update constraint-runner",
            applied.back().number, known.size()));
    for (std::size_t i = 0; i < applied.size(); ++i) {
        if (applied[i].number != known[i].number)
            throw SchemaError(
                fmt::format("migration {} is missing in the database although {} was applied",
                            known[i].name, applied[i].name));
        if (applied[i].checksum != checksum(known[i]))
            throw SchemaError(fmt::format(
                "migration {} was changed after it was applied to this database (as {}): "
                "checksum {} here, {} there",
                known[i].name, applied[i].name, checksum(known[i]).substr(0, 12),
                applied[i].checksum.substr(0, 12)));
    }
}

} // namespace

std::string checksum(const Migration& migration) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    if (EVP_Digest(migration.sql.data(), migration.sql.size(), digest.data(), &size, EVP_sha256(),
                   nullptr) != 1)
        throw base::Error(base::ExitCode::software, "libcrypto has no SHA-256");
    std::string text;
    for (unsigned int i = 0; i < size; ++i)
        text += fmt::format("{:02x}", digest[i]);
    return text;
}

MigrateReport migrate(Session& session, bool dry_run, std::span<const Migration> migrations) {
    return session.impl().run([&](Transaction& transaction) {
        MigrateReport report;
        auto applied = read_applied(transaction);
        verify(applied, migrations);
        if (applied.size() < migrations.size() && !dry_run) {
            // waiting for another runner's migration, or migrating much data, takes time
            transaction.exec_text("SET LOCAL statement_timeout = 0");
            transaction.exec_text(lock_sql);
            applied = read_applied(transaction); // another runner may have been quicker
            verify(applied, migrations);
        }
        report.version_before = report.version_after = static_cast<std::uint32_t>(applied.size());
        if (applied.size() == migrations.size())
            return report;
        if (!dry_run && applied.empty()) {
            if (!has_schema(transaction))
                transaction.exec_text("CREATE SCHEMA constraint_runner");
            transaction.exec_text(bootstrap_sql);
        }
        for (const Migration& migration : migrations.subspan(applied.size())) {
            report.applied.emplace_back(migration.name);
            if (dry_run)
                continue;
            transaction.exec_text(std::string(migration.sql));
            transaction.exec(insert_migration, migration.number, std::string(migration.name),
                             checksum(migration));
            report.version_after = migration.number;
        }
        if (!dry_run)
            renew_wiki_roles(transaction);
        return report;
    });
}

void check_schema(Session& session) {
    const auto known = embedded_migrations();
    const auto applied =
        session.impl().run([](Transaction& transaction) { return read_applied(transaction); });
    verify(applied, known);
    if (applied.size() < known.size())
        throw SchemaError(fmt::format("the database has schema version {} and this "
                                      "constraint-runner needs {}: run `constraint-runner migrate`",
                                      applied.size(), known.size()));
    // changes are followed when the transactions that ran have ended: see known_rows.cpp
    const bool activities = session.impl().run([](Transaction& transaction) {
        return transaction.exec_text("SHOW track_activities")[0][0].as<std::string>() == "on";
    });
    if (!activities)
        throw base::ConfigError("PostgreSQL's setting track_activities is off: the runner needs it "
                                "to see its running transactions");
}

std::uint32_t schema_version(Session& session) {
    return session.impl().run([](Transaction& transaction) -> std::uint32_t {
        const auto applied = read_applied(transaction);
        return applied.empty() ? 0 : applied.back().number;
    });
}

} // namespace runner::store
