// SPDX-License-Identifier: GPL-2.0-or-later
// The failure of a source that may be the fault of one entity.
#pragma once

#include "source/source.hpp"

namespace runner::source {

/// The source answers, but not with this entity: the entity may be the reason (a page at which the
/// wiki's PHP fails, a document that can't be read, a revision that the source does not have).
struct EntityUnavailable : SourceUnavailable {
    using SourceUnavailable::SourceUnavailable;
};

} // namespace runner::source
