// SPDX-License-Identifier: GPL-2.0-or-later
// The lines of NDJSON files and JSON dumps, and what can be told of a line without parsing it.
#pragma once

#include "entity/entity_id.hpp"

#include <optional>
#include <string_view>

namespace runner::source {

/// The JSON text of a line: without white space, a byte order mark, and the framing of dumps
/// (`[`, `]`, a trailing comma). Empty for a line that holds no entity.
[[nodiscard]] std::string_view json_of_line(std::string_view line) noexcept;

/// What a line is about.
struct LineHead {
    entity::EntityId id;
    std::optional<entity::EntityId> redirect; ///< of `{"entity": …, "redirect": …}`
};

/// Finds the "id" of the object itself, wherever it stands; the ids of nested objects do not
/// count. Looks no further than it must, so the rest of the text may still be malformed. Throws
/// base::DataError saying what is wrong, without file or line.
[[nodiscard]] LineHead read_line_head(std::string_view json);

} // namespace runner::source
