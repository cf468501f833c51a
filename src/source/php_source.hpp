// SPDX-License-Identifier: GPL-2.0-or-later
// Entities from the wiki's own PHP, in batches: no HTTP, no rendering, no stale cache in
// between.
#pragma once

#include "php/pool.hpp"
#include "source/source.hpp"

#include <memory>

namespace runner::source {

class PhpSource final : public EntitySource {
public:
    explicit PhpSource(std::shared_ptr<php::Pool> workers) : workers_(std::move(workers)) {}

    /// Each page once. Throws SourceUnavailable when no worker answers, the worker fails, or has
    /// only an older revision than `min_revision`.
    [[nodiscard]] std::vector<Lookup> load(std::span<const entity::EntityId> ids,
                                           std::uint64_t min_revision = 0) override;

private:
    const std::shared_ptr<php::Pool> workers_;
};

} // namespace runner::source
