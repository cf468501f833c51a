// SPDX-License-Identifier: GPL-2.0-or-later
// Loading what checks need of other entities, so that one of them that can't be read costs no other
// its answer.
#pragma once

#include "source/source.hpp"

#include <span>
#include <vector>

namespace runner::source {

/// As EntitySource::load() in one batch; when that fails because of one of them (a document that can't
/// be read, a page at which the wiki fails), one by one. Throws SourceUnavailable.
[[nodiscard]] std::vector<ReadableLookup> load_or_explain(EntitySource& source,
                                                          std::span<const entity::EntityId> ids);

} // namespace runner::source
