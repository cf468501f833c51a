// SPDX-License-Identifier: GPL-2.0-or-later
// See load_or_explain.hpp.
#include "source/load_or_explain.hpp"

#include "source/entity_unavailable.hpp"

#include <exception>
#include <utility>

namespace runner::source {

std::vector<ReadableLookup> load_or_explain(EntitySource& source,
                                            std::span<const entity::EntityId> ids) {
    std::vector<ReadableLookup> out(ids.size());
    if (ids.size() > 1) {
        try {
            auto lookups = source.load(ids);
            for (std::size_t i = 0; i < ids.size(); ++i)
                out[i].lookup = std::move(lookups[i]);
            return out;
        } catch (const base::DataError&) { // determined below for each
        } catch (const EntityUnavailable&) {
        }
    }
    for (std::size_t i = 0; i < ids.size(); ++i) {
        const auto explain = [&](const std::exception& error) {
            out[i].problem = ids[i].to_string() + " can't be read: " + error.what();
        };
        out[i].lookup.id = ids[i];
        try {
            out[i].lookup = std::move(source.load(ids.subspan(i, 1)).front());
        } catch (const base::DataError& error) {
            explain(error);
        } catch (const EntityUnavailable& error) {
            explain(error);
        }
    }
    return out;
}

} // namespace runner::source
