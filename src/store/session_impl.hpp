// SPDX-License-Identifier: GPL-2.0-or-later
// The connection behind a Session, and transactions on it. Private to src/store: the only header
// that shows libpqxx.
#pragma once

#include "base/clock.hpp"
#include "store/array.hpp"
#include "store/session.hpp"
#include "store/sql_error.hpp"

#include <pqxx/pqxx>

#include <exception>
#include <memory>
#include <set>
#include <string_view>
#include <type_traits>
#include <utility>

namespace runner::store {

/// A statement that is prepared at its first use on a connection. `name` is unique.
struct Statement {
    const char* name;
    const char* sql;
};

/// A running transaction.
class Transaction {
public:
    Transaction(pqxx::work& work, std::set<std::string_view>& prepared)
        : work_(work), prepared_(prepared) {}

    template <typename... Arguments>
    pqxx::result exec(const Statement& statement, Arguments&&... arguments) {
        if (prepared_.insert(statement.name).second)
            work_.conn().prepare(statement.name, statement.sql);
        return work_.exec_prepared(statement.name,
                                   parameter(std::forward<Arguments>(arguments))...);
    }
    /// Without parameters and not prepared; several statements at once are possible.
    pqxx::result exec_text(const std::string& sql) { return work_.exec(sql); }
    /// As a literal for exec_text(). A NUL byte would end the statement.
    [[nodiscard]] std::string quote(std::string_view text) {
        return work_.quote(std::string(text));
    }

private:
    template <typename T>
    static decltype(auto) parameter(T&& argument) {
        if constexpr (std::is_base_of_v<ArrayBytes, std::remove_cvref_t<T>>) {
            const std::string_view bytes = argument.bytes();
            return pqxx::binarystring(bytes.data(), bytes.size());
        } else {
            return std::forward<T>(argument);
        }
    }

    pqxx::work& work_;
    std::set<std::string_view>& prepared_;
};

struct Session::Impl {
    explicit Impl(DatabaseOptions o) : options(std::move(o)) {}

    /// Runs `body(Transaction&)` in a transaction and commits; once more when the database had to
    /// choose a victim among transactions that block each other. Errors as Session says.
    template <typename Body>
    auto run(Body&& body) {
        for (unsigned attempt = 1;; ++attempt) {
            try {
                pqxx::work work(connect());
                Transaction transaction(work, prepared);
                if constexpr (std::is_void_v<decltype(body(transaction))>) {
                    body(transaction);
                    work.commit();
                    return;
                } else {
                    auto answer = body(transaction);
                    work.commit();
                    return answer;
                }
            } catch (...) {
                handle(std::current_exception(), attempt);
            }
        }
    }

    /// The open connection, made if need be.
    pqxx::connection& connect();
    void disconnect() noexcept;
    /// Returns when the transaction should be run again; else throws.
    void handle(const std::exception_ptr& error, unsigned attempt);

    DatabaseOptions options;
    std::unique_ptr<pqxx::connection> connection;
    std::unique_ptr<pqxx::errorhandler> notices;
    std::set<std::string_view> prepared;

    std::chrono::milliseconds backoff{0}; ///< 0: the last attempt to connect succeeded
    base::SteadyClock::time_point next_attempt{};
    std::string last_error;
};

/// Makes a connection that is set up as all of ours; throws libpqxx's errors.
std::unique_ptr<pqxx::connection> make_connection(const DatabaseOptions& options,
                                                  std::unique_ptr<pqxx::errorhandler>& notices);

} // namespace runner::store
