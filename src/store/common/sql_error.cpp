// SPDX-License-Identifier: GPL-2.0-or-later
// Errors of the database: see sql_error.hpp.
#include "store/common/sql_error.hpp"

#include "base/error.hpp"
#include "store/common/database_error.hpp"
#include "store/common/libpqxx.hpp"
#include "store/common/session.hpp"

#include <algorithm>
#include <iterator>

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

/// A SQLSTATE, or the class that it begins with.
struct Row {
    std::string_view state;
    Trouble trouble;
    std::string_view sentence;
};

constexpr std::string_view pooler_sentence =
    "database.conninfo leads to a pooler in transaction mode, where prepared statements vanish: "
    "the runner needs a pooler in session mode, or none";
constexpr std::string_view schema_sentence =
    "the schema of the database does not fit, run `constraint-runner migrate`";

// The first row that matches; what is in none is unknown. Codes:
// https://www.postgresql.org/docs/current/errcodes-appendix.html
constexpr Row rows[] = {
    {"08", Trouble::unavailable, "the connection to the database broke"},
    {"22", Trouble::row, "the database can't store these values"},
    {"23514", Trouble::row, "the database can't store these values"},
    {"25006", Trouble::unavailable, "the database is read-only"},
    {"25P03", Trouble::unavailable, "the database ended an idle transaction"},
    {"26000", Trouble::pooler, pooler_sentence},
    {"3F000", Trouble::schema, schema_sentence},
    {"40001", Trouble::retry, "the database chose another transaction before this one"},
    {"40P01", Trouble::retry, "the database chose another transaction before this one"},
    {"40", Trouble::unavailable, "the database rolled the transaction back"},
    {"42501", Trouble::rights, "the role of database.conninfo lacks a right"},
    {"42703", Trouble::schema, schema_sentence},
    {"42704", Trouble::schema, schema_sentence},
    {"42883", Trouble::schema, schema_sentence},
    {"42P01", Trouble::schema, schema_sentence},
    {"42P05", Trouble::pooler, pooler_sentence},
    {"53100", Trouble::unavailable, "the database has no disk space left"},
    {"53200", Trouble::unavailable, "the database has no memory left"},
    {"53300", Trouble::unavailable, "the database has no connection left"},
    {"53", Trouble::unavailable, "the database lacks resources"},
    {"54", Trouble::unknown, "the database is at one of its limits"}, // of a row, or of the server
    {"55000", Trouble::unavailable, "the database is in no state for this"},
    {"55P03", Trouble::locked, "another session holds a lock for too long"},
    {"57014", Trouble::unavailable, "the database took too long, or the statement was cancelled"},
    {"57P03", Trouble::unavailable, "the database is starting or stopping"},
    {"57P", Trouble::unavailable, "the database ended the connection"},
    {"57", Trouble::unavailable, "an operator stopped the statement"},
    {"58", Trouble::unavailable, "the system below the database fails"},
};

const Row* row_of(std::string_view state) noexcept {
    for (const Row& row : rows)
        if (state.starts_with(row.state))
            return &row;
    return nullptr;
}

/// What libpqxx and libpq say when they only notice that there is no connection any more: how that
/// shows depends on what was done next (asking for the encoding, say).
bool only_closed(std::string_view library) {
    constexpr std::string_view words[] = {"not connected",
                                          "client encoding",
                                          "Connection to database failed",
                                          "Lost connection",
                                          "no connection to the server",
                                          "broken connection"};
    return std::any_of(std::begin(words), std::end(words), [&](std::string_view each) {
        return library.find(each) != std::string_view::npos;
    });
}

Diagnosis diagnosis(std::string_view state, bool drop, std::string_view library) {
    if (state.empty() && only_closed(library))
        library = "the connection was closed";
    std::string text = std::string(sentence_of(state)) + ": " + one_line(library);
    if (!state.empty())
        text.append(" (SQLSTATE ").append(state).append(")");
    return {state.empty() ? Trouble::unavailable : trouble_of(state), drop, std::move(text)};
}

} // namespace

Trouble trouble_of(std::string_view state) noexcept {
    const Row* row = row_of(state);
    return row != nullptr ? row->trouble : Trouble::unknown;
}

std::string_view sentence_of(std::string_view state) noexcept {
    if (state.empty())
        return "the database is unavailable";
    const Row* row = row_of(state);
    return row != nullptr ? row->sentence : "the database failed in a way that is not known";
}

Diagnosis diagnose(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const pqxx::broken_connection& e) {
        return diagnosis({}, true, e.what());
    } catch (const pqxx::in_doubt_error& e) {
        return diagnosis({}, true, e.what());
    } catch (const pqxx::statement_completion_unknown& e) {
        return diagnosis({}, true, e.what());
    } catch (const pqxx::transaction_rollback& e) {
        return {Trouble::retry, false,
                std::string(sentence_of("40001")) + ": " + one_line(e.what())};
    } catch (const pqxx::insufficient_privilege& e) { // libpqxx gives these no SQLSTATE
        return diagnosis("42501", false, e.what());
    } catch (const pqxx::disk_full& e) {
        return diagnosis("53100", false, e.what());
    } catch (const pqxx::out_of_memory& e) {
        return diagnosis("53200", false, e.what());
    } catch (const pqxx::insufficient_resources& e) {
        return diagnosis("53000", false, e.what());
    } catch (const pqxx::sql_error& e) {
        if (e.sqlstate().empty()) // the result never came
            return diagnosis({}, true, e.what());
        return diagnosis(e.sqlstate(), drops_connection(e.sqlstate()), e.what());
    } catch (const pqxx::failure& e) {
        // libpqxx has no class for it: the connection broke in the middle of a statement
        return diagnosis({}, true, e.what());
    } catch (const std::exception& e) {
        if (!of_libpqxx(e))
            throw;
        return {Trouble::unknown, true,
                "libpqxx failed in a way that is not known: " + one_line(e.what())};
    }
}

bool is_of_database(const base::UnavailableError& error) noexcept {
    return dynamic_cast<const AwayError*>(&error) != nullptr ||
           dynamic_cast<const UnfitError*>(&error) != nullptr ||
           dynamic_cast<const UnknownError*>(&error) != nullptr ||
           dynamic_cast<const LockedError*>(&error) != nullptr;
}

void raise(const Diagnosis& diagnosis) {
    switch (diagnosis.trouble) {
    case Trouble::retry:
    case Trouble::unavailable: throw AwayError(diagnosis.text);
    case Trouble::locked: throw LockedError(diagnosis.text);
    case Trouble::row: throw base::DataError(diagnosis.text);
    case Trouble::pooler: throw UnfitError(diagnosis.text);
    case Trouble::schema: throw SchemaError(diagnosis.text);
    case Trouble::rights: throw RightsError(diagnosis.text);
    case Trouble::unknown: break;
    }
    throw UnknownError(diagnosis.text);
}

} // namespace runner::store
