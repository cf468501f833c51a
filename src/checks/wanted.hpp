// SPDX-License-Identifier: GPL-2.0-or-later
// The data that the constraints of an entity need of other entities, determined before loading any.
#pragma once

#include "checks/engine.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace runner::checks {

/// Sorted, each once.
template <typename T>
void keep_unique(std::vector<T>& values) {
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
}

struct Wanted {
    std::vector<entity::EntityId> values;     ///< linked entities
    std::vector<entity::EntityId> classified; ///< linked entities whose classes count
    bool subject_classes = false;
    bool lexeme = false;
    std::vector<std::string> titles; ///< of Commons, sorted
};

[[nodiscard]] Wanted wanted_of(const Gathered& gathered, const config::WikiSettings& wiki,
                               bool with_titles);

/// Further entities that the linked ones link to and that are needed, once these are loaded
/// (Needs::value_links).
[[nodiscard]] std::vector<entity::EntityId> wanted_links(const Gathered& gathered,
                                                         const config::WikiSettings& wiki);

} // namespace runner::checks
