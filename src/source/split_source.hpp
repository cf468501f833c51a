// SPDX-License-Identifier: GPL-2.0-or-later
// The source of a wiki whose properties and items are another wiki's, as those of Commons are
// Wikidata's.
#pragma once

#include "source/source.hpp"

#include <memory>

namespace runner::source {

class SplitSource final : public EntitySource {
public:
    /// `own` provides mediainfo, `other` everything else.
    SplitSource(std::shared_ptr<EntitySource> own, std::shared_ptr<EntitySource> other)
        : own_(std::move(own)), other_(std::move(other)) {}

    [[nodiscard]] std::vector<Lookup> load(std::span<const entity::EntityId> ids,
                                           std::uint64_t min_revision = 0) override;

private:
    const std::shared_ptr<EntitySource> own_;
    const std::shared_ptr<EntitySource> other_;
};

} // namespace runner::source
