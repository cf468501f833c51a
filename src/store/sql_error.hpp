// SPDX-License-Identifier: GPL-2.0-or-later
// From libpqxx's exceptions to base's family of errors. Private to src/store.
#pragma once

#include <exception>
#include <string>
#include <string_view>

namespace runner::store {

enum class Trouble : unsigned char {
    retry,       ///< deadlock or serialization failure: the transaction may be run again at once
    unavailable, ///< worth trying again later
    locked,      ///< so too, but only what the lock is on
    data,        ///< the values can't be stored
    schema,      ///< tables or columns are missing
    permission,
    bug,
};

struct Diagnosis {
    Trouble trouble = Trouble::bug;
    bool drop_connection = false;
    std::string text;
};

/// By SQLSTATE.
[[nodiscard]] Trouble trouble_of(std::string_view sqlstate) noexcept;

/// Of the exception in flight. Rethrows what comes neither from libpqxx nor from the standard
/// library (the errors of base pass through).
[[nodiscard]] Diagnosis diagnose(const std::exception_ptr& error);

/// Throws what the diagnosis says.
[[noreturn]] void raise(const Diagnosis& diagnosis);

} // namespace runner::store
