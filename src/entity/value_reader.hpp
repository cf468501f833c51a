// SPDX-License-Identifier: GPL-2.0-or-later
// Reads one data value of a snak. Private to entity/ (it includes simdjson).
#pragma once

#include "entity/entity.hpp"
#include "entity/json_path.hpp"

#include <simdjson.h>

#include <memory_resource>

namespace runner::entity {

/// Copies text into the arena of a document.
[[nodiscard]] std::string_view keep(std::pmr::memory_resource& arena, std::string_view text);

/// Reads `{"value", "type", "error"?}`. A value that Wikibase could not deserialize becomes an
/// OtherValue with Wikibase's error; only a malformed wrapper (no type, no value) is a DataError.
[[nodiscard]] DataValue read_value(simdjson::dom::element json, std::pmr::memory_resource& arena,
                                   const JsonPath& path);

} // namespace runner::entity
