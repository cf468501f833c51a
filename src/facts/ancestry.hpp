// SPDX-License-Identifier: GPL-2.0-or-later
// The graph of the classes above some classes: it replaces their lists of superclasses
// where these would be too long in total, as on a chain of very many classes.
#pragma once

#include "entity/entity_id.hpp"

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

namespace runner::facts {

/// Thread-safe once it is built.
class Ancestry {
public:
    /// An edge seen while walking upwards.
    struct Step {
        std::uint32_t from = 0, to = 0; ///< indexes of `classes`
        bool redirect = false;          ///< `to` itself is not written in `from`
    };

    /// `classes` without repetition.
    Ancestry(std::vector<entity::EntityId> classes, const std::vector<Step>& steps);

    /// Whether one of `wanted` is a superclass of `id`. `wanted` must not move while this lives:
    /// answers are cached by its address.
    [[nodiscard]] bool is_below(const entity::EntityId& id,
                                std::span<const entity::EntityId> wanted) const;

    [[nodiscard]] std::size_t size() const noexcept { return classes_.size(); }

private:
    using Number = std::uint32_t;
    static constexpr Number by_redirect = Number{1} << 31; ///< a flag of those in lower_
    static constexpr Number none = by_redirect - 1;

    [[nodiscard]] Number find(const entity::EntityId& id) const noexcept;
    [[nodiscard]] std::span<const Number> lower(Number number) const noexcept;
    [[nodiscard]] std::vector<bool> all_below(std::span<const entity::EntityId> wanted) const;

    std::vector<std::pair<entity::EntityId, Number>> classes_; ///< sorted
    std::vector<std::size_t> begin_; ///< of each number's part of lower_, and the end
    std::vector<Number> lower_;
    mutable std::mutex mutex_;
    mutable std::unordered_map<const entity::EntityId*, std::vector<bool>> known_;
};

} // namespace runner::facts
