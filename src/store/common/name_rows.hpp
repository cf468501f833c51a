// SPDX-License-Identifier: GPL-2.0-or-later
// Tables of name lists: the classes of an entity, the superclasses of a class. Private to
// src/store.
#pragma once

#include "entity/entity_id.hpp"
#include "store/common/array.hpp"
#include "store/common/session_impl.hpp"

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace runner::store {

/// In stored form: each once, in byte order.
[[nodiscard]] inline std::vector<std::string> sorted_names(std::span<const entity::EntityId> ids) {
    std::vector<std::string> names;
    for (const entity::EntityId& id : ids)
        names.push_back(id.to_string());
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

/// Rows for a statement that takes three arrays of texts.
struct NameRows {
    void add(std::string_view wiki, const entity::EntityId& of, std::string_view name) {
        wikis.add(wiki);
        ids.add(of.to_string());
        names.add(name);
    }
    void write(Transaction& transaction, const Statement& statement) {
        if (!wikis.empty())
            transaction.exec(statement, wikis, ids, names);
    }
    TextArray wikis, ids, names;
};

} // namespace runner::store
