// SPDX-License-Identifier: GPL-2.0-or-later
// The stored result of one entity: the value that WBQC caches, and what stands beside it in the
// database. Made by checks/, written by store/; plain data.
#pragma once

#include "entity/entity_id.hpp"
#include "results/class_node.hpp"
#include "results/status.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace runner::results {

/// One row of the table `violation`: a statement that breaks a constraint (statuses violation,
/// warning, suggestion and bad-parameters; several contexts of one statement make one row with
/// the gravest status).
struct Violation {
    std::string statement;       ///< statement GUID
    std::string constraint;      ///< constraint id, the GUID of the P2302 statement
    entity::PropertyId property; ///< that the constraint belongs to
    std::string type;            ///< constraint type item id
    Status status = Status::violation;
    std::string message_key;     ///< without prefix, "single-value"; may be empty

    friend bool operator==(const Violation&, const Violation&) = default;
};

/// An entity that the result rests on, and its revision when it was read (0: unknown, missing or
/// a redirect).
struct Dependency {
    entity::EntityId id;
    std::uint64_t revision = 0;
};

/// A value in the place where it stands, as the index of distinct values knows it: the first 128
/// bits of a hash of both. Equal keys are equal values.
using ValueKey = std::array<std::uint8_t, 16>;

/// How many other entities with the value a message names: WBQC's limit.
inline constexpr std::size_t max_named_others = 10;

/// A value of the entity that a distinct values constraint lets no other entity have.
struct IndexedValue {
    ValueKey key{};
    entity::PropertyId property;
    std::uint8_t others = 0; ///< entities with the same value that the check saw
};

struct StoredResult {
    entity::EntityId entity;
    std::uint64_t revision = 0; ///< of the entity that was checked
    bool deleted = false;       ///< the entity is missing or a redirect: its rows go
    std::string value;          ///< JSON, exactly what WBQC's CachingResultsSource caches
    std::array<std::uint32_t, status_count> counts{}; ///< checks per status, but null results
    std::vector<std::string> incomplete; ///< reasons; empty when every check was completed
    std::uint64_t duration_us = 0;       ///< gather and check
    std::string engine = "native";
    std::uint64_t seen = 0; ///< a hash of what the checks of other entities see of it; 0: unknown
    std::vector<Violation> violations;     ///< unique by (statement, constraint), sorted so
    std::vector<Dependency> dependencies;  ///< in the order of latestRevisionIds
    /// What the entity says as a class; replaces what the database has of it as one.
    std::optional<ClassNode> class_node;
    bool is_class = false; ///< kept as a class also when the database has nothing of it as one
    std::vector<entity::EntityId> classes; ///< what the entity is an instance of, best rank only
    std::vector<IndexedValue> values; ///< for the index of distinct values; unique, sorted by key
};

} // namespace runner::results
