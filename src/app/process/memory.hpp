// SPDX-License-Identifier: GPL-2.0-or-later
// Configures the allocator for a process that runs for months: memory used by large requests is
// returned to the system.
#pragma once

namespace runner::app {

/// Before the first thread. `threads` is how many work at once.
void tune_memory(unsigned threads);

} // namespace runner::app
