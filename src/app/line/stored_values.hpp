// SPDX-License-Identifier: GPL-2.0-or-later
// The index of distinct values in the database, as seen by the checks.
#pragma once

#include "facts/value_index.hpp"
#include "store/common/session.hpp"

#include <span>
#include <string>
#include <vector>

namespace runner::app {

/// The index of one wiki in the database.
class StoredValues final : public facts::ValueIndex {
public:
    StoredValues(std::string wiki, store::SessionPool& sessions)
        : wiki_(std::move(wiki)), sessions_(sessions) {}

    [[nodiscard]] std::vector<std::vector<entity::EntityId>>
    others(const entity::EntityId& self, std::span<const results::ValueKey> keys) override;

private:
    const std::string wiki_;
    store::SessionPool& sessions_;
};

} // namespace runner::app
