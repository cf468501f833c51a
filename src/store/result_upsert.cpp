// SPDX-License-Identifier: GPL-2.0-or-later
// The upsert of results: see result_upsert.hpp. Of two results the one of the newer revision
// stays, of two checks of one revision the one that began later, in whatever order they come.
#include "store/result_upsert.hpp"

#include "base/log.hpp"
#include "store/array.hpp"

#include <algorithm>

namespace runner::store {

namespace {

// A missing entity (tombstone 2) has no revision of its own: the newer check decides, and the
// revision last known stays, so that older checks are still told from newer ones.
constexpr Statement upsert_result{"upsert_result", R"(
INSERT INTO constraint_runner.entity_result AS r
    (wiki, entity, revision, check_number, checked_at, duration_us, tombstone, engine, incomplete,
     value, n_bad_parameters, n_violation, n_warning, n_suggestion, n_exception, n_compliance,
     n_deprecated, n_not_in_scope, n_todo, seen)
SELECT wiki, entity, revision, check_number, statement_timestamp(), duration_us, tombstone,
       engine, CASE WHEN incomplete IS NOT NULL
                    THEN ARRAY(SELECT json_array_elements_text(incomplete)) END,
       value, c1, c2, c3, c4, c5, c6, c7, c8, c9, seen
FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::smallint[],
            $7::text[], $8::json[], $9::json[], $10::integer[], $11::integer[], $12::integer[],
            $13::integer[], $14::integer[], $15::integer[], $16::integer[], $17::integer[],
            $18::integer[], $19::bigint[])
     AS n(wiki, entity, revision, check_number, duration_us, tombstone, engine, incomplete, value,
          c1, c2, c3, c4, c5, c6, c7, c8, c9, seen)
ON CONFLICT (wiki, entity) DO UPDATE SET
    revision = CASE WHEN excluded.tombstone = 2 THEN greatest(r.revision, excluded.revision)
                    ELSE excluded.revision END,
    check_number = excluded.check_number, checked_at = excluded.checked_at,
    duration_us = excluded.duration_us, tombstone = excluded.tombstone,
    engine = excluded.engine, incomplete = excluded.incomplete, value = excluded.value,
    n_bad_parameters = excluded.n_bad_parameters, n_violation = excluded.n_violation,
    n_warning = excluded.n_warning, n_suggestion = excluded.n_suggestion,
    n_exception = excluded.n_exception, n_compliance = excluded.n_compliance,
    n_deprecated = excluded.n_deprecated, n_not_in_scope = excluded.n_not_in_scope,
    n_todo = excluded.n_todo, seen = coalesce(excluded.seen, r.seen),
    seen_check = CASE WHEN r.seen <> excluded.seen THEN excluded.check_number
                      ELSE r.seen_check END
WHERE CASE WHEN excluded.tombstone = 2 THEN excluded.check_number > r.check_number
           ELSE (excluded.revision, excluded.check_number) > (r.revision, r.check_number) END
RETURNING wiki, entity, xmax = 0, revision, coalesce(seen_check = check_number, false))"};

void add_counts(std::array<IntegerArray, results::status_count>& columns,
                const results::StoredResult& result) {
    for (std::size_t i = 0; i < columns.size(); ++i)
        columns[i].add(result.deleted ? 0U : std::min(result.counts[i], 2'147'483'647U));
}

std::string json_array(const std::vector<std::string>& texts) {
    std::string json = "[";
    for (const std::string& text : texts) {
        json += json.size() == 1 ? "\"" : ",\"";
        base::append_json_escaped(json, text);
        json += '"';
    }
    return json += ']';
}

} // namespace

Candidate make_candidate(const Completed& completed, std::size_t position) {
    const auto& result = completed.result;
    Candidate candidate;
    candidate.completed = &completed;
    candidate.position = position;
    candidate.check = completed.check != 0 ? completed.check : completed.lease.token;
    candidate.revision = result.revision != 0 ? result.revision : completed.lease.revision;
    if (result.deleted)
        candidate.tombstone = result.revision != 0 ? 1 : 2;
    return candidate;
}

void upsert_results(Transaction& transaction, std::vector<Candidate*>& candidates) {
    if (candidates.empty())
        return;
    TextArray wikis, entities, engines;
    BigintArray revisions, checks, durations, seen;
    SmallintArray tombstones;
    JsonArray incompletes, values;
    std::array<IntegerArray, results::status_count> counts;
    std::vector<std::string> ids;
    ids.reserve(candidates.size());
    for (const Candidate* candidate : candidates) {
        const Completed& completed = *candidate->completed;
        const auto& result = completed.result;
        ids.push_back(completed.lease.key.entity.to_string());
        wikis.add(completed.lease.key.wiki);
        entities.add(ids.back());
        revisions.add(candidate->revision);
        checks.add(candidate->check);
        durations.add(result.duration_us);
        if (result.deleted || result.seen != 0)
            seen.add(result.deleted ? 0 : static_cast<std::int64_t>(result.seen));
        else
            seen.add_null();
        tombstones.add(candidate->tombstone);
        engines.add(result.engine);
        if (result.incomplete.empty() || result.deleted)
            incompletes.add_null();
        else
            incompletes.add(json_array(result.incomplete)); // arrays of one array are equally long
        if (result.deleted)
            values.add_null();
        else
            values.add(result.value);
        add_counts(counts, result);
    }
    const auto rows =
        transaction.exec(upsert_result, wikis, entities, revisions, checks, durations, tombstones,
                         engines, incompletes, values, counts[0], counts[1], counts[2], counts[3],
                         counts[4], counts[5], counts[6], counts[7], counts[8], seen);
    // rows come back in the order of the arrays, without those that the guard kept out
    std::size_t i = 0;
    for (const auto& row : rows) {
        const std::string_view wiki(row[0].c_str(), row[0].size());
        const std::string_view entity(row[1].c_str(), row[1].size());
        while (i < candidates.size() &&
               (candidates[i]->completed->lease.key.wiki != wiki || ids[i] != entity))
            ++i;
        if (i == candidates.size())
            throw base::Error(base::ExitCode::software, "upserted rows came in another order");
        candidates[i]->stored = true;
        candidates[i]->is_new = row[2].as<bool>();
        candidates[i]->revision = row[3].as<std::uint64_t>();
        candidates[i]->seen_differently = row[4].as<bool>();
    }
}

} // namespace runner::store
