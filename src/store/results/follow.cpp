// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/results/follow.hpp"

#include "store/jobs/job_ends.hpp"
#include "store/jobs/job_upsert.hpp"
#include "store/jobs/kept_jobs.hpp"

#include <utility>
#include <vector>

namespace runner::store {

TextArray names_of(std::span<const FollowedWiki> wikis) {
    TextArray names;
    for (const FollowedWiki& wiki : wikis)
        names.add(wiki.id);
    return names;
}

namespace {

void queue(Transaction& transaction, std::vector<NewJob> jobs, Requeue requeue,
           Followed& followed) {
    for (NewJob& job : jobs) {
        job.priority = requeue.priority;
        job.reason = requeue.reason;
    }
    for (const bool is_new : upsert_jobs(transaction, jobs))
        ++(is_new ? followed.jobs : followed.coalesced);
    if (!jobs.empty())
        notify_jobs_ready(transaction);
}

} // namespace

void queue_again(Transaction& transaction, const std::set<EntityKey>& entities, Requeue requeue,
                 Followed& followed) {
    std::vector<NewJob> jobs;
    for (const EntityKey& key : entities)
        jobs.emplace_back().key = key;
    queue(transaction, std::move(jobs), requeue, followed);
}

void queue_kept(Transaction& transaction, const std::set<EntityKey>& entities, Requeue requeue,
                Followed& followed) {
    queue(transaction, kept_jobs(transaction, entities), requeue, followed);
}

} // namespace runner::store
