// SPDX-License-Identifier: GPL-2.0-or-later
#include "app/line/kept_source.hpp"

#include "base/error.hpp"
#include "store/jobs/kept_documents.hpp"

#include <algorithm>

namespace runner::app {

std::vector<source::Lookup> KeptSource::load(std::span<const entity::EntityId> ids,
                                             std::uint64_t /*min_revision*/) {
    std::vector<entity::EntityId> properties;
    std::vector<source::Lookup> lookups;
    for (const entity::EntityId& id : ids) {
        lookups.push_back({.id = id});
        if (id.type == entity::EntityType::property)
            properties.push_back(id);
    }
    if (properties.empty())
        return lookups;
    std::vector<store::KeptDocument> kept;
    {
        const auto session = sessions_.borrow();
        kept = store::KeptDocuments(*session).load(wiki_, properties);
    }
    for (source::Lookup& lookup : lookups) {
        const auto at = std::find_if(kept.begin(), kept.end(),
                                     [&](const auto& each) { return each.id == lookup.id; });
        if (at == kept.end())
            continue;
        if (at->json.empty())
            throw base::DataError("its document was not kept; send it again");
        lookup.state = source::State::found;
        lookup.revision = at->revision;
        lookup.document = entity::parse_entity(at->json);
    }
    return lookups;
}

void KeptSource::keep(const entity::EntityId& id, std::uint64_t revision, std::string_view json) {
    const auto session = sessions_.borrow();
    store::KeptDocuments(*session).keep(wiki_, {id, revision, std::string(json)});
}

} // namespace runner::app
