// SPDX-License-Identifier: GPL-2.0-or-later
// Violations for people at a terminal: the statement with its value and GUID, what it breaks, and
// counts, in lines of at most 60 columns.
#pragma once

#include "entity/entity.hpp"
#include "results/sentence.hpp"
#include "results/stored_result.hpp"

#include <map>
#include <string>
#include <string_view>

namespace runner::cli {

inline constexpr std::size_t list_columns = 60;

/// A snak's value in a few words: `"text"`, `Q5`, `no value`.
[[nodiscard]] std::string value_text(const entity::Snak& snak);

/// At most so many columns of a terminal; what is cut ends with "…".
[[nodiscard]] std::string shortened(std::string_view text, std::size_t columns);

/// The violations of an entity; nothing when it has none. `type_names`: of the constraint types by
/// their items.
void append_violations(const results::StoredResult& result, const entity::Entity& entity,
                       const std::map<std::string, std::string>& type_names,
                       const results::LabelOf& label, std::string& out);

} // namespace runner::cli
