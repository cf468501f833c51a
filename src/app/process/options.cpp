// SPDX-License-Identifier: GPL-2.0-or-later
// See options.hpp.
#include "app/process/options.hpp"

#include "app/process/process.hpp"

#include <algorithm>

namespace runner::app {

namespace {

constexpr unsigned most_threads = 256; // that work on jobs or wait for answers

} // namespace

queue::AcceptorOptions acceptor_options(const config::Settings& settings,
                                        const store::DatabaseOptions& database) {
    queue::AcceptorOptions options;
    options.database = database;
    options.max_length = static_cast<std::uint64_t>(settings.queue.max_length);
    options.wikis = settings.wikis.size();
    return options;
}

CheckJobsTuning check_jobs_tuning(const config::QueueSettings& queue) {
    return {{queue.backoff_base, queue.backoff_max, queue.max_attempts}, queue.poll_interval};
}

CheckJobsOptions check_jobs_options(const config::Settings& settings,
                                    const store::DatabaseOptions& database,
                                    const std::string& worker) {
    CheckJobsOptions options;
    options.database = database;
    options.worker = worker;
    options.lease = settings.queue.lease;
    options.tuning = check_jobs_tuning(settings.queue);
    options.threads = worker_threads(settings);
    const unsigned most_each = std::max(
        1U, most_threads / static_cast<unsigned>(std::max<std::size_t>(1, settings.wikis.size())));
    for (const config::WikiSettings& wiki : settings.wikis)
        options.wikis[wiki.id] = std::min(options.threads + facts::title_waiters(wiki), most_each);
    options.batch = settings.queue.batch;
    return options;
}

} // namespace runner::app
