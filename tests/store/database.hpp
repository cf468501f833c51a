// SPDX-License-Identifier: GPL-2.0-or-later
// For the store tests: a database for each test, copied from a migrated one, and short ways to
// write jobs and results.
#pragma once

#include "results/stored_result.hpp"
#include "store/common/session.hpp"
#include "store/jobs/job.hpp"
#include "store/results/result_store.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace runner::tests {

/// A database with the schema (or empty), dropped at the end.
class Database {
public:
    enum class Kind { migrated, empty };
    explicit Database(Kind kind = Kind::migrated);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    [[nodiscard]] store::DatabaseOptions options() const;
    [[nodiscard]] const std::string& name() const { return name_; }
    /// As the superuser; all rows as text, columns joined by "|", null as "NULL".
    std::vector<std::string> rows(const std::string& sql) const;
    /// The first row, or "" when there is none.
    std::string one(const std::string& sql) const;
    /// As the superuser, connected to the server's own database.
    static void administer(const std::string& sql);
    /// Closes every connection to it but one's own.
    void disconnect_all() const;

private:
    std::string name_;
    std::string conninfo_;
};

store::EntityKey key(std::string_view entity, std::string wiki = "testwiki");
store::NewJob job(std::string_view entity, std::uint64_t revision = 0,
                  std::string_view document = {}, std::int16_t priority = 0,
                  std::string wiki = "testwiki");

results::Violation violation(std::string statement, std::string constraint,
                             results::Status status = results::Status::violation);
results::StoredResult result(std::string_view entity, std::uint64_t revision,
                             std::vector<results::Violation> violations = {},
                             std::vector<results::Dependency> dependencies = {});
results::Dependency dependency(std::string_view entity, std::uint64_t revision,
                               std::optional<std::uint64_t> seen = {});

/// A completed check without a job, with this number.
store::Completed completed(results::StoredResult result, std::uint64_t check,
                           std::string wiki = "testwiki");
/// A completed check of a leased job.
store::Completed completed(const store::Lease& lease, results::StoredResult result);

} // namespace runner::tests
