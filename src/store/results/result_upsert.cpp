// SPDX-License-Identifier: GPL-2.0-or-later
// See result_upsert.hpp. order_of() has decided what may be stored; here transactions that decided
// concurrently are distinguished.
#include "store/results/result_upsert.hpp"

#include "base/log.hpp"
#include "store/common/array.hpp"
#include "store/results/row_digests.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace runner::store {

namespace {

// A runner whose clock is behind calls a time future that has come: without the pause its result
// would be due as soon as it is stored, again and again.
#define RUNNER_CHANGES_AT                                                                          \
    "CASE WHEN n.changes_at IS NOT NULL "                                                          \
    "THEN greatest(to_timestamp(n.changes_at), statement_timestamp() + interval '5 s') END"

constexpr Statement insert_results{"insert_results", R"(
INSERT INTO constraint_runner.entity_result
    (wiki, entity, revision, newest_revision, check_number, asked_check, ask_always, checked_at,
     duration_us, tombstone, engine, incomplete, value, n_bad_parameters, n_violation, n_warning,
     n_suggestion, n_exception, n_compliance, n_deprecated, n_not_in_scope, n_todo, seen, seen_linked,
     own, changes_at, pairs_digest, links_digest, wbqc)
SELECT wiki, entity, revision, newest, check_number, asked, ask_always, statement_timestamp(),
       duration_us, tombstone, engine,
       CASE WHEN incomplete IS NOT NULL THEN ARRAY(SELECT json_array_elements_text(incomplete)) END,
       value, c1, c2, c3, c4, c5, c6, c7, c8, c9, seen, seen_linked, own,
       )" RUNNER_CHANGES_AT R"(, pairs, links, wbqc
FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::smallint[],
            $7::text[], $8::json[], $9::json[], $10::integer[], $11::integer[], $12::integer[],
            $13::integer[], $14::integer[], $15::integer[], $16::integer[], $17::integer[],
            $18::integer[], $19::bigint[], $20::bigint[], $21::bigint[], $22::boolean[], $23::bigint[],
            $24::json[], $25::bigint[], $26::bigint[], $27::bigint[], $28::text[])
     AS n(wiki, entity, revision, check_number, duration_us, tombstone, engine, incomplete, value,
          c1, c2, c3, c4, c5, c6, c7, c8, c9, seen, newest, asked, ask_always, seen_linked, own,
          changes_at, pairs, links, wbqc)
ON CONFLICT DO NOTHING
RETURNING wiki, entity)"};

// another transaction that stored the entity since this one looked has left another number
constexpr Statement update_results{"update_results", R"(
UPDATE constraint_runner.entity_result r SET
    revision = n.revision, newest_revision = n.newest, check_number = n.check_number,
    asked_check = n.asked, ask_always = n.ask_always, checked_at = statement_timestamp(),
    duration_us = n.duration_us, tombstone = n.tombstone, engine = n.engine,
    incomplete = CASE WHEN n.incomplete IS NOT NULL
                      THEN ARRAY(SELECT json_array_elements_text(n.incomplete)) END,
    value = n.value, n_bad_parameters = c1, n_violation = c2, n_warning = c3, n_suggestion = c4,
    n_exception = c5, n_compliance = c6, n_deprecated = c7, n_not_in_scope = c8, n_todo = c9,
    seen = coalesce(n.seen, r.seen),
    seen_linked = CASE WHEN n.seen IS NULL THEN r.seen_linked ELSE n.seen_linked END,
    own = n.own, changes_at = )" RUNNER_CHANGES_AT R"(,
    pairs_digest = n.pairs, links_digest = n.links, wbqc = n.wbqc
FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::smallint[],
            $7::text[], $8::json[], $9::json[], $10::integer[], $11::integer[], $12::integer[],
            $13::integer[], $14::integer[], $15::integer[], $16::integer[], $17::integer[],
            $18::integer[], $19::bigint[], $20::bigint[], $21::bigint[], $22::boolean[],
            $23::bigint[], $24::json[], $25::bigint[], $26::bigint[], $27::bigint[],
            $28::text[], $29::bigint[])
     AS n(wiki, entity, revision, check_number, duration_us, tombstone, engine, incomplete, value,
          c1, c2, c3, c4, c5, c6, c7, c8, c9, seen, newest, asked, ask_always, seen_linked, own,
          changes_at, pairs, links, wbqc, expected)
WHERE r.wiki = n.wiki AND r.entity = n.entity AND r.check_number = n.expected
RETURNING r.wiki, r.entity)"};

std::string json_array(const std::vector<std::string>& texts) {
    std::string json = "[";
    for (const std::string& text : texts) {
        json += json.size() == 1 ? "\"" : ",\"";
        base::append_json_escaped(json, text);
        json += '"';
    }
    return json += ']';
}

struct Columns {
    void add(Candidate& candidate) {
        const results::StoredResult& result = *candidate.result;
        const Known& known = candidate.known;
        const Completed& completed = *candidate.completed;
        const bool answer = completed.basis == Basis::answer;
        // a deleted entity keeps its last known revision
        if (result.deleted)
            candidate.revision = std::max(candidate.revision, known.revision);
        const std::string id = candidate.key.entity.to_string();
        places.emplace(std::pair(candidate.key.wiki, id), &candidate);
        wikis.add(candidate.key.wiki);
        entities.add(id);
        revisions.add(candidate.revision);
        newest.add(std::max(candidate.revision, known.newest));
        checks.add(candidate.check);
        asked.add(answer ? candidate.check : known.asked);
        ask_always.add(known.ask_always || (answer && (result.deleted || completed.lease.asks)));
        durations.add(result.duration_us);
        tombstones.add(result.deleted ? 1 : 0);
        engines.add(result.engine);
        if (result.wbqc.empty() || result.deleted)
            versions.add_null();
        else
            versions.add(result.wbqc);
        expected.add(known.check);
        if (const auto hash = seen_of(result))
            seen.add(static_cast<std::int64_t>(*hash));
        else
            seen.add_null();
        if (result.seen_linked && !result.deleted)
            seen_linked.add(static_cast<std::int64_t>(*result.seen_linked));
        else
            seen_linked.add_null();
        if (result.incomplete.empty() || result.deleted)
            incompletes.add_null();
        else
            incompletes.add(json_array(result.incomplete)); // arrays of one array are equally long
        if (result.deleted)
            values.add_null();
        else
            values.add(result.value);
        if (result.own.empty() || result.deleted)
            owns.add_null();
        else
            owns.add(result.own);
        if (result.changes_at && !result.deleted)
            changes_at.add(*result.changes_at);
        else
            changes_at.add_null();
        add_digests(candidate);
        for (std::size_t i = 0; i < counts.size(); ++i)
            counts[i].add(result.deleted ? 0U : std::min(result.counts[i], 2'147'483'647U));
    }

    /// An answer of the wiki also fixes rows that were changed by hand.
    void add_digests(Candidate& candidate) {
        candidate.same_pairs = candidate.same_links = false;
        if (candidate.result->deleted) {
            pairs.add_null();
            links.add_null();
            return;
        }
        const RowDigests digests = digests_of(*candidate.result, candidate.key.entity);
        pairs.add(digests.pairs);
        links.add(digests.links);
        if (candidate.completed->lease.asks)
            return;
        candidate.same_pairs = candidate.known.pairs_digest == digests.pairs;
        candidate.same_links = candidate.known.links_digest == digests.links;
    }

    template <typename... More>
    void write(Transaction& transaction, const Statement& statement, More&... more) {
        if (wikis.empty())
            return;
        const auto rows = transaction.exec(
            statement, wikis, entities, revisions, checks, durations, tombstones, engines,
            incompletes, values, counts[0], counts[1], counts[2], counts[3], counts[4], counts[5],
            counts[6], counts[7], counts[8], seen, newest, asked, ask_always, seen_linked, owns,
            changes_at, pairs, links, versions, more...);
        for (const auto& row : rows)
            places.at({row[0].template as<std::string>(), row[1].template as<std::string>()})
                ->stored = true;
    }

    TextArray wikis, entities, engines, versions;
    BigintArray revisions, newest, checks, asked, durations, seen, seen_linked, changes_at, pairs,
        links, expected;
    SmallintArray tombstones;
    BooleanArray ask_always;
    JsonArray incompletes, values, owns;
    std::array<IntegerArray, results::status_count> counts;
    std::map<std::pair<std::string, std::string>, Candidate*> places;
};

} // namespace

void upsert_results(Transaction& transaction, std::vector<Candidate*>& candidates) {
    Columns fresh, present;
    for (Candidate* candidate : candidates) {
        candidate->is_new = !candidate->known.present;
        (candidate->is_new ? fresh : present).add(*candidate);
    }
    fresh.write(transaction, insert_results);
    present.write(transaction, update_results, present.expected);
}

} // namespace runner::store
