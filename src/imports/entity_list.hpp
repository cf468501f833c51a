// SPDX-License-Identifier: GPL-2.0-or-later
// Where an import of entities has its ids from, page by page, each place a text that a cursor can
// hold: the list of the request, the results that are stored, or the pages of the wiki, from its
// database or its API.
#pragma once

#include "config/wiki_settings.hpp"
#include "entity/entity_id.hpp"
#include "store/common/session.hpp"
#include "store/imports/import_rows.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace runner::imports {

struct EntityPage {
    struct Entity {
        entity::EntityId id;
        std::uint64_t revision = 0; ///< current; 0: unknown
    };
    std::vector<Entity> entities;
    std::string after; ///< where the next page begins
    bool last = false;
    double share = 0; ///< of the whole list, up to the end of this page; 0: can't be said
};

class EntityList {
public:
    virtual ~EntityList() = default;
    /// The next `size` entities or a few less. Throws what the source throws.
    [[nodiscard]] virtual EntityPage page(const std::string& after, std::uint32_t size) = 0;
    /// How many there are, if that can be said before they are listed.
    [[nodiscard]] virtual std::optional<store::ImportTotal> total() = 0;
    virtual void interrupt() noexcept {}
};

[[nodiscard]] std::unique_ptr<EntityList> make_fixed_list(std::vector<entity::EntityId> ids);
/// `wiki` and `sessions` outlive it.
[[nodiscard]] std::unique_ptr<EntityList> make_stored_list(const config::WikiSettings& wiki,
                                                           store::SessionPool& sessions,
                                                           store::StoredFilter filter);
/// Which of a wiki's pages are wanted.
struct PageFilter {
    std::string letter;   ///< "Q", "P", "L", "M"; empty: all but "M"
    std::string property; ///< "P31": what links to its page, as all do that use it; empty: any
};

/// Of the wiki's database: pages by their numbers. Throws source::ReplicaRefused "no_such_property"
/// and what source::Replica does.
[[nodiscard]] std::unique_ptr<EntityList> make_replica_list(const config::WikiSettings& wiki,
                                                            PageFilter filter);

/// Of the wiki's API, a namespace after the other. Throws source::ApiRefused "no_such_property"
/// and what source::PageApi does.
[[nodiscard]] std::unique_ptr<EntityList> make_api_list(const config::WikiSettings& wiki,
                                                        PageFilter filter);

} // namespace runner::imports
