// SPDX-License-Identifier: GPL-2.0-or-later
// See file_labels.hpp. The checks need no labels, so that parsed entities have none.
#include "cli/file_labels.hpp"

#include <boost/json.hpp>

namespace runner::cli {

namespace json = boost::json;

std::string label_in(std::string_view entity_json) {
    boost::system::error_code failed;
    const json::value parsed = json::parse({entity_json.data(), entity_json.size()}, failed);
    const json::object* entity = failed ? nullptr : parsed.if_object();
    const json::value* labels = entity != nullptr ? entity->if_contains("labels") : nullptr;
    if (labels == nullptr || !labels->is_object()) // PHP writes an empty object as []
        return {};
    for (const char* language : {"en", "mul"})
        if (const json::value* label = labels->get_object().if_contains(language);
            label != nullptr && label->is_object())
            if (const json::value* value = label->get_object().if_contains("value");
                value != nullptr && value->is_string())
                return std::string(value->get_string());
    return {};
}

std::string FileLabels::of(std::string_view id) {
    const auto parsed = files_ != nullptr ? entity::EntityId::parse(id) : std::nullopt;
    if (!parsed)
        return {};
    const std::lock_guard lock(mutex_);
    if (const auto known = known_.find(id); known != known_.end())
        return known->second;
    return known_.emplace(id, label_in(files_->json(*parsed))).first->second;
}

} // namespace runner::cli
