// SPDX-License-Identifier: GPL-2.0-or-later
// The queries of the work list inside a running transaction. Private to src/store. Each is bounded
// by its limits and answered from an index; LATERAL and OFFSET 0 have PostgreSQL go from row to
// row, where it might prefer to read a whole table.
#pragma once

#include "store/common/session_impl.hpp"
#include "store/lists/violation_list.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

namespace runner::store {

class ViolationQuery {
public:
    ViolationQuery(Transaction& transaction, const ViolationFilter& filter)
        : transaction_(transaction), filter_(filter) {}

    /// Whether anything but the class filters.
    [[nodiscard]] bool is_filtered() const noexcept;

    /// Pairs after a key and up to another, of `entities` alone unless null; classes are not
    /// looked at.
    [[nodiscard]] ViolationPage page(const ViolationKey* after, std::size_t limit,
                                     const std::vector<std::string>* entities = nullptr,
                                     const ViolationKey* up_to = nullptr) const;

    /// The key `count` pairs ahead; empty when there are fewer.
    [[nodiscard]] std::optional<ViolationKey> key_ahead(const ViolationKey* after,
                                                        std::size_t count) const;

    /// Entities of a stretch of pairs with their direct classes, sorted by entity.
    [[nodiscard]] std::vector<std::pair<std::string, std::string>>
    classes(const ViolationKey* after, const ViolationKey* up_to) const;

    struct Instances {
        std::vector<std::string> entities; ///< sorted
        bool more = false;
    };
    /// Entities of the class, or of those below it, from `from` on: about `max_rows` of their lists
    /// are read. Empty where there are more than `max_classes`.
    [[nodiscard]] std::optional<Instances> instances(std::string_view from, std::size_t max_classes,
                                                     std::size_t max_entities,
                                                     std::size_t max_rows) const;

    /// The class itself and those of `classes` that are below it.
    [[nodiscard]] std::unordered_set<std::string> among(std::span<const std::string> classes) const;

private:
    [[nodiscard]] std::string where(const ViolationKey* after, const ViolationKey* up_to) const;
    [[nodiscard]] std::string key(const ViolationKey& key) const;
    [[nodiscard]] std::string quote(std::string_view text) const;

    Transaction& transaction_;
    const ViolationFilter& filter_;
};

} // namespace runner::store
