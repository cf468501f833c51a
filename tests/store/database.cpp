// SPDX-License-Identifier: GPL-2.0-or-later
// The databases of the store tests: see database.hpp.
#include "database.hpp"

#include "store/common/migrations.hpp"

#include <pqxx/pqxx>

#include <atomic>
#include <cstdlib>
#include <stdexcept>
#include <unistd.h>

namespace runner::tests {

namespace {

const std::string& server() {
    static const std::string conninfo = [] {
        const char* value = std::getenv("RUNNER_TEST_DATABASE");
        if (value == nullptr || *value == '\0')
            throw std::runtime_error("RUNNER_TEST_DATABASE is not set; use tests/store/run.sh");
        return std::string(value);
    }();
    return conninfo;
}

std::string new_name() {
    static std::atomic<int> number{0};
    return "store_test_" + std::to_string(::getpid()) + "_" + std::to_string(++number);
}

// migrated once; copying it is quicker than migrating again
const std::string& template_name() {
    struct Template {
        Template() : name(new_name()) {
            Database::administer("CREATE DATABASE " + name);
            store::Session session({server() + " dbname=" + name});
            store::migrate(session);
        }
        ~Template() { Database::administer("DROP DATABASE " + name + " WITH (FORCE)"); }
        std::string name;
    };
    static const Template made;
    return made.name;
}

} // namespace

Database::Database(Kind kind) : name_(new_name()), conninfo_(server() + " dbname=" + name_) {
    administer("CREATE DATABASE " + name_ +
               (kind == Kind::migrated ? " TEMPLATE " + template_name() : ""));
}

Database::~Database() {
    try {
        administer("DROP DATABASE " + name_ + " WITH (FORCE)");
    } catch (const std::exception&) { // the server goes away with the test program anyhow
    }
}

void Database::administer(const std::string& sql) {
    pqxx::connection connection(server());
    pqxx::nontransaction(connection).exec(sql);
}

store::DatabaseOptions Database::options() const {
    store::DatabaseOptions options;
    options.conninfo = conninfo_;
    options.backoff_base = std::chrono::milliseconds(10);
    options.backoff_max = std::chrono::milliseconds(50);
    return options;
}

std::vector<std::string> Database::rows(const std::string& sql) const {
    pqxx::connection connection(conninfo_);
    pqxx::nontransaction transaction(connection);
    std::vector<std::string> lines;
    for (const auto& row : transaction.exec(sql)) {
        std::string line;
        for (const auto& field : row) {
            if (!line.empty())
                line += '|';
            line += field.is_null() ? "NULL" : field.c_str();
        }
        lines.push_back(line);
    }
    return lines;
}

std::string Database::one(const std::string& sql) const {
    const auto all = rows(sql);
    return all.empty() ? "" : all.front();
}

void Database::disconnect_all() const {
    administer("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '" +
               name_ + "'");
}

store::EntityKey key(std::string_view entity, std::string wiki) {
    return {std::move(wiki), entity::EntityId::parse(entity).value()};
}

store::NewJob job(std::string_view entity, std::uint64_t revision, std::string_view document,
                  std::int16_t priority, std::string wiki) {
    store::NewJob job;
    job.key = key(entity, std::move(wiki));
    job.revision = revision;
    job.priority = priority;
    if (!document.empty())
        job.document = std::make_shared<const std::string>(document);
    return job;
}

results::Violation violation(std::string statement, std::string constraint,
                             results::Status status) {
    results::Violation violation;
    violation.statement = std::move(statement);
    violation.constraint = std::move(constraint);
    violation.property = {31};
    violation.type = "Q19474404";
    violation.status = status;
    violation.message_key = "single-value";
    return violation;
}

results::StoredResult result(std::string_view entity, std::uint64_t revision,
                             std::vector<results::Violation> violations,
                             std::vector<results::Dependency> dependencies) {
    results::StoredResult result;
    result.entity = entity::EntityId::parse(entity).value();
    result.revision = revision;
    result.value = R"({"results":[],"latestRevisionIds":{")" + std::string(entity) +
                   "\":" + std::to_string(revision) + "}}";
    result.counts[static_cast<std::size_t>(results::Status::compliance)] = 7;
    result.violations = std::move(violations);
    result.dependencies = std::move(dependencies);
    result.duration_us = 1234;
    return result;
}

results::Dependency dependency(std::string_view entity, std::uint64_t revision,
                               std::optional<std::uint64_t> seen) {
    return {entity::EntityId::parse(entity).value(), revision, seen};
}

store::Completed completed(results::StoredResult result, std::uint64_t check, std::string wiki) {
    store::Completed completed;
    completed.lease.key = {std::move(wiki), result.entity};
    completed.result = std::move(result);
    completed.check = check;
    return completed;
}

store::Completed completed(const store::Lease& lease, results::StoredResult result) {
    store::Completed completed;
    completed.lease = lease;
    completed.result = std::move(result);
    completed.retry.delay = std::chrono::milliseconds(60'000);
    return completed;
}

} // namespace runner::tests
