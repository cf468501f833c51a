// SPDX-License-Identifier: GPL-2.0-or-later
// Texts of notifications: see notification.hpp.
#include "store/notification.hpp"

#include "base/log.hpp"

#include <boost/json.hpp>

namespace runner::store {

std::vector<std::string> encode_changes(std::span<const Changed> changes, std::size_t max_bytes) {
    std::vector<std::string> texts;
    std::string element;
    for (const Changed& change : changes) {
        element = "[\"";
        base::append_json_escaped(element, change.wiki);
        element += "\",\"" + change.entity.to_string() + "\"," + std::to_string(change.revision) +
                   "]";
        if (texts.empty() || texts.back().size() + element.size() + 2 > max_bytes)
            texts.emplace_back("[" + element);
        else
            texts.back() += "," + element;
    }
    for (std::string& text : texts)
        text += "]";
    return texts;
}

std::vector<Changed> decode_changes(std::string_view text) {
    boost::system::error_code error;
    const auto parsed = boost::json::parse({text.data(), text.size()}, error);
    const auto* list = error ? nullptr : parsed.if_array();
    std::vector<Changed> changes;
    if (list == nullptr)
        return changes;
    for (const auto& element : *list) {
        const auto* triple = element.if_array();
        if (triple == nullptr || triple->size() != 3)
            continue;
        const auto* wiki = (*triple)[0].if_string();
        const auto* entity = (*triple)[1].if_string();
        if (wiki == nullptr || entity == nullptr || !(*triple)[2].is_number())
            continue;
        const auto id = entity::EntityId::parse({entity->data(), entity->size()});
        const auto revision = (*triple)[2].to_number<std::uint64_t>(error);
        if (id && !error)
            changes.push_back({std::string(wiki->data(), wiki->size()), *id, revision});
    }
    return changes;
}

} // namespace runner::store
