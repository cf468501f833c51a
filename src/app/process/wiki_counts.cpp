// SPDX-License-Identifier: GPL-2.0-or-later
// See wiki_counts.hpp.
#include "app/process/wiki_counts.hpp"

namespace runner::app {

void count_wikis(const Wikis& wikis, ops::Snapshot& snapshot) {
    for (const auto& [id, wiki] : wikis) {
        if (const auto counts = wiki->title_counts())
            snapshot.titles.push_back(
                {id, counts->requests, counts->failures, counts->titles, counts->hits});
        const auto graph = wiki->class_graph_size();
        snapshot.class_graphs.push_back({id, graph.classes, graph.edges, graph.bytes});
    }
}

void count_checks(const checks::CheckTimes& times, ops::Snapshot& snapshot) {
    for (const auto& [type, time] : times.types())
        snapshot.check_types.push_back(
            {std::string(type), time.checks, std::chrono::duration<double>(time.took).count()});
}

void count_workers(const std::map<std::string, std::shared_ptr<php::Pool>>& workers,
                   ops::Snapshot& snapshot) {
    for (const auto& [id, pool] : workers) {
        const php::PoolCounts counts = pool->counts();
        snapshot.php_workers.push_back({id, counts.alive, counts.busy, counts.started,
                                        counts.recycled, counts.died, counts.killed,
                                        counts.requests, counts.failures});
    }
}

} // namespace runner::app
