// SPDX-License-Identifier: GPL-2.0-or-later
// The channels of our notifications: stored results have changed, and jobs became ready. They have
// no payload: any role of the database can listen, and no other role may learn which entities are
// concerned; any role can also notify, which only makes a runner poll. Private to src/store.
#pragma once

namespace runner::store {

inline constexpr const char* result_channel = "constraint_runner";
inline constexpr const char* job_channel = "constraint_runner_jobs";

} // namespace runner::store
