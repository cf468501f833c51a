// SPDX-License-Identifier: GPL-2.0-or-later
// `constraint-runner migrate`: migrates the database schema, or prints what that
// would be.
#include "base/log.hpp"
#include "cli/commands.hpp"
#include "store/common/migrations.hpp"

#include <fmt/format.h>

#include <cstdio>

namespace runner::cli {

int run_migrate(const config::Settings& settings, const MigrateOptions& options) {
    store::DatabaseOptions database;
    database.conninfo = config::connection_string(settings.database);
    database.application_name = "constraint-runner migrate";
    database.statement_timeout = {}; // a migration of a large table takes its time
    store::Session session(database);
    const store::MigrateReport report = store::migrate(session, options.dry_run);

    if (options.json) {
        std::string names;
        for (const std::string& name : report.applied) {
            names += names.empty() ? "\"" : ",\"";
            base::append_json_escaped(names, name);
            names += '"';
        }
        fmt::print("{{\"dry_run\":{},\"version_before\":{},\"version_after\":{},"
                   "\"applied\":[{}]}}\n",
                   options.dry_run, report.version_before, report.version_after, names);
        return 0;
    }
    for (const std::string& name : report.applied)
        fmt::print("{} {}\n", options.dry_run ? "would apply" : "applied", name);
    if (report.applied.empty())
        fmt::print("the schema is up to date (version {})\n", report.version_after);
    return 0;
}

} // namespace runner::cli
