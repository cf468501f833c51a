// SPDX-License-Identifier: GPL-2.0-or-later
// A failure of a source that one entity may have caused.
#pragma once

#include "source/source.hpp"

namespace runner::source {

/// The source works, but does not return this entity: the entity may be the cause (a page at which
/// the wiki's PHP fails, a document that can't be read, a revision that the source does not have).
struct EntityUnavailable : SourceUnavailable {
    using SourceUnavailable::SourceUnavailable;
};

} // namespace runner::source
