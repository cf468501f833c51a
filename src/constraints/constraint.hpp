// SPDX-License-Identifier: GPL-2.0-or-later
// Constraint definitions: the P2302 statements of a property, with their qualifiers as parameters.
#pragma once

#include "constraints/vocabulary.hpp"
#include "entity/entity.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace runner::constraints {

/// One constraint. Refers to the property's document, which must outlive it.
struct Constraint {
    std::string_view id;         ///< GUID of the statement
    entity::PropertyId property; ///< that it belongs to
    std::string_view data_type;  ///< of the property
    std::string type;            ///< constraint type item id
    /// Parameters by property, in the order of the qualifiers.
    std::vector<std::pair<entity::PropertyId, std::vector<const entity::Snak*>>> parameters;
    bool malformed = false; ///< the statement's value is not an entity: WBQC fails on it
    bool too_long = false;  ///< parameters that WBQC refuses to store (over 50,000 bytes of JSON)

    /// Null when the constraint has no such parameter; else at least one snak.
    [[nodiscard]] const std::vector<const entity::Snak*>*
    parameter(entity::PropertyId id) const noexcept;
};

/// The constraints of a property in the order of its statements, without deprecated ones.
/// Follows WBQC's UpdateConstraintsTableJob and ConstraintRepositoryStore.
[[nodiscard]] std::vector<Constraint> constraints_of(const entity::Entity& property,
                                                     const Vocabulary& vocabulary);

} // namespace runner::constraints
