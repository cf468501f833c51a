// SPDX-License-Identifier: GPL-2.0-or-later
// The one decision on what a line of input is: an entity, a redirect, a missing page or a problem.
// A "line" is an object of the input, whether it is on its own line or not; the framing
// (`[`, `]`, commas, `{"entities": {…}}`) does not count.
#pragma once

#include "entity/entity_id.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace runner::source {

/// The JSON text of a line: without white space, a byte order mark, and the framing of dumps
/// (`[`, `]`, a trailing comma). Empty for a line that holds no entity.
[[nodiscard]] std::string_view json_of_line(std::string_view line) noexcept;

/// Whether the text is one JSON object, with its end, as far as its brackets and strings say.
[[nodiscard]] bool is_whole_object(std::string_view json) noexcept;

enum class LineKind : std::uint8_t { entity, redirect, missing, problem };

struct InputLine {
    std::uint64_t line = 1;     ///< where it begins, counted from 1
    std::uint64_t position = 1; ///< its first byte in the (unpacked) input, counted from 1
    std::string_view json;
    LineKind kind = LineKind::problem;
    entity::EntityId id;     ///< not of a problem
    entity::EntityId target; ///< of a redirect
    std::string problem;     ///< what is wrong, without file and line
};

/// Classifies the object `json`, which begins at `line` and `position`, and calls `each`: once,
/// or for an answer of the API (`{"entities": {…}}`) once for each entity in it. Reads no more
/// of the text than needed: an entity may still prove unreadable.
void decide_line(std::string_view json, std::uint64_t line, std::uint64_t position,
                 const std::function<void(const InputLine&)>& each);

/// The revision ("lastrevid") of an entity's JSON; 0 when it has none. Throws base::DataError when
/// the text is not one object.
[[nodiscard]] std::uint64_t read_revision(std::string_view json);

/// Data about the lines of one id, to choose between them.
struct Standing {
    bool readable = true;
    bool dated = true;          ///< an entity, or anything else with a revision
    std::uint64_t revision = 0; ///< 0: unknown

    /// Whether `next`, which comes later in the input, replaces this one: the higher revision wins,
    /// among equal ones the later, and an unreadable line never replaces a readable one. A redirect
    /// or missing page without revision counts as newer than earlier lines.
    [[nodiscard]] bool gives_way_to(const Standing& next) const noexcept {
        if (readable != next.readable)
            return next.readable;
        return !next.dated || next.revision >= revision;
    }
};

/// Counts of an input's lines by outcome.
struct LineCounts {
    std::uint64_t lines = 0;
    std::uint64_t entities = 0;
    std::uint64_t redirects = 0;
    std::uint64_t missing = 0;
    std::uint64_t repeated = 0;
    std::uint64_t problems = 0;

    /// Throws base::Error (a bug) when a line was counted twice or not at all.
    void require_balance(std::string_view input) const;
};

} // namespace runner::source
