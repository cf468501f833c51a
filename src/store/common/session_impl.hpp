// SPDX-License-Identifier: GPL-2.0-or-later
// The connection behind a Session, and transactions on it. Private to src/store: the only header
// that shows libpqxx.
#pragma once

#include "base/clock.hpp"
#include "store/common/array.hpp"
#include "store/common/libpqxx.hpp"
#include "store/common/session.hpp"
#include "store/common/sql_error.hpp"

#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace runner::store {

/// A statement that is prepared at its first use on a connection. `name` is unique.
struct Statement {
    const char* name;
    const char* sql;
};

/// A running transaction, or a single statement outside of one.
class Transaction {
public:
    Transaction(pqxx::transaction_base& work, std::set<std::string_view>& prepared)
        : work_(work), prepared_(prepared) {}

    template <typename... Arguments>
    pqxx::result exec(const Statement& statement, Arguments&&... arguments) {
        if (!prepared_.contains(statement.name)) {
            work_.conn().prepare(statement.name, statement.sql); // libpqxx 7: the server may refuse
            prepared_.insert(statement.name);
        }
        return exec_prepared(work_, statement.name,
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
            return binary_parameter(argument.bytes());
        } else {
            return std::forward<T>(argument);
        }
    }

    pqxx::transaction_base& work_;
    std::set<std::string_view>& prepared_;
};

/// For statements that read the first rows of an index of `job`, before the first of a transaction.
/// What jobs that are over have left there, as long as a snapshot is held, the planner does not
/// count: with the table all but empty, any other index and a sort look as cheap.
inline void plan_by_order(Transaction& transaction) {
    transaction.exec_text("SET LOCAL enable_sort = off; SET LOCAL enable_bitmapscan = off");
}

/// One pause for all sessions after an attempt to connect failed; it ends for all when one of them
/// succeeds. Thread-safe.
class ServerContact {
public:
    using Clock = base::SteadyClock;

    /// Why no session should connect now; empty: continue.
    [[nodiscard]] std::string must_wait() const;
    /// How an attempt ended that began at `began`.
    void failed(Clock::time_point began, const std::string& why, const DatabaseOptions& options);
    void succeeded();

    /// Whether the pooler before the server was found to be in session mode.
    [[nodiscard]] bool pooler_is_fit() const;
    void note_fit_pooler();

private:
    mutable std::mutex mutex_;
    std::chrono::milliseconds backoff_{0}; ///< 0: the last attempt succeeded
    Clock::time_point failed_at_{};
    Clock::time_point succeeded_at_{};
    Clock::time_point next_attempt_{};
    std::string why_;
    bool pooler_is_fit_ = false;
};

struct Session::Impl {
    explicit Impl(DatabaseOptions o) : options(std::move(o)) {}

    struct Attempt {
        unsigned number = 1;
        bool old_connection = false; ///< not made for this attempt
        bool committing = false;     ///< then the outcome is unknown
    };

    /// Runs `body(Transaction&)` in a transaction and commits; again when the database had to
    /// choose a victim among transactions that block each other, or an older connection turned out
    /// to be broken. Errors as Session says.
    template <typename Body>
    auto run(Body&& body) {
        for (Attempt attempt;; ++attempt.number) {
            attempt.old_connection = connection != nullptr;
            attempt.committing = false;
            try {
                pqxx::work work(connect());
                Transaction transaction(work, prepared);
                if constexpr (std::is_void_v<decltype(body(transaction))>) {
                    body(transaction);
                    attempt.committing = true;
                    work.commit();
                    return;
                } else {
                    auto answer = body(transaction);
                    attempt.committing = true;
                    work.commit();
                    return answer;
                }
            } catch (...) {
                handle(std::current_exception(), attempt);
            }
        }
    }

    /// The rows of one statement that only reads. Without a transaction around it there is one
    /// round trip instead of three. Errors as run().
    template <typename... Arguments>
    pqxx::result read(const Statement& statement, Arguments&&... arguments) {
        for (Attempt attempt;; ++attempt.number) {
            attempt.old_connection = connection != nullptr;
            try {
                pqxx::nontransaction single(connect());
                return Transaction(single, prepared).exec(statement, arguments...);
            } catch (...) {
                handle(std::current_exception(), attempt);
            }
        }
    }

    /// The open connection, made if need be.
    pqxx::connection& connect();
    void disconnect() noexcept;
    /// Returns when the transaction should be run again; else throws.
    void handle(const std::exception_ptr& error, const Attempt& attempt);

    DatabaseOptions options;
    std::unique_ptr<pqxx::connection> connection;
    Notices notices;
    std::set<std::string_view> prepared;
    std::uint64_t connections_made = 0; ///< tells whether the connection is still the same
};

/// A connection without any settings. What libpq says of a conninfo that it can't read has no
/// passwords.
std::unique_ptr<pqxx::connection> open_connection(const std::string& conninfo);

/// Makes a connection that is set up as all of ours; throws libpqxx's errors, and UnfitError when
/// the runner can't work with the server.
std::unique_ptr<pqxx::connection> make_connection(const DatabaseOptions& options, Notices& notices);

} // namespace runner::store
