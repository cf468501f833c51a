// SPDX-License-Identifier: GPL-2.0-or-later
// See split_source.hpp.
#include "source/split_source.hpp"

#include <cstddef>
#include <utility>

namespace runner::source {

std::vector<Lookup> SplitSource::load(std::span<const entity::EntityId> ids,
                                      std::uint64_t min_revision) {
    std::vector<entity::EntityId> own, other;
    for (const entity::EntityId& id : ids)
        (id.type == entity::EntityType::mediainfo ? own : other).push_back(id);
    auto from_own = own.empty() ? std::vector<Lookup>() : own_->load(own, min_revision);
    auto from_other = other.empty() ? std::vector<Lookup>() : other_->load(other, min_revision);
    std::vector<Lookup> lookups;
    lookups.reserve(ids.size());
    std::size_t next_own = 0, next_other = 0;
    for (const entity::EntityId& id : ids)
        lookups.push_back(std::move(id.type == entity::EntityType::mediainfo
                                        ? from_own.at(next_own++)
                                        : from_other.at(next_other++)));
    return lookups;
}

} // namespace runner::source
