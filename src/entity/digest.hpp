// SPDX-License-Identifier: GPL-2.0-or-later
// The few facts about an entity that checks of other entities need, as bytes: ids, revision, and
// the main snaks of its statements with ranks and the entities that they link to. The digests of a
// whole wiki fit on a disk beside its dump; one is read in a few microseconds.
#pragma once

#include "entity/entity.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace runner::entity {

/// Which values are kept whole; of others only their presence is kept, unless they are
/// entities.
struct DigestOptions {
    std::vector<PropertyId> whole_values; ///< sorted
};

/// Appends the digest of an entity with its forms and senses.
void append_digest(std::string& out, const Entity& entity, const DigestOptions& options);

/// The entity of a digest: without labels, qualifiers, references and GUIDs. Throws
/// base::DataError when the bytes are no digest.
[[nodiscard]] EntityPtr read_digest(std::string_view bytes);

} // namespace runner::entity
