// SPDX-License-Identifier: GPL-2.0-or-later
// Loads other entities that checks need, so that one unreadable entity does not affect the
// others.
#pragma once

#include "source/source.hpp"

#include <span>
#include <vector>

namespace runner::source {

/// As EntitySource::load() in one batch; when that fails because of one of them (a document that
/// can't be read, a page at which the wiki fails), one by one. Throws SourceUnavailable.
[[nodiscard]] std::vector<ReadableLookup> load_or_explain(EntitySource& source,
                                                          std::span<const entity::EntityId> ids);

} // namespace runner::source
