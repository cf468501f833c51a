// SPDX-License-Identifier: GPL-2.0-or-later
// See result_values.hpp.
#include "store/results/result_values.hpp"

#include "store/common/array.hpp"
#include "store/common/session_impl.hpp"

#include <algorithm>

namespace runner::store {

namespace {

constexpr std::size_t at_once = 100; // values of large entities are megabytes

constexpr Statement read_result_values{"read_result_values", R"(
SELECT r.entity, r.value, r.own
FROM unnest($2::text[]) AS k(entity)
JOIN constraint_runner.entity_result r
  ON r.wiki = $1 AND r.entity = k.entity AND r.tombstone = 0)"};

} // namespace

void read_values(Session& session, std::string_view wiki, std::span<const std::string> entities,
                 const EachValue& each) {
    while (!entities.empty()) {
        const auto some = entities.first(std::min(at_once, entities.size()));
        entities = entities.subspan(some.size());
        const auto rows = session.impl().run([&](Transaction& transaction) {
            TextArray names;
            for (const std::string& name : some)
                names.add(name);
            return transaction.exec(read_result_values, std::string(wiki), names);
        });
        for (const auto& row : rows)
            each(row[0].c_str(), {row[1].c_str(), row[1].size()}, {row[2].c_str(), row[2].size()});
    }
}

} // namespace runner::store
