// SPDX-License-Identifier: GPL-2.0-or-later
// The little of an entity that checks of other entities ask for, as bytes: ids, revision, and the
// main snaks of its statements with ranks and the entities that they link to. A whole wiki of
// them fits on a disk beside its dump; one is read in a few microseconds.
#pragma once

#include "entity/entity.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace runner::entity {

/// Which values are kept whole; of the others it is kept only that there is one, unless it is an
/// entity.
struct DigestOptions {
    std::vector<PropertyId> whole_values; ///< sorted
};

/// Appends the digest of an entity with its forms and senses.
void append_digest(std::string& out, const Entity& entity, const DigestOptions& options);

/// The entity of a digest: without labels, qualifiers, references and GUIDs. Throws
/// base::DataError when the bytes are no digest.
[[nodiscard]] EntityPtr read_digest(std::string_view bytes);

} // namespace runner::entity
