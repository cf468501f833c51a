// SPDX-License-Identifier: GPL-2.0-or-later
// A wiki's own database, MariaDB, or a replica of it: read only, one statement at a time, each
// with a time limit. The C API of libmariadb is used only in replica.cpp.
#pragma once

#include "base/error.hpp"
#include "config/wiki_settings.hpp"
#include "source/source.hpp"

#include <charconv>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace runner::source {

/// A statement timed out: ask for less.
struct ReplicaTimeout : base::Error {
    explicit ReplicaTimeout(const std::string& what) : Error(base::ExitCode::temp_fail, what) {}
};

/// The database refuses: wrong user or password, no right, no such database or table. `code` is
/// for programs: "access_denied", "no_database", "no_table", "statement_refused".
struct ReplicaRefused : base::Error {
    ReplicaRefused(std::string program_code, const std::string& what)
        : Error(base::ExitCode::no_permission, what), code(std::move(program_code)) {}
    std::string code;
};

/// The rows of an answer, all of them in memory, one after the other.
class ReplicaRows {
public:
    explicit ReplicaRows(std::shared_ptr<void> result) : result_(std::move(result)) {}

    /// Goes to the next row; false after the last.
    bool next();
    /// A column of this row as bytes, valid as long as the rows; empty for NULL.
    [[nodiscard]] std::optional<std::string_view> operator[](unsigned column) const;
    [[nodiscard]] std::string text(unsigned column) const {
        return std::string((*this)[column].value_or(std::string_view()));
    }
    /// `otherwise` for NULL and values other than whole numbers.
    [[nodiscard]] std::uint64_t number(unsigned column, std::uint64_t otherwise = 0) const {
        const std::string_view digits = (*this)[column].value_or(std::string_view());
        std::uint64_t value = 0;
        const auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), value);
        return error == std::errc{} && end == digits.data() + digits.size() && !digits.empty()
                   ? value
                   : otherwise;
    }

private:
    std::shared_ptr<void> result_;
    char** row_ = nullptr;
    unsigned long* lengths_ = nullptr;
};

/// Connects at first use, and again after a connection was lost. Not thread-safe but for
/// interrupt().
class Replica {
public:
    /// `wiki` outlives it.
    explicit Replica(const config::WikiSettings& wiki);
    ~Replica();
    Replica(const Replica&) = delete;
    Replica& operator=(const Replica&) = delete;

    /// A SELECT. Throws SourceUnavailable when the database is unavailable, overloaded or broke the
    /// connection, ReplicaTimeout when it took longer than replica_statement_timeout, or than
    /// `limit` if that is less, and ReplicaRefused. Never returns a partial answer.
    [[nodiscard]] ReplicaRows query(std::string_view select,
                                    std::optional<std::chrono::milliseconds> limit = std::nullopt);

    /// The database that is read.
    [[nodiscard]] const std::string& database() const noexcept { return wiki_.replica_database; }

    /// Bytes as a literal that needs no escaping: x'666F6F'.
    [[nodiscard]] static std::string literal(std::string_view bytes);

    /// Breaks the connection of a running statement, from another thread; the statement then
    /// throws SourceUnavailable.
    void interrupt() noexcept;

private:
    struct Connection;
    void connect();
    void use(std::unique_ptr<Connection> connection) noexcept;

    const config::WikiSettings& wiki_;
    std::mutex mutex_; ///< of the pointer, against interrupt()
    std::unique_ptr<Connection> connection_;
};

} // namespace runner::source
