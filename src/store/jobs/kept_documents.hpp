// SPDX-License-Identifier: GPL-2.0-or-later
// Documents of wikis without a source, kept for the checks of other entities and for checks to
// come.
#pragma once

#include "entity/entity_id.hpp"
#include "store/common/session.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace runner::store {

struct KeptDocument {
    entity::EntityId id;
    std::uint64_t revision = 0;
    std::string json; ///< empty: the store has a result of it, made before documents were kept
};

/// Works through one session, with its errors. Not thread-safe.
class KeptDocuments {
public:
    explicit KeptDocuments(Session& session) : session_(session) {}

    /// Unless a later revision is kept already.
    void keep(std::string_view wiki, const KeptDocument& document);

    /// Those that are kept, and those that should be, in any order.
    [[nodiscard]] std::vector<KeptDocument> load(std::string_view wiki,
                                                 std::span<const entity::EntityId> ids);

private:
    Session& session_;
};

} // namespace runner::store
