// SPDX-License-Identifier: GPL-2.0-or-later
// Connecting, and what happens when a connection breaks: see session.hpp.
#include "store/common/session.hpp"

#include "config/conninfo.hpp"
#include "store/common/conninfo.hpp"
#include "store/common/database_error.hpp"
#include "store/common/server_fitness.hpp"
#include "store/common/session_impl.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <random>
#include <thread>

namespace runner::store {

namespace {

// what the server says beside results goes to the log, not to standard error
void log_notice(std::string_view text) noexcept {
    try {
        while (!text.empty() && text.back() == '\n')
            text.remove_suffix(1);
        spdlog::debug("database: {}", text);
    } catch (...) { // a log that fails must not end the process
    }
}

double random_share() {
    thread_local std::minstd_rand generator{std::random_device{}()};
    return std::uniform_real_distribution<double>(0.5, 1.0)(generator);
}

} // namespace

std::shared_ptr<ServerContact> make_contact() { return std::make_shared<ServerContact>(); }

std::string ServerContact::must_wait() const {
    const std::lock_guard lock(mutex_);
    return backoff_.count() > 0 && Clock::now() < next_attempt_ ? why_ : std::string();
}

void ServerContact::failed(Clock::time_point began, const std::string& why,
                           const DatabaseOptions& options) {
    const std::lock_guard lock(mutex_);
    if (began < succeeded_at_)
        return;              // another session has found the server since
    if (began >= failed_at_) // attempts that run at the same time count once
        backoff_ = std::clamp(backoff_ * 2, options.backoff_base, options.backoff_max);
    failed_at_ = Clock::now();
    next_attempt_ = failed_at_ + std::chrono::duration_cast<Clock::duration>(
                                     std::chrono::duration<double, std::milli>(
                                         static_cast<double>(backoff_.count()) * random_share()));
    why_ = why;
}

void ServerContact::succeeded() {
    const std::lock_guard lock(mutex_);
    backoff_ = {};
    succeeded_at_ = Clock::now();
}

bool ServerContact::pooler_is_fit() const {
    const std::lock_guard lock(mutex_);
    return pooler_is_fit_;
}

void ServerContact::note_fit_pooler() {
    const std::lock_guard lock(mutex_);
    pooler_is_fit_ = true;
}

std::unique_ptr<pqxx::connection> open_connection(const std::string& conninfo) {
    try {
        return std::make_unique<pqxx::connection>(conninfo);
    } catch (const pqxx::broken_connection& error) {
        throw pqxx::broken_connection(config::redact_conninfo(error.what(), conninfo));
    }
}

std::unique_ptr<pqxx::connection> make_connection(const DatabaseOptions& options,
                                                  Notices& notices) {
    if (const std::string problem = libpq_problem(options.conninfo); !problem.empty())
        throw UnfitError("database.conninfo: " + problem);
    auto connection = open_connection(options.conninfo);
    never_reconnect(*connection);
    notices = take_notices(*connection, log_notice);
    require_fit_server(*connection, options); // before settings could leak to a pooler's others
    pqxx::nontransaction setup(*connection);
    // Every statement here goes by a key. The planner is kept from anything else: plans made
    // while the tables were small must still be right when they are not.
    setup.exec("SET client_encoding = 'UTF8'; SET standard_conforming_strings = on; "
               "SET bytea_output = 'hex'; SET datestyle = 'ISO'; SET timezone = 'UTC'; "
               "SET default_transaction_isolation = 'read committed'; "
               "SET plan_cache_mode = 'force_generic_plan'; SET jit = off; "
               "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; "
               "SET idle_in_transaction_session_timeout = '60s'; "
               "SET statement_timeout = " +
               std::to_string(options.statement_timeout.count()) +
               "; SET lock_timeout = " + std::to_string(options.lock_timeout.count()) +
               "; SET application_name = " + setup.quote(options.application_name));
    // 202 means that the job is safe: a server that answers before it has written would break that
    setup.exec("SELECT set_config('synchronous_commit', 'on', false) "
               "WHERE current_setting('synchronous_commit') = 'off'");
    return connection;
}

pqxx::connection& Session::Impl::connect() {
    if (connection) {
        if (connection->is_open())
            return *connection;
        disconnect();
    }
    if (const std::string why = options.contact->must_wait(); !why.empty())
        throw AwayError(why);
    const auto began = base::SteadyClock::now();
    try {
        connection = make_connection(options, notices);
    } catch (const base::Error& error) {
        disconnect();
        options.contact->failed(began, error.what(), options);
        throw;
    } catch (...) {
        disconnect();
        options.contact->failed(began, diagnose(std::current_exception()).text, options);
        throw;
    }
    ++connections_made;
    options.contact->succeeded();
    return *connection;
}

void Session::Impl::disconnect() noexcept {
    notices = {};
    connection.reset();
    prepared.clear();
}

void Session::Impl::handle(const std::exception_ptr& error, const Attempt& attempt) {
    Diagnosis diagnosis = diagnose(error);
    const bool broken = diagnosis.drop_connection || !connection || !connection->is_open();
    if (broken)
        disconnect();
    if (broken && attempt.old_connection && !attempt.committing) {
        // the server was restarted, say, while this connection was idle
        spdlog::debug("database: reconnecting: {}", diagnosis.text);
        return;
    }
    if (diagnosis.trouble == Trouble::retry && attempt.number < 10) {
        spdlog::debug("database: retrying: {}", diagnosis.text);
        std::this_thread::sleep_for(std::chrono::duration<double, std::milli>(
            random_share() * static_cast<double>(attempt.number)));
        return;
    }
    // every statement succeeded: this is not about one row (a full NOTIFY queue, say)
    if (attempt.committing && diagnosis.trouble == Trouble::unknown)
        diagnosis.trouble = Trouble::unavailable;
    raise(diagnosis);
}

Session::Session(DatabaseOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}

Session::~Session() { impl_->disconnect(); }

void Session::ping() {
    impl_->run([](Transaction& transaction) { transaction.exec_text("SELECT 1"); });
}

bool Session::connected() const noexcept {
    return impl_->connection && impl_->connection->is_open();
}

void Session::disconnect() noexcept { impl_->disconnect(); }

std::string Session::server_version() {
    return impl_->run([](Transaction& transaction) {
        return transaction.exec_text("SHOW server_version")[0][0].as<std::string>();
    });
}

const DatabaseOptions& Session::options() const noexcept { return impl_->options; }

} // namespace runner::store
