// SPDX-License-Identifier: GPL-2.0-or-later
// The queue and its dead list, read.
#include "api/read_rows.hpp"
#include "store/jobs/job_table.hpp"
#include "store/jobs/pause_table.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace runner::api {

namespace {

std::string counts_json(const store::QueueCounts& counts) {
    return fmt::format(
        R"("ready":{},"delayed":{},"leased":{},"dead":{},"oldest_ready_seconds":{:.3f})",
        counts.ready, counts.delayed, counts.leased, counts.dead, counts.oldest_ready_seconds);
}

std::string reasons_json(const store::JobReasons& reasons) {
    std::string body;
    for (std::size_t i = 0; i < store::job_reason_count; ++i)
        body += fmt::format("{}\"{}\":{}", i == 0 ? "" : ",", store::job_reason_names[i],
                            reasons.jobs[i]);
    return fmt::format(R"("reasons":{{{}}},"changes":{})", body, reasons.changes);
}

} // namespace

std::string pauses_json(const std::vector<store::Pause>& pauses, const Request& request) {
    std::string body;
    for (const store::Pause& pause : pauses)
        if (pause.wiki.empty() || request.may_see(pause.wiki))
            body +=
                fmt::format(R"({}{{"wiki":{},"since":{},"reason":{}}})", body.empty() ? "" : ",",
                            pause.wiki.empty() ? "null" : json_string(pause.wiki),
                            json_string(pause.since), json_string(pause.reason));
    return '[' + body + ']';
}

std::string queue_json(const std::vector<store::WikiCounts>& wikis, std::string_view pauses) {
    store::QueueCounts all;
    store::JobReasons reasons;
    std::string each;
    for (const auto& [wiki, counts] : wikis) {
        const store::JobReasons& why = counts.reasons;
        for (std::size_t i = 0; i < store::job_reason_count; ++i)
            reasons.jobs[i] += why.jobs[i];
        reasons.changes += why.changes;
        all.ready += counts.ready;
        all.delayed += counts.delayed;
        all.leased += counts.leased;
        all.dead += counts.dead;
        all.oldest_ready_seconds = std::max(all.oldest_ready_seconds, counts.oldest_ready_seconds);
        each += fmt::format("{}{}:{{{},{}}}", each.empty() ? "" : ",", json_string(wiki),
                            counts_json(counts), reasons_json(why));
    }
    return fmt::format("{{{},{},\"paused\":{},\"wikis\":{{{}}}}}\n", counts_json(all),
                       reasons_json(reasons), pauses, each);
}

std::string row_json(const store::DeadJob& job) {
    return fmt::format(
        R"({{"wiki":{},"entity":"{}","revision":{},"priority":{},"attempts":{},"reason":{},)"
        R"("died_at":{},"has_document":{}}})",
        json_string(job.key.wiki), job.key.entity.to_string(), job.revision, job.priority,
        job.attempts, json_string(job.reason), json_string(job.died_at), job.has_document);
}

std::string read_queue(store::Session& session, const ReadRequest& request) {
    store::JobTable table(session);
    auto wikis = table.counts_by_wiki();
    table.add_reasons(wikis);
    std::erase_if(wikis, [&](const auto& each) { return !request.request().may_see(each.wiki); });
    return queue_json(wikis, pauses_json(store::PauseTable(session).list(), request.request()));
}

ListPage list_dead(store::Session& session, const ReadRequest& request) {
    const auto after = key_of_cursor(request.after());
    const auto jobs =
        store::JobTable(session).dead(request.wiki(), request.limit(), after ? &*after : nullptr);
    return page_by_entity(jobs, request.limit());
}

} // namespace runner::api
