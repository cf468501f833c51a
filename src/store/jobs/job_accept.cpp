// SPDX-License-Identifier: GPL-2.0-or-later
// Accepting jobs: one upsert for a whole batch. See job_table.hpp.
#include "store/common/array.hpp"
#include "store/common/session_impl.hpp"
#include "store/jobs/document_codec.hpp"
#include "store/jobs/job_ends.hpp"
#include "store/jobs/job_table.hpp"
#include "store/jobs/job_upsert.hpp"

#include <algorithm>
#include <numeric>

namespace runner::store {

namespace {

// The existing job keeps its place in the queue and its backoff, unless the new one has
// a newer revision. The generation grows, so that a check in flight does not end it; only a job
// known to be older changes nothing. A job that asks drops waiting documents: they may be older
// than its cause, and so may later documents.
constexpr Statement accept_jobs{"accept_jobs", R"(
INSERT INTO constraint_runner.job AS j
    (wiki, entity, revision, priority, reason, asks, queued_at, document, document_revision)
SELECT wiki, entity, revision, priority, reason, asks, statement_timestamp(),
       document, CASE WHEN document IS NOT NULL THEN revision END
FROM unnest($1::text[], $2::text[], $3::bigint[], $4::smallint[], $5::bytea[], $6::smallint[],
            $7::boolean[])
     AS n(wiki, entity, revision, priority, document, reason, asks)
ON CONFLICT (wiki, entity) DO UPDATE SET
    revision = CASE WHEN excluded.asks THEN 0 ELSE greatest(j.revision, excluded.revision) END,
    priority = greatest(j.priority, excluded.priority),
    reason = least(j.reason, excluded.reason),
    asks = j.asks OR excluded.asks,
    rechecks = 0,
    generation = CASE WHEN excluded.revision = 0 OR excluded.revision >= j.revision
                      THEN j.generation + 1 ELSE j.generation END,
    document = CASE WHEN j.asks OR excluded.asks THEN NULL
                    WHEN excluded.revision > j.revision
                      OR (excluded.revision = j.revision AND excluded.document IS NOT NULL)
                    THEN excluded.document ELSE j.document END,
    document_revision = CASE WHEN j.asks OR excluded.asks THEN NULL
                    WHEN excluded.revision > j.revision
                      OR (excluded.revision = j.revision AND excluded.document IS NOT NULL)
                    THEN excluded.document_revision ELSE j.document_revision END,
    queued_at = CASE WHEN j.state = 'leased' THEN excluded.queued_at ELSE j.queued_at END,
    attempts = CASE WHEN j.state = 'delayed' AND (excluded.asks OR excluded.revision > j.revision)
                    THEN 0 ELSE j.attempts END,
    due_at = CASE WHEN j.state = 'delayed' AND (excluded.asks OR excluded.revision > j.revision)
                  THEN NULL ELSE j.due_at END,
    state = CASE WHEN j.state = 'delayed' AND (excluded.asks OR excluded.revision > j.revision)
                 THEN 'ready' ELSE j.state END
RETURNING xmax = 0)"};

// as the upsert does it
void merge(NewJob& into, bool& asks, const NewJob& job) {
    if (job.asks()) {
        asks = true;
        into.revision = 0;
    }
    if (asks) {
        into.document = nullptr;
    } else if (job.revision > into.revision || (job.revision == into.revision && job.document)) {
        into.document = job.document;
        into.compressed = job.compressed;
    }
    if (!job.asks())
        into.revision = std::max(into.revision, job.revision);
    into.priority = std::max(into.priority, job.priority);
    into.reason = std::min(into.reason, job.reason);
}

} // namespace

std::vector<bool> upsert_jobs(Transaction& transaction, std::span<const NewJob> jobs) {
    std::vector<bool> is_new(jobs.size(), false);
    if (jobs.empty())
        return is_new;
    std::vector<EntityKey> pages;
    pages.reserve(jobs.size());
    for (const NewJob& job : jobs)
        pages.push_back({job.key.wiki, job.key.entity.page()});
    std::vector<std::size_t> order(jobs.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return pages[a] < pages[b]; });

    TextArray wikis, entities;
    BigintArray revisions;
    SmallintArray priorities, reasons;
    BooleanArray asking;
    ByteaArray documents;
    std::vector<std::size_t> first; // of each entity's jobs
    for (std::size_t i = 0; i < order.size();) {
        const NewJob* job = &jobs[order[i]];
        NewJob merged;
        bool asks = job->asks();
        const EntityKey& page = pages[order[i]];
        std::size_t end = i + 1;
        for (; end < order.size() && pages[order[end]] == page; ++end) {
            if (end == i + 1) {
                merged = *job;
                job = &merged;
            }
            merge(merged, asks, jobs[order[end]]);
        }
        wikis.add(page.wiki);
        entities.add(page.entity.to_string());
        reasons.add(static_cast<int>(job->reason));
        asking.add(asks);
        revisions.add(job->revision);
        priorities.add(job->priority);
        if (!job->document)
            documents.add_null();
        else if (job->compressed.empty())
            documents.add(compress_document(*job->document));
        else
            documents.add(job->compressed);
        first.push_back(order[i]);
        i = end;
    }
    const auto rows = transaction.exec(accept_jobs, wikis, entities, revisions, priorities,
                                       documents, reasons, asking);
    // rows come back in the order of the arrays
    for (std::size_t i = 0; i < first.size(); ++i)
        is_new[first[i]] = rows[static_cast<int>(i)][0].as<bool>();
    return is_new;
}

std::vector<bool> JobTable::accept(std::span<const NewJob> jobs) {
    if (jobs.empty())
        return {};
    return session_.impl().run([&](Transaction& transaction) {
        auto is_new = upsert_jobs(transaction, jobs);
        notify_jobs_ready(transaction);
        return is_new;
    });
}

} // namespace runner::store
