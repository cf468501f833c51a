// SPDX-License-Identifier: GPL-2.0-or-later
// The channels of our notifications: stored results have changed, and jobs became ready. They have no
// text: any role of the database can listen, and no role but ours must learn which entities are
// concerned; any role can also notify, which makes a runner look and nothing else. Private to
// src/store.
#pragma once

namespace runner::store {

inline constexpr const char* result_channel = "constraint_runner";
inline constexpr const char* job_channel = "constraint_runner_jobs";

} // namespace runner::store
