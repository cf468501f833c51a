// SPDX-License-Identifier: GPL-2.0-or-later
// See result_store.hpp.
#include "store/results/result_store.hpp"

#include "base/log_fields.hpp"
#include "store/common/libpqxx.hpp"
#include "store/common/session_impl.hpp"
#include "store/jobs/job_ends.hpp"
#include "store/jobs/job_upsert.hpp"
#include "store/results/change_upsert.hpp"
#include "store/results/class_rows.hpp"
#include "store/results/entity_classes.hpp"
#include "store/results/known_rows.hpp"
#include "store/results/pair_store.hpp"
#include "store/results/redirects.hpp"
#include "store/results/result_batch.hpp"
#include "store/results/result_upsert.hpp"
#include "store/results/settings_guard.hpp"
#include "store/results/value_upsert.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <deque>
#include <iterator>
#include <set>
#include <utility>

namespace runner::store {

namespace {

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

constexpr std::uint32_t max_rechecks = 16; // some ten minutes; then only a change queues it again
constexpr std::uint32_t redirect_rechecks = 2;  // of one that is missing while its target is there
constexpr std::uint32_t announced_rechecks = 8; // of a restored or missing page; over a minute
constexpr std::chrono::milliseconds first_recheck{250};
constexpr std::chrono::milliseconds last_recheck{60'000};
constexpr std::chrono::milliseconds confirm_delay{2'000};   // a source that lags catches up
constexpr std::chrono::milliseconds believed_delay{20'000}; // then ask again

std::chrono::milliseconds recheck_delay(std::uint32_t rechecks) {
    return std::min(last_recheck, first_recheck * (1U << std::min(rechecks, 16U)));
}

/// One page's results: the entity's first, then those of forms and senses.
struct Page {
    const Completed* completed = nullptr;
    std::size_t position = 0; ///< in the batch
    Candidate entity;
    std::vector<Candidate> parts;
    Order order = Order::outdated;
    bool lower = false;          ///< stored although its revision is below the one before
    bool doubtful = false;       ///< a redirect that is missing while its target is there
    bool other_settings = false; ///< than the store has of the wiki: it is not stored

    template <typename Call>
    void for_each(const Call& call) {
        call(entity);
        for (Candidate& part : parts)
            call(part);
    }
};

Candidate candidate_of(const Page& page, const results::StoredResult& result, EntityKey key) {
    Candidate candidate;
    candidate.completed = page.completed;
    candidate.result = &result;
    candidate.key = std::move(key);
    candidate.position = page.position;
    candidate.check =
        page.completed->check != 0 ? page.completed->check : page.completed->lease.token;
    candidate.revision = result.revision != 0 ? result.revision : page.completed->lease.revision;
    return candidate;
}

bool has_parts(const entity::EntityId& id) noexcept {
    return id.type == entity::EntityType::lexeme;
}

/// The batch's pages, sorted; only the last check of each.
std::vector<Page> pages_of(std::span<const Completed> batch) {
    std::vector<Page> pages;
    pages.reserve(batch.size());
    for (std::size_t i = 0; i < batch.size(); ++i) {
        Page page;
        page.completed = &batch[i];
        page.position = i;
        page.entity = candidate_of(page, batch[i].result, batch[i].lease.key);
        for (const results::StoredResult& part : batch[i].parts)
            page.parts.push_back(candidate_of(page, part, {batch[i].lease.key.wiki, part.entity}));
        pages.push_back(std::move(page));
    }
    std::stable_sort(pages.begin(), pages.end(), [](const Page& a, const Page& b) {
        const auto rank = [](const Page& page) {
            const bool files = page.completed->basis == Basis::files;
            return std::pair(files ? page.entity.revision : 0, page.entity.check);
        };
        if (a.entity.key != b.entity.key)
            return a.entity.key < b.entity.key;
        return rank(a) > rank(b);
    });
    pages.erase(
        std::unique(pages.begin(), pages.end(),
                    [](const Page& a, const Page& b) { return a.entity.key == b.entity.key; }),
        pages.end());
    return pages;
}

// the keys of an entity's forms and senses lie between "L1-" and "L1."
constexpr Statement list_parts{"list_parts", R"(
SELECT k.n - 1, r.entity
FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS k(wiki, entity, n)
CROSS JOIN LATERAL (SELECT entity FROM constraint_runner.entity_result
                    WHERE wiki = k.wiki AND entity > k.entity || '-' AND entity < k.entity || '.'
                      AND tombstone = 0 OFFSET 0) r)"};

/// Removes stored forms and senses that the page no longer has.
void add_removed_parts(Transaction& transaction, std::vector<Page>& pages,
                       std::deque<results::StoredResult>& removed) {
    std::vector<Page*> asked;
    TextArray wikis, entities;
    for (Page& page : pages) {
        if (!has_parts(page.entity.key.entity))
            continue;
        asked.push_back(&page);
        wikis.add(page.entity.key.wiki);
        entities.add(page.entity.key.entity.to_string());
    }
    if (asked.empty())
        return;
    for (const auto& row : transaction.exec(list_parts, wikis, entities)) {
        Page& page = *asked.at(row[0].as<std::size_t>());
        const auto id = entity::EntityId::parse(row[1].as<std::string>());
        const auto is = [&](const Candidate& part) { return part.key.entity == *id; };
        if (!id || std::any_of(page.parts.begin(), page.parts.end(), is))
            continue;
        results::StoredResult& gone = removed.emplace_back();
        gone.entity = *id;
        gone.revision = page.completed->result.revision;
        gone.deleted = true;
        page.parts.push_back(candidate_of(page, gone, {page.entity.key.wiki, *id}));
    }
}

/// Dependencies whose stored state differs from what the check saw.
std::vector<entity::EntityId> differing(const Candidate& candidate, const KnownRows& known) {
    std::vector<entity::EntityId> ids;
    if (candidate.result->deleted)
        return ids;
    for (const results::Dependency& dependency : candidate.result->dependencies) {
        if (!candidate.completed->compares(dependency.id))
            continue;
        const auto at = known.find({candidate.key.wiki, dependency.id});
        if (at == known.end() || dependency.id == candidate.key.entity)
            continue;
        const Known& row = at->second;
        const bool differs = dependency.seen && row.seen
                                 ? dependency.seen != seen_as(*dependency.seen, row)
                                 : row.revision > dependency.revision;
        if (differs)
            ids.push_back(dependency.id);
    }
    return ids;
}

/// Pages that the check saw redirect, unknown to the store.
void add_unknown_redirects(const Candidate& candidate, const KnownRows& known,
                           std::set<EntityKey>& unknown) {
    if (candidate.result->deleted || candidate.completed->basis == Basis::files)
        return;
    for (const results::Dependency& dependency : candidate.result->dependencies)
        if (dependency.redirect && !known.contains({candidate.key.wiki, dependency.id}))
            unknown.insert({candidate.key.wiki, dependency.id});
}

/// Stores the entity_result rows of the pages that win; looks again if another transaction stored
/// one meanwhile.
void store_rows(Transaction& transaction, std::vector<Page*> pages, KnownRows& known) {
    constexpr int most_looks = 10; // never that many concurrent writers
    for (int look = 1; !pages.empty() && look <= most_looks; ++look) {
        std::set<EntityKey> keys;
        for (Page* page : pages)
            page->for_each([&](const Candidate& each) {
                keys.insert(each.key);
                if (look == 1 && !each.result->deleted)
                    for (const results::Dependency& dependency : each.result->dependencies)
                        if (page->completed->compares(dependency.id))
                            keys.insert({each.key.wiki, dependency.id});
            });
        KnownRows rows = read_known(transaction, keys);
        std::vector<Candidate*> candidates;
        for (Page* page : pages) {
            page->for_each([&](Candidate& each) {
                if (each.stored) // in an earlier look: the row is its own
                    return;
                const auto at = rows.find(each.key);
                each.known = at != rows.end() ? at->second : Known{};
            });
            const Candidate& entity = page->entity;
            page->order = order_of(entity.known,
                                   {page->completed->basis, !entity.result->deleted,
                                    entity.revision, entity.check, page->completed->lease.confirm});
            page->lower = page->completed->basis == Basis::answer && !entity.result->deleted &&
                          entity.known.found && entity.revision < entity.known.revision;
            if (page->order == Order::store)
                page->for_each([&](Candidate& each) {
                    if (!each.stored)
                        candidates.push_back(&each);
                });
        }
        if (look == 1)
            known = std::move(rows);
        std::sort(candidates.begin(), candidates.end(),
                  [](const Candidate* a, const Candidate* b) { return a->key < b->key; });
        upsert_results(transaction, candidates);
        std::erase_if(pages, [](Page* page) {
            bool stored = true;
            page->for_each([&](const Candidate& each) { stored = stored && each.stored; });
            return page->order != Order::store || stored;
        });
    }
    for (Page* page : pages)
        page->order = Order::ask;
}

/// Stores the pages with all their rows.
std::vector<Page> store_pages(Transaction& transaction, std::span<const Completed> batch,
                              std::vector<Outcome>& outcomes) {
    std::vector<Page> pages = pages_of(batch);
    std::deque<results::StoredResult> removed;
    add_removed_parts(transaction, pages, removed);
    const SettingsGuard guard(transaction, batch);
    std::vector<Page*> all;
    for (Page& page : pages) {
        page.other_settings = !guard.allows(*page.completed);
        if (!page.other_settings)
            all.push_back(&page);
    }
    KnownRows known;
    store_rows(transaction, std::move(all), known);
    std::vector<Candidate*> candidates;
    for (Page& page : pages)
        page.for_each([&](Candidate& each) { candidates.push_back(&each); });
    std::sort(candidates.begin(), candidates.end(),
              [](const Candidate* a, const Candidate* b) { return a->key < b->key; });
    std::erase_if(candidates, [](const Candidate* candidate) { return !candidate->stored; });
    if (candidates.empty())
        return pages;

    const auto changes = update_violations(transaction, candidates);
    update_dependencies(transaction, candidates);
    update_classes(transaction, candidates);
    update_values(transaction, candidates);
    update_violation_classes(transaction, candidates);
    update_checked_classes(transaction, candidates);
    RedirectDoubts doubts = update_redirects(transaction, candidates);
    for (Page& page : pages)
        page.doubtful = doubts.redirects.contains(page.entity.key);
    std::set<EntityKey> changed = std::move(doubts.targets), linked, wanted;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        const Candidate& candidate = *candidates[i];
        Outcome& outcome = outcomes[candidate.position];
        outcome.appeared += changes[i].appeared;
        outcome.disappeared += changes[i].disappeared;
        const auto seen = seen_of(*candidate.result);
        if (!seen)
            continue;
        if (candidate.known.seen != seen) // also for a first result: others may depend on it
            changed.insert(candidate.key);
        else if (candidate.known.seen_linked != candidate.result->seen_linked)
            linked.insert(candidate.key);
        Known& row = known[candidate.key]; // what is stored together is compared with itself
        row.seen = seen;
        row.seen_linked = candidate.result->seen_linked;
    }
    const ClassDifferences classes(transaction, candidates);
    for (const Candidate* candidate : candidates) {
        add_unknown_redirects(*candidate, known, wanted);
        auto ids = differing(*candidate, known);
        const auto passed = classes.of(*candidate);
        auto& all_classes = outcomes[candidate->position].differing_classes;
        all_classes.insert(all_classes.end(), passed.begin(), passed.end());
        for (const entity::EntityId& id : ids)
            wanted.insert({candidate->key.wiki, id.page()});
        auto& others = outcomes[candidate->position].differing;
        std::move(ids.begin(), ids.end(), std::back_inserter(others));
    }
    note_changes(transaction, changed, wanted);
    note_changes(transaction, linked, ChangeKind::linked_property);
    return pages;
}

/// An edit was announced, but the page is missing. Deletions have their own jobs: a replica lags,
/// or the target of a redirect is missing.
bool missing_unannounced(const Completed& completed) noexcept {
    const results::StoredResult& result = completed.result;
    return result.deleted && result.seen == results::seen_missing &&
           completed.basis == Basis::answer && completed.lease.revision != 0 &&
           !completed.lease.asks;
}

/// The fate of a page's job.
JobEnd end_of(const Page& page, const Outcome& outcome, std::string& reason) {
    const Completed& completed = *page.completed;
    const results::StoredResult& result = completed.result;
    JobEnd end;
    end.lease = &completed.lease;
    end.revision = result.revision;
    if (page.other_settings) {
        end.kind = JobEnd::Kind::defer;
        end.delay = recheck_delay(completed.lease.deferrals);
        return end;
    }
    if (page.order == Order::ask) {
        end.kind = JobEnd::Kind::ask;
        return end;
    }
    if (page.order == Order::confirm) {
        end.kind = JobEnd::Kind::confirm;
        end.delay = confirm_delay;
        return end;
    }
    std::string incomplete;
    for (const results::StoredResult& each : completed.parts)
        if (incomplete.empty() && !each.incomplete.empty())
            incomplete = each.entity.to_string() + ": " + incomplete_reason(each);
    if (!result.incomplete.empty() && !result.deleted)
        incomplete = incomplete_reason(result);
    // Do not wait for a revision stored before. An announced one arrives when replicas catch up, or
    // never if its job was late and the page was restored without it.
    const Known& known = page.entity.known;
    const bool behind =
        result.revision != 0 && result.revision < completed.lease.revision &&
        (completed.basis == Basis::files || known.newest < completed.lease.revision);
    const bool may_be_gone = completed.basis != Basis::files && known.ask_always;
    if (!incomplete.empty() || (behind && !may_be_gone)) {
        reason = !incomplete.empty() ? incomplete
                                     : "revision " + std::to_string(completed.lease.revision) +
                                           " can't be had: the newest to be found is " +
                                           std::to_string(result.revision);
        end.reason = reason;
        end.kind = completed.retry.dead ? JobEnd::Kind::bury : JobEnd::Kind::delay;
        end.delay = completed.retry.delay;
    } else if (outcome.differs() && completed.lease.rechecks < max_rechecks) {
        end.kind = JobEnd::Kind::recheck;
        end.delay = recheck_delay(completed.lease.rechecks);
    } else if ((behind || missing_unannounced(completed)) &&
               completed.lease.rechecks < announced_rechecks) {
        end.kind = JobEnd::Kind::recheck;
        end.delay = recheck_delay(completed.lease.rechecks);
    } else if (page.lower) {
        end.kind = JobEnd::Kind::recheck;
        end.delay = believed_delay;
    } else if (page.doubtful && completed.lease.rechecks < redirect_rechecks) {
        end.kind = JobEnd::Kind::recheck;
        end.delay = recheck_delay(completed.lease.rechecks);
    }
    return end;
}

} // namespace

std::vector<Outcome> store_results(Transaction& transaction, std::span<const Completed> batch) {
    std::vector<Outcome> outcomes(batch.size());
    for (Outcome& outcome : outcomes)
        outcome.result = StoreState::outdated;
    const std::vector<Page> pages = store_pages(transaction, batch, outcomes);

    std::vector<std::string> reasons(batch.size());
    std::vector<JobEnd> ends;
    for (const Completed& completed : batch) // outdated by another one in the batch
        ends.push_back({&completed.lease, JobEnd::Kind::ask});
    std::set<EntityKey> again; // without a job that could come back
    for (const Page& page : pages) {
        Outcome& outcome = outcomes[page.position];
        switch (page.order) {
        case Order::store: outcome.result = StoreState::stored; break;
        case Order::outdated: outcome.result = StoreState::outdated; break;
        case Order::ask:
        case Order::confirm: outcome.result = StoreState::unsure; break;
        }
        if (page.other_settings)
            outcome.result = StoreState::other_settings;
        ends[page.position] = end_of(page, outcome, reasons[page.position]);
        if (page.completed->lease.token == 0 &&
            (outcome.differs() || page.other_settings ||
             (page.order == Order::ask && page.entity.revision > page.entity.known.revision)))
            again.insert(page.entity.key);
    }
    note_changes(transaction, {}, again);
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
        // The database rejects one: halve the batch until it is alone.
        if (batch.size() > 1) {
            auto outcomes = store(batch.first(batch.size() / 2));
            auto rest = store(batch.subspan(batch.size() / 2));
            std::move(rest.begin(), rest.end(), std::back_inserter(outcomes));
            return outcomes;
        }
        const Completed& completed = batch.front();
        const base::LogFields fields{{"wiki", completed.lease.key.wiki},
                                     {"entity", completed.lease.key.entity.to_string()}};
        spdlog::error("{} of {}: the result can't be stored: {}",
                      completed.lease.key.entity.to_string(), completed.lease.key.wiki,
                      error.what());
        Outcome outcome;
        outcome.result = StoreState::rejected;
        outcome.reason = error.what();
        std::vector<JobEnd> ends{{&completed.lease, JobEnd::Kind::bury, {}, outcome.reason}};
        session_.impl().run([&](Transaction& transaction) { end_jobs(transaction, ends); });
        outcome.job = ends.front().state;
        return {outcome};
    }
}

std::uint64_t ResultStore::next_check() {
    return session_.impl().run([](Transaction& transaction) {
        return transaction.exec(next_check_number)[0][0].as<std::uint64_t>();
    });
}

} // namespace runner::store
