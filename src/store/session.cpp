// SPDX-License-Identifier: GPL-2.0-or-later
// Connecting, and what happens when a connection breaks: see session.hpp.
#include "store/session.hpp"

#include "config/conninfo.hpp"
#include "store/session_impl.hpp"

#include <algorithm>
#include <condition_variable>
#include <random>
#include <thread>

#include <spdlog/spdlog.h>

namespace runner::store {

namespace {

// what the server says beside results goes to the log, not to standard error
class NoticeHandler : public pqxx::errorhandler {
public:
    explicit NoticeHandler(pqxx::connection_base& connection) : errorhandler(connection) {}
    bool operator()(const char message[]) noexcept override {
        try {
            std::string_view text(message);
            while (!text.empty() && text.back() == '\n')
                text.remove_suffix(1);
            spdlog::debug("database: {}", text);
        } catch (...) { // a log that fails must not end the process
        }
        return false;
    }
};

/// libpq's errors name pieces of a conninfo that it can't read.
std::unique_ptr<pqxx::connection> open_connection(const std::string& conninfo) {
    try {
        return std::make_unique<pqxx::connection>(conninfo);
    } catch (const pqxx::broken_connection& error) {
        throw pqxx::broken_connection(config::redact_conninfo(error.what(), conninfo));
    }
}

double random_share() {
    thread_local std::minstd_rand generator{std::random_device{}()};
    return std::uniform_real_distribution<double>(0.5, 1.0)(generator);
}

} // namespace

std::unique_ptr<pqxx::connection> make_connection(const DatabaseOptions& options,
                                                  std::unique_ptr<pqxx::errorhandler>& notices) {
    auto connection = open_connection(options.conninfo);
    // libpqxx would reconnect behind our back, without these settings
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    connection->inhibit_reactivation(true);
#pragma GCC diagnostic pop
    notices = std::make_unique<NoticeHandler>(*connection);
    pqxx::nontransaction setup(*connection);
    // Every statement here goes by a key. The planner is kept from anything else: plans made
    // while the tables were small must still be right when they are not.
    setup.exec("SET client_encoding = 'UTF8'; SET standard_conforming_strings = on; "
               "SET bytea_output = 'hex'; SET datestyle = 'ISO'; SET timezone = 'UTC'; "
               "SET default_transaction_isolation = 'read committed'; "
               "SET plan_cache_mode = 'force_generic_plan'; SET jit = off; "
               "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; "
               "SET idle_in_transaction_session_timeout = '60s'; "
               "SET statement_timeout = " + std::to_string(options.statement_timeout.count()) +
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
    if (backoff.count() > 0 && base::SteadyClock::now() < next_attempt)
        throw base::UnavailableError(last_error);
    try {
        connection = make_connection(options, notices);
    } catch (...) {
        disconnect();
        const Diagnosis diagnosis = diagnose(std::current_exception());
        last_error = "database: " + diagnosis.text;
        backoff = std::clamp(backoff * 2, options.backoff_base, options.backoff_max);
        next_attempt =
            base::SteadyClock::now() + std::chrono::duration_cast<std::chrono::milliseconds>(
                                           std::chrono::duration<double, std::milli>(
                                               static_cast<double>(backoff.count()) *
                                               random_share()));
        throw;
    }
    backoff = {};
    return *connection;
}

void Session::Impl::disconnect() noexcept {
    notices.reset();
    connection.reset();
    prepared.clear();
}

void Session::Impl::handle(const std::exception_ptr& error, unsigned attempt) {
    const Diagnosis diagnosis = diagnose(error);
    if (diagnosis.drop_connection || (connection && !connection->is_open()))
        disconnect();
    if (diagnosis.trouble == Trouble::retry && attempt < 10) {
        spdlog::debug("database: once more: {}", diagnosis.text);
        std::this_thread::sleep_for(std::chrono::duration<double, std::milli>(
            random_share() * static_cast<double>(attempt)));
        return;
    }
    raise(diagnosis);
}

Session::Session(DatabaseOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}

Session::~Session() {
    impl_->disconnect();
}

void Session::ping() {
    impl_->run([](Transaction& transaction) { transaction.exec_text("SELECT 1"); });
}

bool Session::wait_until_available(const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any changed;
    std::string told;
    while (!stop.stop_requested()) {
        try {
            ping();
            return true;
        } catch (const base::UnavailableError& e) {
            if (told != e.what()) {
                told = e.what();
                spdlog::warn("{}; trying again", told);
            }
        }
        std::unique_lock lock(mutex);
        const auto until = std::max(impl_->next_attempt,
                                    base::SteadyClock::now() + impl_->options.backoff_base);
        changed.wait_until(lock, stop, until, [] { return false; });
    }
    return false;
}

bool Session::connected() const noexcept {
    return impl_->connection && impl_->connection->is_open();
}

void Session::disconnect() noexcept {
    impl_->disconnect();
}

std::string Session::server_version() {
    return impl_->run([](Transaction& transaction) {
        return transaction.exec_text("SHOW server_version")[0][0].as<std::string>();
    });
}

const DatabaseOptions& Session::options() const noexcept {
    return impl_->options;
}

} // namespace runner::store
