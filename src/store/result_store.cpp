// SPDX-License-Identifier: GPL-2.0-or-later
// Storing completed checks and reading stored results: see result_store.hpp.
#include "store/result_store.hpp"

#include "store/change_upsert.hpp"
#include "store/class_rows.hpp"
#include "store/job_ends.hpp"
#include "store/pair_store.hpp"
#include "store/read_texts.hpp"
#include "store/result_batch.hpp"
#include "store/result_upsert.hpp"
#include "store/session_impl.hpp"
#include "store/value_upsert.hpp"
#include "store/violation_class_upsert.hpp"

#include <algorithm>
#include <iterator>
#include <tuple>

#include <spdlog/spdlog.h>

namespace runner::store {

namespace {

constexpr Statement get_result{"get_result", R"(
SELECT revision, to_char(checked_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), value, duration_us, engine,
       n_bad_parameters, n_violation, n_warning, n_suggestion, n_exception, n_compliance,
       n_deprecated, n_not_in_scope, n_todo, incomplete
FROM constraint_runner.entity_result
WHERE wiki = $1 AND entity = $2 AND tombstone = 0)"};

constexpr Statement list_incomplete{"list_incomplete", R"(
SELECT r.wiki, r.entity, r.revision, to_char(r.checked_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       to_char(coalesce(j.due_at, j.queued_at), 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), r.incomplete
FROM constraint_runner.entity_result r
LEFT JOIN constraint_runner.job j ON j.wiki = r.wiki AND j.entity = r.entity
WHERE r.incomplete IS NOT NULL AND (r.wiki, r.entity) > ($1, $2) AND ($3 = '' OR r.wiki = $3)
ORDER BY r.wiki, r.entity LIMIT $4)"};

constexpr Statement next_check_number{"next_check_number",
                                      "SELECT nextval('constraint_runner.check_number')"};

// "the format check of P1 stopped at its limit; …", for the dead list
std::string incomplete_reason(const results::StoredResult& result) {
    std::string text = "incomplete: ";
    for (const std::string& reason : result.incomplete) {
        if (text.size() > 1'000)
            return text + "…";
        if (&reason != &result.incomplete.front())
            text += "; ";
        text += reason;
    }
    return text;
}

std::vector<JobEnd> ends_of(std::span<const Completed> batch, std::vector<std::string>& reasons) {
    std::vector<JobEnd> ends;
    reasons.resize(batch.size());
    for (std::size_t i = 0; i < batch.size(); ++i) {
        const Completed& completed = batch[i];
        const auto& result = completed.result;
        JobEnd end;
        end.lease = &completed.lease;
        end.revision = result.revision;
        const bool too_old = result.revision != 0 && result.revision < completed.lease.revision;
        const bool incomplete = !result.incomplete.empty() && !result.deleted;
        if (incomplete || too_old) {
            reasons[i] = incomplete ? incomplete_reason(result)
                                    : "revision " + std::to_string(completed.lease.revision) +
                                          " can't be had: the newest to be found is " +
                                          std::to_string(result.revision);
            end.reason = reasons[i];
            end.kind = completed.retry.dead ? JobEnd::Kind::bury : JobEnd::Kind::delay;
            end.delay = completed.retry.delay;
        }
        ends.push_back(end);
    }
    return ends;
}

} // namespace

std::vector<Outcome> store_results(Transaction& transaction, std::span<const Completed> batch) {
    std::vector<Candidate> candidates;
    candidates.reserve(batch.size());
    for (std::size_t i = 0; i < batch.size(); ++i)
        candidates.push_back(make_candidate(batch[i], i));
    // newest first within an entity: only that one goes to the database
    std::vector<Candidate*> sorted;
    for (Candidate& candidate : candidates)
        sorted.push_back(&candidate);
    std::sort(sorted.begin(), sorted.end(), [](const Candidate* a, const Candidate* b) {
        return std::tie(a->completed->lease.key, b->revision, b->check) <
               std::tie(b->completed->lease.key, a->revision, a->check);
    });
    sorted.erase(std::unique(sorted.begin(), sorted.end(),
                             [](const Candidate* a, const Candidate* b) {
                                 return a->completed->lease.key == b->completed->lease.key;
                             }),
                 sorted.end());

    upsert_results(transaction, sorted);
    std::erase_if(sorted, [](const Candidate* candidate) { return !candidate->stored; });
    std::vector<Outcome> outcomes(batch.size());
    for (Outcome& outcome : outcomes)
        outcome.result = StoreState::outdated;
    if (!sorted.empty()) {
        const auto changes = update_violations(transaction, sorted);
        update_dependencies(transaction, sorted);
        update_classes(transaction, sorted);
        update_values(transaction, sorted);
        note_changes(transaction, sorted);
        update_violation_classes(transaction, sorted);
        for (std::size_t i = 0; i < sorted.size(); ++i) {
            Outcome& outcome = outcomes[sorted[i]->position];
            outcome.result = StoreState::stored;
            outcome.appeared = changes[i].appeared;
            outcome.disappeared = changes[i].disappeared;
        }
    }
    std::vector<std::string> reasons;
    auto ends = ends_of(batch, reasons);
    end_jobs(transaction, ends);
    for (std::size_t i = 0; i < ends.size(); ++i)
        outcomes[i].job = ends[i].state;
    return outcomes;
}

std::vector<Outcome> ResultStore::store(std::span<const Completed> batch) {
    if (batch.empty())
        return {};
    try {
        return session_.impl().run(
            [&](Transaction& transaction) { return store_results(transaction, batch); });
    } catch (const base::DataError& error) {
        // The database can't take one of them: halve the batch until it stands alone.
        if (batch.size() > 1) {
            auto outcomes = store(batch.first(batch.size() / 2));
            auto rest = store(batch.subspan(batch.size() / 2));
            std::move(rest.begin(), rest.end(), std::back_inserter(outcomes));
            return outcomes;
        }
        const Completed& completed = batch.front();
        spdlog::error("{} of {}: the result can't be stored: {}",
                      completed.lease.key.entity.to_string(), completed.lease.key.wiki,
                      error.what());
        Outcome outcome;
        outcome.result = StoreState::rejected;
        outcome.reason = error.what();
        std::vector<JobEnd> ends{
            {&completed.lease, JobEnd::Kind::bury, {}, outcome.reason}};
        session_.impl().run([&](Transaction& transaction) { end_jobs(transaction, ends); });
        outcome.job = ends.front().state;
        return {outcome};
    }
}

std::optional<ResultRow> ResultStore::get(std::string_view wiki, const entity::EntityId& entity) {
    const auto rows = session_.impl().run([&](Transaction& transaction) {
        return transaction.exec(get_result, std::string(wiki), entity.to_string());
    });
    if (rows.empty())
        return std::nullopt;
    const auto& row = rows[0];
    ResultRow result;
    result.revision = row[0].as<std::uint64_t>();
    result.checked_at = row[1].as<std::string>();
    result.value = row[2].as<std::string>();
    result.duration_us = row[3].as<std::uint64_t>();
    result.engine = row[4].as<std::string>();
    for (std::size_t i = 0; i < result.counts.size(); ++i)
        result.counts[i] = row[static_cast<int>(5 + i)].as<std::uint32_t>();
    result.incomplete = read_texts(row[14]);
    return result;
}

std::vector<IncompleteRow> ResultStore::incomplete(std::string_view wiki, std::uint32_t limit,
                                                   const EntityKey* after) {
    return session_.impl().run([&](Transaction& transaction) {
        std::vector<IncompleteRow> found;
        for (const auto& row :
             transaction.exec(list_incomplete, after != nullptr ? after->wiki : std::string(),
                              after != nullptr ? after->entity.to_string() : std::string(),
                              std::string(wiki), limit)) {
            IncompleteRow result;
            result.key = read_key(row[0], row[1]);
            result.revision = row[2].as<std::uint64_t>();
            result.checked_at = row[3].as<std::string>();
            result.next_attempt = row[4].as<std::string>(std::string());
            result.reasons = read_texts(row[5]);
            found.push_back(std::move(result));
        }
        return found;
    });
}

std::uint64_t ResultStore::next_check() {
    return session_.impl().run([](Transaction& transaction) {
        return transaction.exec(next_check_number)[0][0].as<std::uint64_t>();
    });
}

} // namespace runner::store
