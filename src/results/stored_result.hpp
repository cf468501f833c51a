// SPDX-License-Identifier: GPL-2.0-or-later
// The stored result of one entity: the value that WBQC caches, and the data beside it in the
// database. Made by checks/, written by store/; plain data.
#pragma once

#include "entity/entity_id.hpp"
#include "results/class_node.hpp"
#include "results/status.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
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
    std::string message_key; ///< without prefix, "single-value"; may be empty
    bool own = false;        ///< of the runner's own check: WBQC finds nothing here
    std::string fix; ///< what to use instead, a JSON object; empty: not known, or not looked for
    std::string
        own_status; ///< what the runner's own check says where WBQC's says `status`; or empty

    friend bool operator==(const Violation&, const Violation&) = default;
};

/// An entity that the result depends on.
struct Dependency {
    entity::EntityId id;
    std::uint64_t revision = 0; ///< when it was read; 0: unknown, missing or a redirect
    /// What the check saw of it, as StoredResult::seen of a result of that entity, or, of a
    /// property that it links to, as seen_linked, which is odd; empty: unknown.
    std::optional<std::uint64_t> seen;
    bool named = true;     ///< in latestRevisionIds; WBQC does not name all that its checks read
    bool redirect = false; ///< its page redirects
};

/// StoredResult::seen of an entity that is missing.
inline constexpr std::uint64_t seen_missing = 0;

/// A value and its place, as the index of distinct values identifies it: the first 128
/// bits of a hash of both. Equal keys are equal values.
using ValueKey = std::array<std::uint8_t, 16>;

/// How many other entities with the value a message names: WBQC's limit.
inline constexpr std::size_t max_named_others = 10;

/// A hash of a set of entities, in whatever order they are added. The lowest two bits are 2.
class EntitySetHash {
public:
    void add(std::string_view id) noexcept {
        std::uint64_t hash = 14'695'981'039'346'656'037U; // FNV-1a
        for (const char c : id)
            hash = (hash ^ static_cast<unsigned char>(c)) * 1'099'511'628'211U;
        sum_ += hash;
    }
    [[nodiscard]] std::uint64_t value() const noexcept { return sum_ << 2U | 2U; }

private:
    std::uint64_t sum_ = 0;
};

/// The key of the row of an entity that looks for a value, but does not have it where others find
/// it. Its own inverse.
[[nodiscard]] inline ValueKey asking(ValueKey key) noexcept {
    for (std::uint8_t& byte : key)
        byte = static_cast<std::uint8_t>(~byte);
    return key;
}

/// A row of the index: a value of the entity that a distinct values constraint lets no other
/// entity have.
struct IndexedValue {
    static constexpr std::uint64_t lost = 0;      ///< in a change: the entity has it no longer
    static constexpr std::uint64_t not_asked = 1; ///< the check does not ask which others have it
    static constexpr std::uint64_t only_asks = 1; ///< added to a hash: `key` is asking()

    ValueKey key{};
    entity::PropertyId property;
    std::uint64_t others = 0; ///< EntitySetHash of the other entities that the check named
};

struct StoredResult {
    entity::EntityId entity;
    std::uint64_t revision = 0; ///< of the entity that was checked
    bool deleted = false;       ///< the entity is missing or a redirect: its rows are removed
    std::string value;          ///< JSON, exactly what WBQC's CachingResultsSource caches
    std::string own;            ///< a JSON list of what the runner finds beyond it; or empty
    std::array<std::uint32_t, status_count> counts{}; ///< checks per status, but null results
    std::vector<std::string> incomplete; ///< reasons; empty when every check was completed
    std::uint64_t duration_us = 0;       ///< gather and check
    std::string engine = "native";
    std::string wbqc; ///< the version of WBQC whose results these are: "1.44"; empty: unknown
    /// A hash of what the checks of other entities see of it; seen_missing: it is missing; empty:
    /// unknown.
    std::optional<std::uint64_t> seen;
    std::optional<std::uint64_t> seen_linked; ///< of a property: what those see that link to it
    /// When the result may change without an edit, in seconds since 1970;
    /// empty: never, or not within what PostgreSQL counts.
    std::optional<std::int64_t> changes_at;
    std::vector<Violation> violations; ///< unique by (statement, constraint), sorted so
    /// Those that are named first, in the order of latestRevisionIds.
    std::vector<Dependency> dependencies;
    /// The entity's class data; replaces the stored data.
    std::optional<ClassNode> class_node;
    bool is_class = false; ///< kept as a class also when the database has nothing of it as one
    /// The classes at which its type checks started, its own and those of linked entities, and the
    /// classes they passed.
    std::vector<entity::EntityId> checked_classes;
    std::vector<std::shared_ptr<const WalkedClasses>> walked;
    std::vector<entity::EntityId> classes; ///< what the entity is an instance of, best rank only
    std::vector<IndexedValue> values; ///< for the index of distinct values; unique, sorted by key
};

} // namespace runner::results
