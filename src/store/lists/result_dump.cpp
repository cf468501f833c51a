// SPDX-License-Identifier: GPL-2.0-or-later
// The connections are libpqxx's without its transactions, which could not take a snapshot of
// another; everything is read through cursors, so that a page is all that is in memory.
#include "store/lists/result_dump.hpp"

#include "results/sentence.hpp"
#include "store/common/libpqxx.hpp"
#include "store/common/session_impl.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

namespace runner::store {

namespace {

namespace json = boost::json;

constexpr int page_rows = 5'000;
constexpr std::size_t page_results = 200; // values of large entities are megabytes
constexpr std::string_view pair_columns =
    "SELECT v.entity, v.statement, v.constraint_id, v.property, v.type, v.status, v.message_key, "
    "v.own, v.fix, v.own_status, ";
constexpr std::string_view from_pairs = "0, '' FROM constraint_runner.violation v";
// each pair asks for its entity's row by the key: rows of one entity follow each other
constexpr std::string_view from_pairs_with_checks =
    "coalesce(r.revision, 0), "
    "coalesce(to_char(r.checked_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), '') "
    "FROM constraint_runner.violation v LEFT JOIN LATERAL (SELECT e.revision, e.checked_at "
    "FROM constraint_runner.entity_result e WHERE e.wiki = v.wiki AND e.entity = v.entity "
    "OFFSET 0) AS r ON true";

/// Errors of libpqxx become ours.
template <typename Body>
auto guarded(Body&& body) {
    try {
        return body();
    } catch (const base::Error&) {
        throw;
    } catch (...) {
        raise(diagnose(std::current_exception()));
    }
}

/// A connection in a transaction that only reads.
struct Reader {
    explicit Reader(DatabaseOptions options) {
        options.statement_timeout = {};
        guarded([&] {
            connection = make_connection(options, notices);
            work = std::make_unique<pqxx::nontransaction>(*connection);
            exec("SET idle_in_transaction_session_timeout = 0; SET cursor_tuple_fraction = 1.0");
        });
    }

    pqxx::result exec(const std::string& sql) { return work->exec(sql); }
    [[nodiscard]] std::string quote(std::string_view text) const {
        return work->quote(std::string(text));
    }

    /// Calls `each(result)` for pages of what `select` gives.
    template <typename Each>
    void scan(const std::string& select, int rows, Each each) {
        guarded([&] { exec("DECLARE dump NO SCROLL CURSOR FOR " + select); });
        const std::string fetch = "FETCH FORWARD " + std::to_string(rows) + " FROM dump";
        for (;;) {
            const pqxx::result page = guarded([&] { return exec(fetch); });
            if (page.empty())
                break;
            each(page);
        }
        guarded([&] { exec("CLOSE dump"); });
    }

    [[nodiscard]] std::string where(std::string_view alias, std::string_view wiki,
                                    const EntityRange& range) const {
        const std::string column = std::string(alias) + ".entity";
        std::string text = " WHERE " + std::string(alias) + ".wiki = " + quote(wiki);
        if (!range.from.empty())
            text += " AND " + column + " >= " + quote(range.from);
        if (!range.to.empty())
            text += " AND " + column + " < " + quote(range.to);
        return text;
    }

    [[nodiscard]] std::string event_condition(const Since& since) const {
        const std::string of_results = " AND e.import IS NULL";
        return of_results +
               (since.transaction
                    ? " AND e.transaction >= '" + std::to_string(*since.transaction) + "'::xid8"
                    : " AND e.created_at >= " + quote(since.time) + "::timestamptz");
    }

    Notices notices;
    std::unique_ptr<pqxx::connection> connection;
    std::unique_ptr<pqxx::nontransaction> work;
};

std::string_view text_of(const pqxx::field& field) { return {field.c_str(), field.size()}; }

} // namespace

struct DumpSnapshot::Impl {
    explicit Impl(const DatabaseOptions& options) : reader(options) {
        guarded([&] {
            reader.exec("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
            const auto row =
                reader.exec("SELECT pg_export_snapshot(), pg_snapshot_xmin(pg_current_snapshot()), "
                            "to_char(now(), 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')")[0];
            name = row[0].as<std::string>();
            position.transaction = row[1].as<std::uint64_t>();
            taken_at = row[2].as<std::string>();
            const auto last =
                reader.exec("SELECT id FROM constraint_runner.event e WHERE e.transaction < '" +
                            std::to_string(position.transaction) +
                            "'::xid8 ORDER BY e.transaction DESC, e.id DESC LIMIT 1");
            if (!last.empty())
                position.last_id = last[0][0].as<std::uint64_t>();
        });
    }

    Reader reader;
    std::string name;
    std::string taken_at;
    EventPosition position;
};

DumpSnapshot::DumpSnapshot(const DatabaseOptions& options)
    : impl_(std::make_unique<Impl>(options)) {}
DumpSnapshot::~DumpSnapshot() = default;

const std::string& DumpSnapshot::name() const noexcept { return impl_->name; }
const EventPosition& DumpSnapshot::position() const noexcept { return impl_->position; }
const std::string& DumpSnapshot::taken_at() const noexcept { return impl_->taken_at; }

void DumpSnapshot::require_events(const Since& since) {
    guarded([&] {
        const std::string transaction =
            "'" + std::to_string(since.transaction.value_or(0)) + "'::xid8";
        const auto row = impl_->reader.exec(
            "SELECT " +
            (since.transaction
                 ? "transaction >= " + transaction
                 : "created_at >= " + impl_->reader.quote(since.time) + "::timestamptz") +
            ", " + transaction +
            " > pg_snapshot_xmax(pg_current_snapshot()), "
            "to_char(created_at, 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') "
            "FROM constraint_runner.event_horizon")[0];
        if (row[1].as<bool>())
            throw base::DataError("--since: the position is ahead of this database, so it belongs "
                                  "to another one: make a full dump");
        if (row[0].as<bool>())
            throw base::DataError("--since: the events up to " + row[2].as<std::string>() +
                                  " have expired (events.keep): make a full dump");
    });
}

std::vector<EntityRange> DumpSnapshot::split(std::string_view wiki, std::size_t count) {
    std::vector<std::string> sample;
    guarded([&] {
        // some hundred for each range
        const auto pages = impl_->reader
                               .exec("SELECT pg_relation_size('constraint_runner.entity_result') "
                                     "/ 8192")[0][0]
                               .as<double>();
        const double share =
            std::min(100.0, 100.0 * 64.0 * static_cast<double>(count) / std::max(pages, 1.0));
        for (const auto& row :
             impl_->reader.exec("SELECT entity FROM constraint_runner.entity_result "
                                "TABLESAMPLE SYSTEM (" +
                                std::to_string(share) + ") REPEATABLE (1) WHERE wiki = " +
                                impl_->reader.quote(wiki) + " AND tombstone = 0 ORDER BY entity"))
            sample.push_back(row[0].as<std::string>());
    });
    std::vector<EntityRange> ranges(1);
    for (std::size_t i = 1; i < count && !sample.empty(); ++i) {
        const std::string& cut = sample[i * sample.size() / count];
        if (cut <= ranges.back().from)
            continue;
        ranges.back().to = cut;
        ranges.push_back({cut, {}});
    }
    return ranges;
}

struct DumpScan::Impl {
    Impl(const DatabaseOptions& options, const std::string& snapshot) : reader(options) {
        guarded([&] {
            reader.exec("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
            reader.exec("SET TRANSACTION SNAPSHOT " + reader.quote(snapshot));
        });
    }
    /// Of these entities, by entity.
    void read_sentences(std::string_view wiki, std::span<const std::string> entities,
                        std::map<std::string, results::Sentences, std::less<>>& into);
    /// Completes what was added to an entity.
    void complete(std::string_view wiki, const std::string& entity, bool with_sentences,
                  std::vector<PairChange>& changes);
    /// Whether a pair has the row's constraint with its type.
    [[nodiscard]] bool has_type(std::string_view wiki, const results::ViolationRow& row);

    Reader reader;
    std::map<std::pair<std::string, std::string>, bool> types; ///< what has_type() found
    pqxx::result found;                                        ///< what complete() found last
    std::map<std::string, results::Sentences, std::less<>> sentences; ///< of the rows handed on
};

DumpScan::DumpScan(const DatabaseOptions& options, const std::string& snapshot)
    : impl_(std::make_unique<Impl>(options, snapshot)) {}
DumpScan::~DumpScan() = default;

namespace {

/// Of a row of pair_columns.
results::ViolationRow pair_row(const pqxx::row& row) {
    return {text_of(row[0]),
            text_of(row[1]),
            text_of(row[2]),
            row[3].as<std::uint32_t>(),
            text_of(row[4]),
            results::status_from(row[5].c_str()).value_or(results::Status::violation),
            text_of(row[6]),
            row[10].as<std::uint64_t>(),
            text_of(row[11]),
            {},
            row[7].as<bool>(),
            text_of(row[8]),
            text_of(row[9])};
}

void add_sentence(results::ViolationRow& row,
                  const std::map<std::string, results::Sentences, std::less<>>& sentences) {
    const auto of_entity = sentences.find(row.entity);
    row.sentence = of_entity == sentences.end()
                       ? row.message_key
                       : results::sentence_or_key(of_entity->second, row.statement, row.constraint,
                                                  row.message_key);
}

} // namespace

void DumpScan::Impl::read_sentences(std::string_view wiki, std::span<const std::string> entities,
                                    std::map<std::string, results::Sentences, std::less<>>& into) {
    into.clear();
    for (std::size_t from = 0; from < entities.size(); from += page_results) {
        std::string list;
        for (std::size_t i = from; i < std::min(from + page_results, entities.size()); ++i)
            list += (list.empty() ? "" : ",") + reader.quote(entities[i]);
        const pqxx::result rows = guarded([&] {
            return reader.exec("SELECT entity, value, own FROM constraint_runner.entity_result "
                               "WHERE wiki = " +
                               reader.quote(wiki) +
                               " AND tombstone = 0 AND "
                               "entity IN (" +
                               list + ")");
        });
        for (const auto& row : rows)
            into.emplace(text_of(row[0]),
                         results::sentences_if_any(text_of(row[1]), {}, text_of(row[2])));
    }
}

void DumpScan::violations(std::string_view wiki, const EntityRange& range, PairParts parts,
                          const std::function<void(std::span<const results::ViolationRow>)>& page) {
    std::vector<results::ViolationRow> rows;
    std::vector<std::string> entities;
    impl_->reader.scan(
        std::string(pair_columns).append(parts.checks ? from_pairs_with_checks : from_pairs) +
            impl_->reader.where("v", wiki, range) +
            " ORDER BY v.wiki, v.entity, v.statement, v.constraint_id",
        page_rows, [&](const pqxx::result& found) {
            rows.clear();
            entities.clear();
            for (const auto& row : found) {
                rows.push_back(pair_row(row));
                if (parts.sentences && (entities.empty() || entities.back() != rows.back().entity))
                    entities.emplace_back(rows.back().entity);
            }
            if (parts.sentences) {
                impl_->read_sentences(wiki, entities, impl_->sentences);
                for (results::ViolationRow& row : rows)
                    add_sentence(row, impl_->sentences);
            }
            page(rows);
        });
}

void DumpScan::results(std::string_view wiki, const EntityRange& range, const Since* since,
                       const std::function<void(std::span<const results::ResultLine>)>& page) {
    std::vector<results::ResultLine> lines;
    std::vector<std::vector<std::string>> reasons;
    std::string select =
        "SELECT r.entity, r.revision, to_char(r.checked_at, "
        "'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'), r.engine, r.incomplete, r.value, "
        "r.n_bad_parameters, r.n_violation, r.n_warning, r.n_suggestion, r.n_exception, "
        "r.n_compliance, r.n_deprecated, r.n_not_in_scope, r.n_todo, r.own, r.wbqc "
        "FROM constraint_runner.entity_result r" +
        impl_->reader.where("r", wiki, range) + " AND r.tombstone = 0";
    if (since != nullptr) // a new result with the same pairs leaves no event: compare its time
        select += " AND (EXISTS (SELECT FROM constraint_runner.event e WHERE e.wiki = r.wiki AND "
                  "e.entity = r.entity" +
                  impl_->reader.event_condition(*since) + ")" +
                  (since->time.empty() ? std::string()
                                       : " OR r.checked_at >= " + impl_->reader.quote(since->time) +
                                             "::timestamptz") +
                  ")";
    impl_->reader.scan(select + " ORDER BY r.wiki, r.entity", static_cast<int>(page_results),
                       [&](const pqxx::result& found) {
                           lines.clear();
                           reasons.clear();
                           reasons.reserve(found.size());
                           for (const auto& row : found) {
                               reasons.push_back(read_texts(row[4]));
                               results::ResultLine line{wiki,
                                                        text_of(row[0]),
                                                        row[1].as<std::uint64_t>(),
                                                        text_of(row[2]),
                                                        text_of(row[3]),
                                                        {},
                                                        reasons.back(),
                                                        text_of(row[5])};
                               for (std::size_t i = 0; i < line.counts.size(); ++i)
                                   line.counts[i] =
                                       row[static_cast<int>(6 + i)].as<std::uint32_t>();
                               line.own = text_of(row[15]);
                               line.wbqc = text_of(row[16]);
                               lines.push_back(line);
                           }
                           page(lines);
                       });
}

void DumpScan::gone(std::string_view wiki, const EntityRange& range, const Since& since,
                    const std::function<void(std::string_view)>& each) {
    impl_->reader.scan(
        "SELECT DISTINCT e.entity FROM constraint_runner.event e" +
            impl_->reader.where("e", wiki, range) + impl_->reader.event_condition(since) +
            " AND NOT EXISTS (SELECT FROM constraint_runner.entity_result r WHERE "
            "r.wiki = e.wiki AND r.entity = e.entity AND r.tombstone = 0) ORDER BY e.entity",
        page_rows, [&](const pqxx::result& found) {
            for (const auto& row : found)
                each(text_of(row[0]));
        });
}

namespace {

/// What a pair is: absent, or present with a status and a type.
struct PairState {
    results::Status status = results::Status::violation;
    std::string type;
    bool own = false;

    /// As RDF says it: of WBQC's pairs alone.
    [[nodiscard]] bool violated() const noexcept {
        return !own && status != results::Status::bad_parameters;
    }
    friend bool operator==(const PairState&, const PairState&) = default;
};

/// What events say about one pair. The list to be changed may have it in any of its past states:
/// where it was taken, the first of these events may have happened already.
struct PairHistory {
    std::uint32_t property = 0;
    std::vector<PairState> past;
    std::optional<PairState> now;
    bool stays = true; ///< a violation all the time

    void turn(std::optional<PairState> from, std::optional<PairState> to) {
        stays = stays && from && from->violated() && to && to->violated();
        for (auto* state : {&now, &from})
            if (*state && std::find(past.begin(), past.end(), **state) == past.end())
                past.push_back(**state);
        now = std::move(to);
    }
};

using PairHistories = std::map<std::pair<std::string, std::string>, PairHistory>;

/// The pairs of one of an event's lists.
void read_pairs(PairHistories& pairs, const pqxx::field& field, bool before, bool after) {
    const json::value parsed = json::parse(text_of(field));
    for (const json::value& pair : parsed.as_array()) {
        const json::object& members = pair.as_object();
        const auto member = [&](const char* name) {
            return std::string(members.at(name).as_string());
        };
        const auto state = [&](const char* status, const char* type, const char* own = "own") {
            return PairState{
                results::status_from(member(status)).value_or(results::Status::violation),
                member(members.contains(type) ? type : "type"), members.contains(own)};
        };
        PairHistory& history = pairs[{member("statement"), member("constraint")}];
        history.property =
            static_cast<std::uint32_t>(std::strtoul(member("property").c_str() + 1, nullptr, 10));
        if (before && after)
            history.turn(state("from", "from_type", "from_own"), state("to", "type"));
        else if (before)
            history.turn(state("status", "type"), std::nullopt);
        else
            history.turn(std::nullopt, state("status", "type"));
    }
}

void append_changes(std::vector<PairChange>& rows, std::string_view entity,
                    const PairHistories& pairs) {
    for (const auto& [key, history] : pairs) {
        const auto row = [&, &key = key, &history = history](const PairState& state) {
            results::ViolationRow made{entity,     key.first,    key.second, history.property,
                                       state.type, state.status, {}};
            made.own = state.own;
            return made;
        };
        bool goes = !history.now || !history.now->violated(); // once
        for (const PairState& state : history.past)
            if (state != history.now) {
                rows.push_back({row(state), false, goes && state.violated(), true});
                goes = goes && !state.violated();
            }
        if (history.now)
            rows.push_back({row(*history.now), true, !history.stays, true});
    }
}

} // namespace

bool DumpScan::Impl::has_type(std::string_view wiki, const results::ViolationRow& row) {
    const auto [known, is_new] =
        types.try_emplace({std::string(row.constraint), std::string(row.type)}, false);
    if (is_new)
        known->second = guarded([&] {
            return !reader
                        .exec("SELECT FROM constraint_runner.violation WHERE wiki = " +
                              reader.quote(wiki) +
                              " AND property = " + std::to_string(row.property) +
                              " AND constraint_id = " + reader.quote(row.constraint) +
                              " AND type = " + reader.quote(row.type) + " LIMIT 1")
                        .empty();
        });
    return known->second;
}

void DumpScan::Impl::complete(std::string_view wiki, const std::string& entity, bool with_sentences,
                              std::vector<PairChange>& changes) {
    if (std::none_of(changes.begin(), changes.end(),
                     [](const PairChange& change) { return change.added; }))
        return;
    found = guarded([&] {
        return reader.exec(std::string(pair_columns).append(from_pairs_with_checks) +
                           " WHERE v.wiki = " + reader.quote(wiki) +
                           " AND v.entity = " + reader.quote(entity));
    });
    if (with_sentences)
        read_sentences(wiki, {&entity, 1}, sentences);
    std::map<std::pair<std::string_view, std::string_view>, results::ViolationRow> present;
    for (const auto& row : found) {
        const results::ViolationRow pair = pair_row(row);
        present.emplace(std::pair(pair.statement, pair.constraint), pair);
    }
    for (PairChange& change : changes) {
        const auto pair = present.find({change.row.statement, change.row.constraint});
        if (!change.added || pair == present.end())
            continue;
        change.row.message_key = pair->second.message_key;
        change.row.revision = pair->second.revision;
        change.row.checked_at = pair->second.checked_at;
        change.row.fix = pair->second.fix;
        change.row.own_status = pair->second.own_status;
        if (with_sentences)
            add_sentence(change.row, sentences);
    }
}

void DumpScan::changes(std::string_view wiki, const EntityRange& range, const Since& since,
                       PairParts parts,
                       const std::function<void(std::span<const PairChange>)>& page) {
    PairHistories pairs; // of one entity
    std::string entity;
    std::vector<PairChange> rows;
    const auto hand_on = [&] {
        rows.clear();
        append_changes(rows, entity, pairs);
        for (PairChange& change : rows)
            change.type = !parts.types || change.added || !impl_->has_type(wiki, change.row);
        if (parts.checks)
            impl_->complete(wiki, entity, parts.sentences, rows);
        if (!rows.empty())
            page(rows);
        pairs.clear();
    };
    impl_->reader.scan(
        "SELECT e.entity, e.appeared, e.disappeared, e.changed FROM constraint_runner.event e" +
            impl_->reader.where("e", wiki, range) + impl_->reader.event_condition(since) +
            " ORDER BY e.wiki, e.entity, e.id",
        static_cast<int>(page_results), [&](const pqxx::result& found) {
            for (const auto& row : found) {
                if (text_of(row[0]) != entity) {
                    hand_on();
                    entity = text_of(row[0]);
                }
                read_pairs(pairs, row[2], true, false);
                read_pairs(pairs, row[1], false, true);
                read_pairs(pairs, row[3], true, true);
            }
        });
    hand_on();
}

} // namespace runner::store
