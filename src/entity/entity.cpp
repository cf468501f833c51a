// SPDX-License-Identifier: GPL-2.0-or-later
// Look-ups in a parsed entity; see entity.hpp.
#include "entity/entity.hpp"

#include <algorithm>

namespace runner::entity {

std::string_view type_name(const DataValue& value) noexcept {
    struct Name {
        std::string_view operator()(const EntityId&) const { return "wikibase-entityid"; }
        std::string_view operator()(const std::string_view&) const { return "string"; }
        std::string_view operator()(const MonolingualText&) const { return "monolingualtext"; }
        std::string_view operator()(const TimeValue&) const { return "time"; }
        std::string_view operator()(const QuantityValue&) const { return "quantity"; }
        std::string_view operator()(const GlobeCoordinate&) const { return "globecoordinate"; }
        std::string_view operator()(const OtherValue& other) const {
            return other.error.empty() ? other.type : std::string_view{"bad"};
        }
    };
    return std::visit(Name{}, value);
}

bool Entity::has_label(std::string_view language) const noexcept {
    return std::binary_search(label_languages.begin(), label_languages.end(), language);
}

bool Entity::has_description(std::string_view language) const noexcept {
    return std::find(description_languages.begin(), description_languages.end(), language) !=
           description_languages.end();
}

const Entity* EntityDocument::find(const EntityId& id) const noexcept {
    if (entity_.id == id)
        return &entity_;
    for (const auto& list : {entity_.forms, entity_.senses})
        for (const Entity& part : list)
            if (part.id == id)
                return &part;
    return nullptr;
}

} // namespace runner::entity
