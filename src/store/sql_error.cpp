// SPDX-License-Identifier: GPL-2.0-or-later
// Errors of the database: see sql_error.hpp.
#include "store/sql_error.hpp"

#include "base/error.hpp"
#include "store/session.hpp"

#include <pqxx/pqxx>

namespace runner::store {

namespace {

// libpq ends its messages with a line feed, and some have several lines
std::string one_line(std::string_view text) {
    std::string line;
    for (const char c : text) {
        if (c != '\n' && c != '\t')
            line += c;
        else if (!line.empty() && line.back() != ' ')
            line += ' ';
    }
    while (!line.empty() && line.back() == ' ')
        line.pop_back();
    return line;
}

bool drops_connection(std::string_view state) {
    // read-only: the connection may lead to a server that is not the primary any more
    return state.starts_with("08") || state.starts_with("57P") || state == "25006";
}

} // namespace

Trouble trouble_of(std::string_view state) noexcept {
    if (state == "40001" || state == "40P01")
        return Trouble::retry;
    if (state == "55P03") // lock_timeout
        return Trouble::locked;
    if (state.starts_with("08") ||  // connection
        state.starts_with("53") ||  // disk full, out of memory, too many connections
        state.starts_with("57") ||  // shutdown, crash, cancelled or timed out
        state.starts_with("58") ||  // errors of the system below PostgreSQL
        state == "25006" ||         // read-only
        state == "25P03" ||         // idle in transaction for too long
        state == "40003" ||         // completion unknown
        state == "55000")           // the server is in no state for this
        return Trouble::unavailable;
    if (state.starts_with("22") || state == "54000" || state == "23514")
        return Trouble::data;
    if (state == "3F000" || state == "42P01" || state == "42703" || state == "42704" ||
        state == "42883")
        return Trouble::schema;
    if (state == "42501")
        return Trouble::permission;
    return Trouble::bug;
}

Diagnosis diagnose(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const pqxx::broken_connection& e) {
        return {Trouble::unavailable, true, one_line(e.what())};
    } catch (const pqxx::in_doubt_error& e) {
        return {Trouble::unavailable, true, one_line(e.what())};
    } catch (const pqxx::statement_completion_unknown& e) {
        return {Trouble::unavailable, true, one_line(e.what())};
    } catch (const pqxx::transaction_rollback& e) {
        return {Trouble::retry, false, one_line(e.what())};
    } catch (const pqxx::insufficient_privilege& e) { // libpqxx gives these two no SQLSTATE
        return {Trouble::permission, false, one_line(e.what())};
    } catch (const pqxx::insufficient_resources& e) { // disk full, out of memory
        return {Trouble::unavailable, false, one_line(e.what())};
    } catch (const pqxx::sql_error& e) {
        const std::string text = one_line(e.what()) + " (SQLSTATE " + e.sqlstate() + ")";
        if (e.sqlstate().empty()) // the result never came
            return {Trouble::unavailable, true, one_line(e.what())};
        return {trouble_of(e.sqlstate()), drops_connection(e.sqlstate()), text};
    } catch (const pqxx::failure& e) {
        // libpqxx has no class for it: the connection broke in the middle of a statement
        return {Trouble::unavailable, true, one_line(e.what())};
    } catch (const pqxx::pqxx_exception& e) {
        return {Trouble::bug, true, one_line(e.base().what())};
    }
}

void raise(const Diagnosis& diagnosis) {
    const std::string text = "database: " + diagnosis.text;
    switch (diagnosis.trouble) {
    case Trouble::retry:
    case Trouble::unavailable:
        throw base::UnavailableError(text);
    case Trouble::locked:
        throw LockedError(text);
    case Trouble::data:
        throw base::DataError(text);
    case Trouble::schema:
        throw SchemaError(text + ": the schema does not fit, run `constraint-runner migrate`");
    case Trouble::permission:
        throw base::PermissionError(text);
    case Trouble::bug:
        break;
    }
    throw base::Error(base::ExitCode::software, text);
}

} // namespace runner::store
