// SPDX-License-Identifier: GPL-2.0-or-later
// Which of two checks of an entity knows the wiki as it is now. A pure function: what the store has
// of the entity and how the new check came to its revision decide. Private to src/store.
#pragma once

#include "store/results/result_store.hpp"

#include <cstdint>
#include <optional>

namespace runner::store {

/// A row of entity_result, as far as order and dependencies need it.
struct Known {
    bool present = false;
    bool found = false; ///< there is a result; else the entity is gone, or there is no row
    std::uint64_t revision = 0;
    std::uint64_t newest = 0;
    std::uint64_t check = 0;
    std::uint64_t asked = 0; ///< the last check that asked the wiki
    bool ask_always = false;
    std::optional<std::uint64_t> seen;
    std::optional<std::uint64_t> seen_linked; ///< of a property, by those that link to it
    std::optional<std::int64_t> pairs_digest; ///< as in RowDigests
    std::optional<std::int64_t> links_digest;
};

enum class Order : std::uint8_t {
    store,    ///< the new check is stored
    outdated, ///< what is stored is at least as new
    ask,      ///< that can't be known: the wiki must be asked (again)
    confirm,  ///< the wiki's answer is older than what is stored: asked again before it is believed
};

struct NewCheck {
    Basis basis = Basis::files;
    bool found = true;
    std::uint64_t revision = 0;
    std::uint64_t check = 0;
    bool confirmed = false; ///< the lower revision was answered before
};

/// Documents and answers:
/// - An answer counts when no later question has been answered. Then it is the truth, whatever its
///   revision; but a source may lag, so that a revision below the stored one must be answered
///   twice.
/// - A document counts when its revision is above all that were ever stored, and the page was never
///   deleted, restored or purged: then nothing is known of the order of its revisions, and jobs may
///   come late. What is of the stored revision has the same content, and is ordered by its check.
/// Files have no present state to ask for: the higher (revision, check) is stored, as far as it is
/// known.
[[nodiscard]] Order order_of(const Known& known, const NewCheck& check) noexcept;

} // namespace runner::store
