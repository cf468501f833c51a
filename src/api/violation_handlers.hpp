// SPDX-License-Identifier: GPL-2.0-or-later
// The route of the work list: which statements break which constraints, by page.
#pragma once

#include "api/backend.hpp"
#include "api/router.hpp"

namespace runner::api {

/// Both references must outlive the router.
void add_violation_routes(Router& router, Backend& backend);

} // namespace runner::api
