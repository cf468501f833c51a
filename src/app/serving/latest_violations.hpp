// SPDX-License-Identifier: GPL-2.0-or-later
// The latest violations, as sentences, for the status page.
#pragma once

#include "ops/status_page.hpp"
#include "store/common/session.hpp"

#include <cstddef>
#include <vector>

namespace runner::app {

/// Newest first, of the last events, at most `most`; violations removed since are left out. Errors
/// as those of the session.
[[nodiscard]] std::vector<ops::FoundViolation> latest_violations(store::Session& session,
                                                                 std::size_t most);

} // namespace runner::app
