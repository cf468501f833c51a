// SPDX-License-Identifier: GPL-2.0-or-later
// One connection to PostgreSQL, for one thread at a time. A connection that broke is thrown away
// and made again at the next use, with a growing pause between attempts that fail. Everything of
// src/store works through a Session; libpqxx itself does not show outside the folder.
#pragma once

#include "base/error.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace runner::store {

/// The database answers, but the runner can't work with it until someone changes it: the text says
/// what. It ends the start; later the work waits, as for a database that is away.
struct UnfitError : base::UnavailableError {
    explicit UnfitError(const std::string& what, base::ExitCode code = base::ExitCode::config)
        : UnavailableError(what) {
        Error::operator=(Error(code, what)); // with another exit code than its base
    }
};

/// The schema is missing, older or newer than this program, or was changed by hand; the text says
/// what to do.
struct SchemaError : UnfitError {
    explicit SchemaError(const std::string& what) : UnfitError(what) {}
};

/// The role lacks a right.
struct RightsError : UnfitError {
    explicit RightsError(const std::string& what)
        : UnfitError(what, base::ExitCode::no_permission) {}
};

/// An error that may concern one row, or all: the work waits, and no job is blamed.
struct UnknownError : base::UnavailableError {
    using UnavailableError::UnavailableError;
};

/// A lock of another session was not free within DatabaseOptions::lock_timeout.
struct LockedError : base::UnavailableError {
    using UnavailableError::UnavailableError;
};

class ServerContact;
[[nodiscard]] std::shared_ptr<ServerContact> make_contact();

struct DatabaseOptions {

    std::string conninfo; ///< libpq's, with password and connect_timeout; never logged
    std::string application_name = "constraint-runner";
    std::chrono::milliseconds statement_timeout{30'000}; ///< 0: none
    std::chrono::milliseconds lock_timeout{0};           ///< 0: none; then LockedError
    std::chrono::milliseconds backoff_base{100};         ///< pause after the first failed attempt
    std::chrono::milliseconds backoff_max{5'000};
    /// What is known of the server; shared by all sessions that are made of copies of this.
    std::shared_ptr<ServerContact> contact = make_contact();
};

/// Not thread-safe. Connects at first use. A connection that turns out to be broken is replaced and
/// the transaction run again, once, unless its commit had begun. Only values that the database
/// can't store throw base::DataError; all other errors are base::UnavailableError or derived from
/// it: the same call may succeed later, and repeating it is harmless.
class Session {
public:
    explicit Session(DatabaseOptions options);
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    /// Connects if need be and asks a trivial question. Throws as above.
    void ping();

    /// Whether a connection is open, as far as is known here; does not ask the server.
    [[nodiscard]] bool connected() const noexcept;

    /// Closes the connection; the next use makes a new one.
    void disconnect() noexcept;

    /// "15.18 (Debian …)" of the server.
    [[nodiscard]] std::string server_version();

    [[nodiscard]] const DatabaseOptions& options() const noexcept;

    struct Impl;
    [[nodiscard]] Impl& impl() noexcept { return *impl_; }

private:
    std::unique_ptr<Impl> impl_;
};

/// At most `capacity` sessions for threads that need one now and then (the HTTP handlers).
/// Thread-safe.
class SessionPool {
public:
    SessionPool(DatabaseOptions options, std::size_t capacity);

    /// One borrowed session; returned by the destructor.
    class Borrowed {
    public:
        Borrowed(SessionPool& pool, std::unique_ptr<Session> session) noexcept
            : pool_(&pool), session_(std::move(session)) {}
        Borrowed(Borrowed&&) noexcept = default;
        Borrowed& operator=(Borrowed&&) = delete;
        ~Borrowed();
        Session& operator*() const noexcept { return *session_; }
        Session* operator->() const noexcept { return session_.get(); }

    private:
        SessionPool* pool_;
        std::unique_ptr<Session> session_;
    };

    /// Throws base::UnavailableError when none is free within `timeout`.
    [[nodiscard]] Borrowed borrow(std::chrono::milliseconds timeout = std::chrono::seconds(5));

private:
    DatabaseOptions options_;
    std::size_t capacity_;
    std::mutex mutex_;
    std::condition_variable returned_;
    std::size_t lent_ = 0;
    std::vector<std::unique_ptr<Session>> free_;
};

} // namespace runner::store
