// SPDX-License-Identifier: GPL-2.0-or-later
// The source of a wiki without one: the properties whose documents came with jobs, to any runner.
#pragma once

#include "source/source.hpp"
#include "store/common/session.hpp"

#include <string>
#include <string_view>

namespace runner::app {

class KeptSource final : public source::EntitySource {
public:
    KeptSource(std::string wiki, store::SessionPool& sessions)
        : wiki_(std::move(wiki)), sessions_(sessions) {}

    /// Knows properties alone: all else is missing. base::DataError for one that was checked, and
    /// whose document was not kept.
    [[nodiscard]] std::vector<source::Lookup> load(std::span<const entity::EntityId> ids,
                                                   std::uint64_t min_revision = 0) override;

    /// The document of a job: of a property for the checks of others, else for a check to come.
    void keep(const entity::EntityId& id, std::uint64_t revision, std::string_view json);

private:
    const std::string wiki_;
    store::SessionPool& sessions_;
};

} // namespace runner::app
