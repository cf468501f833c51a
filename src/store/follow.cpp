// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/follow.hpp"

#include "store/job_ends.hpp"
#include "store/job_upsert.hpp"

#include <utility>
#include <vector>

namespace runner::store {

TextArray names_of(std::span<const FollowedWiki> wikis) {
    TextArray names;
    for (const FollowedWiki& wiki : wikis)
        names.add(wiki.id);
    return names;
}

void queue_again(Transaction& transaction, const std::set<EntityKey>& entities, Requeue requeue,
                 Followed& followed) {
    std::vector<NewJob> jobs;
    for (const EntityKey& key : entities) {
        NewJob job;
        job.key = key;
        job.priority = requeue.priority;
        job.reason = requeue.reason;
        jobs.push_back(std::move(job));
    }
    for (const bool is_new : upsert_jobs(transaction, jobs))
        ++(is_new ? followed.jobs : followed.coalesced);
    if (!jobs.empty())
        notify_jobs_ready(transaction);
}

} // namespace runner::store
