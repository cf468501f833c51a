// SPDX-License-Identifier: GPL-2.0-or-later
#include "app/process/memory.hpp"

#include <algorithm>
#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace runner::app {

void tune_memory(unsigned threads) {
#ifdef __GLIBC__
    // by default eight arenas per CPU, each of which keeps its own peak: 45 MB more on two CPUs
    ::mallopt(M_ARENA_MAX, static_cast<int>(std::clamp(threads, 2U, 8U)));
    // fixed, or freeing one large body would make all later ones stay in the heap
    ::mallopt(M_MMAP_THRESHOLD, 512 * 1024);
    ::mallopt(M_TRIM_THRESHOLD, 32 * 1024 * 1024);
#else
    (void)threads;
#endif
}

} // namespace runner::app
