// SPDX-License-Identifier: GPL-2.0-or-later
// The statements of one entity by property, built once for all checks of the entity, with a cache
// of their queries. For one thread at a time.
#pragma once

#include "checks/check.hpp"
#include "checks/run_memory.hpp"

#include <map>
#include <span>
#include <tuple>
#include <vector>

namespace runner::checks {

/// Which statements count as neighbours of a main snak (WBQC's Context::GROUP_…).
enum class Grouping : std::uint8_t { non_deprecated, best_rank };

class EntityIndex {
public:
    explicit EntityIndex(const entity::Entity& entity);

    /// Statements with the property as main snak, in the entity's order.
    [[nodiscard]] std::span<const entity::Statement* const>
    statements(entity::PropertyId property) const noexcept;

    /// Ranks among the statements of one property.
    struct Counts {
        std::uint32_t preferred = 0;
        std::uint32_t normal = 0;
        [[nodiscard]] std::uint32_t non_deprecated() const noexcept { return preferred + normal; }
        [[nodiscard]] std::uint32_t best() const noexcept {
            return preferred != 0 ? preferred : normal;
        }
    };
    [[nodiscard]] Counts counts(entity::PropertyId property) const noexcept;

    /// How many statements of the statement's property and of that rank have the same qualifiers
    /// for `separators` (which live as long as the index), the statement itself included if it is
    /// of that rank.
    [[nodiscard]] std::uint32_t
    same_separators(const entity::Statement& statement, Grouping grouping,
                    std::span<const entity::PropertyId> separators) const;

    /// The snaks of one property in a list of qualifiers or of a reference.
    struct Beside {
        entity::PropertyId property;
        std::uint32_t count = 0;
        const entity::Snak* first_value = nullptr; ///< null: all are somevalue or novalue
    };
    [[nodiscard]] Beside beside(std::span<const entity::Snak> snaks,
                                entity::PropertyId property) const;

    [[nodiscard]] RunMemory& memory() const noexcept { return memory_; }

private:
    struct Group {
        entity::PropertyId property;
        std::uint32_t begin = 0;
        std::uint32_t size = 0;
        Counts counts;
    };
    [[nodiscard]] const Group* find(entity::PropertyId property) const noexcept;

    std::vector<const entity::Statement*> statements_; ///< by property, then in order
    std::vector<Group> groups_;                        ///< sorted by property

    mutable RunMemory memory_;
    /// By group and list of separators: for each statement of the group as same_separators().
    mutable std::map<std::tuple<const Group*, const void*, Grouping>, std::vector<std::uint32_t>>
        separated_;
    mutable const entity::Snak* beside_of_ = nullptr; ///< the list that `beside_` is about
    mutable std::vector<Beside> beside_;              ///< sorted by property
};

/// How many snaks of the context's property are in its group, the snak itself included if it
/// belongs to the group: for a main snak the statements of that rank whose separator qualifiers
/// are the same; for a qualifier or a reference's snak the snaks beside it.
[[nodiscard]] std::size_t count_values(const Context& context, Grouping grouping,
                                       std::span<const entity::PropertyId> separators);

/// Those snaks. Scans all statements of the property each time.
[[nodiscard]] std::vector<const entity::Snak*>
values_of(const Context& context, Grouping grouping,
          std::span<const entity::PropertyId> separators);

} // namespace runner::checks
