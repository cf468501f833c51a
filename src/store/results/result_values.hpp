// SPDX-License-Identifier: GPL-2.0-or-later
// The stored values of several entities at once: messages with their arguments are only there.
#pragma once

#include "store/common/session.hpp"

#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace runner::store {

/// Takes an entity, its value, and what the runner finds beyond it (ResultRow::own; may be empty).
using EachValue =
    std::function<void(std::string_view entity, std::string_view value, std::string_view own)>;

/// Calls `each` for those of `entities` (ids of one wiki, in their texts) that have a
/// result; some are in memory at a time. In no order. Errors as those of the session.
void read_values(Session& session, std::string_view wiki, std::span<const std::string> entities,
                 const EachValue& each);

} // namespace runner::store
