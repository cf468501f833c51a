// SPDX-License-Identifier: GPL-2.0-or-later
// From libpqxx's exceptions to base's family of errors: the one place that decides whose fault an
// error of the database is. Private to src/store.
#pragma once

#include <exception>
#include <string>
#include <string_view>

namespace runner::store {

/// Only `row` may cost a job an attempt or its life. With all others the work waits.
enum class Trouble : unsigned char {
    retry,       ///< deadlock or serialization failure: the transaction may be run again at once
    unavailable, ///< away, full, read-only, at a limit: worth trying again later
    locked,      ///< so too, but only what the lock is on
    row,         ///< the database can't store these values
    pooler,      ///< prepared statements vanish: a pooler in transaction mode
    schema,      ///< tables or columns are missing
    rights,
    unknown, ///< no SQLSTATE that the runner has an answer for
};

struct Diagnosis {
    Trouble trouble = Trouble::unknown;
    bool drop_connection = false;
    std::string text; ///< a sentence of ours, then the library's words
};

/// By SQLSTATE.
[[nodiscard]] Trouble trouble_of(std::string_view sqlstate) noexcept;

/// The sentence for an error with this SQLSTATE; empty: the connection broke.
[[nodiscard]] std::string_view sentence_of(std::string_view sqlstate) noexcept;

/// Of the exception in flight. Rethrows what comes neither from libpqxx nor from the standard
/// library (the errors of base pass through).
[[nodiscard]] Diagnosis diagnose(const std::exception_ptr& error);

/// Throws what the diagnosis says.
[[noreturn]] void raise(const Diagnosis& diagnosis);

} // namespace runner::store
