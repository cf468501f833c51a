// SPDX-License-Identifier: GPL-2.0-or-later
#include "app/process/process.hpp"

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/thread_pool.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

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

store::DatabaseOptions database_options(const config::Settings& settings) {
    store::DatabaseOptions options;
    options.conninfo = config::connection_string(settings.database);
    options.statement_timeout = settings.database.statement_timeout;
    return options;
}

void warn_of_missing_api(const config::Settings& settings) {
    std::size_t without = 0;
    std::string first;
    for (const config::WikiSettings& wiki : settings.wikis)
        if (wiki.source == config::SourceKind::http && wiki.api_url.empty() && without++ == 0)
            first = wiki.id;
    if (without > 0)
        spdlog::warn(
            "[wiki.{}]{} without api_url: its settings are not compared with the wiki's, and a "
            "redirect to a missing page counts as missing",
            first, without > 1 ? fmt::format(" and {} more wikis", without - 1) : "");
}

} // namespace runner::app
