// SPDX-License-Identifier: GPL-2.0-or-later
// How the allocator treats this process: it runs for months, and what large requests used goes
// back to the system.
#pragma once

namespace runner::app {

/// Before the first thread. `threads` is how many work at once.
void tune_memory(unsigned threads);

} // namespace runner::app
