// SPDX-License-Identifier: GPL-2.0-or-later
// See constraint_watch.hpp.
#include "app/upkeep/constraint_watch.hpp"

#include "base/log_fields.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace runner::app {

void look_for_constraints(const Wikis& wikis, ops::Health& health) {
    for (const auto& [id, wiki] : wikis) {
        const checks::PropertyCounts counts = wiki->property_counts();
        if (counts.read == 0)
            continue;
        const std::string part = "constraints of wiki " + id;
        if (counts.constrained > 0) {
            health.good(part);
            continue;
        }
        const std::string text = fmt::format(
            "none of its properties that were read so far has a constraint under the ids that are "
            "known: are [wiki.{}.ids] those of the wiki?",
            id);
        const base::LogFields fields{{"wiki", id}};
        if (health.warning(part, text))
            spdlog::warn("{}: {}", part, text);
    }
}

} // namespace runner::app
