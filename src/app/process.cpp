// SPDX-License-Identifier: GPL-2.0-or-later
#include "app/process.hpp"

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/thread_pool.hpp"

#include <fmt/format.h>

#include <unistd.h>

namespace runner::app {

std::string worker_name() {
    char host[256] = "unknown";
    ::gethostname(host, sizeof host - 1);
    return fmt::format("{}:{}:{}", host, ::getpid(), base::unix_seconds());
}

void refuse_root(const config::ServerSettings& server) {
    if (::geteuid() == 0 && !server.allow_root)
        throw base::PermissionError("refusing to run as root: use a dedicated account, or "
                                    "server.allow_root (--allow-root) if you must");
}

unsigned worker_threads(const config::Settings& settings) {
    return settings.workers.threads != 0 ? settings.workers.threads : base::usable_cpus();
}

} // namespace runner::app
