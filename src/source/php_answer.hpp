// SPDX-License-Identifier: GPL-2.0-or-later
// Parses a PHP worker's response about entities, without trusting it.
#pragma once

#include "source/source.hpp"

#include <string_view>
#include <vector>

namespace runner::source {

/// One answer for each page, in the order asked. `text` is `{"entities": [{"id", "state": "found",
/// "revision", "document"} | {…, "state": "redirect", "target"} | {…, "state": "missing"}, …]}`.
/// Throws EntityUnavailable with the worker's own words when it is `{"error": {"message"}}` and for
/// a document that can't be read, base::DataError when it is neither, or is about other pages.
[[nodiscard]] std::vector<Lookup> parse_php_answer(std::string_view text,
                                                   std::span<const entity::EntityId> pages);

} // namespace runner::source
