// SPDX-License-Identifier: GPL-2.0-or-later
// See entity_check.hpp. Order of contexts, of decisions and of results follow WBQC's
// DelegatingConstraintChecker and CheckingResultsSource.
#include "checks/entity_check.hpp"

#include "base/error.hpp"
#include "checks/contexts.hpp"
#include "checks/entity_index.hpp"
#include "checks/time_math.hpp"
#include "results/json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <unordered_set>
#include <utility>

namespace runner::checks {

namespace {

constexpr std::chrono::milliseconds regex_time_per_entity{1000};

/// The first eight characters as a number that orders like them.
std::uint64_t first_characters(std::string_view text) noexcept {
    std::uint64_t out = 0;
    for (std::size_t i = 0; i < 8; ++i)
        out = out << 8 | (i < text.size() ? static_cast<unsigned char>(text[i]) : 0U);
    return out;
}

class Run {
public:
    Run(const Gathered& gathered, const CheckSettings& settings, CheckClock clock, Layer layer)
        : gathered_(gathered), settings_(settings), index_(*gathered.entity),
          budget_(regex_time_per_entity), clock_(clock), own_(layer == Layer::own),
          checked_at_(clock()) {}

    EntityCheck take() {
        const entity::Entity& entity = *gathered_.entity;
        const entity::Entity& document = gathered_.document->entity();
        const facts::Facts& facts = gathered_.facts;
        out_.entity = entity.id;
        out_.asked = gathered_.asked;
        out_.wbqc = settings_.wiki.dialect().version;
        if (!own_)
            add_null_result(CheckResult::no_context);
        for_each_context(entity, settings_.wiki,
                         [&](ContextType type, const entity::Statement& statement,
                             const entity::Reference* reference, const entity::Snak& snak) {
                             const Context context{type,  &entity,   &index_, &statement, reference,
                                                   &snak, &document, &facts,  &budget_};
                             if (type == ContextType::statement)
                                 check_main_snak(context);
                             else
                                 check_context(context);
                         });
        sort();
        out_.counts[static_cast<std::size_t>(Status::todo)] += unknown_;
        merge_dependencies();
        out_.incomplete = budget_.reasons();
        return std::move(out_);
    }

private:
    [[nodiscard]] const PropertyChecks* checks_of(const Context& context) const {
        const PropertyChecks* checks = gathered_.property(context.snak->property);
        return own_ && checks != nullptr ? checks->own() : checks;
    }

    /// The results of a context, in the order made.
    struct Made {
        std::uint32_t begin;       ///< a null result, if there is one
        std::uint32_t constraints; ///< the first of them; one result for each
        const PropertyChecks* checks;
    };
    /// A context in the order of the results.
    struct Place {
        std::uint64_t property; ///< its order_key
        std::uint64_t hash;     ///< the first characters
        std::uint32_t context;
    };

    std::uint32_t add_context(const Context& context, const PropertyChecks* checks,
                              std::uint32_t null_results) {
        const auto begin = static_cast<std::uint32_t>(out_.results.size());
        made_.push_back({begin, begin + null_results, checks});
        out_.contexts.push_back(context);
        return static_cast<std::uint32_t>(out_.contexts.size() - 1);
    }

    void add_null_result(std::uint32_t context) {
        CheckResult result;
        result.context = context;
        out_.results.push_back(result);
    }

    CheckResult& add_result(std::uint32_t context, const PreparedConstraint& constraint,
                            Status status) {
        CheckResult result;
        result.context = context;
        result.constraint = &constraint;
        result.status = status;
        return out_.results.emplace_back(result);
    }

    void set_message(CheckResult& result, ViolationMessage message) {
        if (message.empty()) {
            result.message = CheckResult::no_message;
            return;
        }
        count(result, message);
        result.message = static_cast<std::uint32_t>(out_.messages.size());
        out_.messages.push_back(std::move(message));
    }

    /// Ends the run before a hostile entity takes all memory.
    void count(const CheckResult& result, const ViolationMessage& message) {
        if (!results::is_stored(result.status))
            return;
        constexpr std::size_t frame = 200; // place, hashes and names, about
        bytes_ += frame + result.constraint->json.size() + message.size();
        if (bytes_ > settings_.max_result_bytes)
            throw base::DataError(fmt::format(
                "it violates so many constraints that its result would be larger than {} bytes "
                "(workers.max_result_bytes)",
                settings_.max_result_bytes));
    }

    void check_main_snak(const Context& context) {
        const PropertyChecks* checks = checks_of(context);
        if (own_ && checks == nullptr)
            return;
        const auto at = add_context(context, checks, own_ ? 0 : 1);
        if (!own_)
            add_null_result(at);
        if (checks == nullptr || is_unreadable(*checks))
            return;
        for (const PreparedConstraint& constraint : checks->constraints()) {
            if (!constraint.exceptions) {
                set_message(add_result(at, constraint, Status::bad_parameters),
                            constraint.exceptions.error());
            } else if (std::binary_search(constraint.exceptions->begin(),
                                          constraint.exceptions->end(), context.entity->id)) {
                set_message(add_result(at, constraint, Status::exception),
                            ViolationMessage("exception"));
            } else {
                check(at, constraint);
            }
        }
    }

    void check_context(const Context& context) {
        const PropertyChecks* checks = checks_of(context);
        if (checks == nullptr || is_unreadable(*checks) || checks->constraints().empty())
            return;
        const auto at = add_context(context, checks, 0);
        for (const PreparedConstraint& constraint : checks->constraints())
            check(at, constraint);
    }

    /// What the constraints of a property are is not known: one check is left to do for each
    /// place where it is used.
    bool is_unreadable(const PropertyChecks& checks) {
        if (checks.problem().empty())
            return false;
        budget_.note(checks.problem());
        ++unknown_;
        unread_.push_back(checks.id().entity_id());
        return true;
    }

    /// The other entity that a check reads and that can't be read; not valid: none.
    entity::EntityId unreadable_target(const Context& context, const CheckRow& row) {
        entity::EntityId id;
        if (row.needs == Needs::lexeme) {
            id = context.entity->id.page();
        } else if ((row.needs == Needs::value || row.needs == Needs::value_classes ||
                    row.needs == Needs::value_lexeme || row.needs == Needs::value_links) &&
                   context.snak->type == entity::SnakType::value) {
            if (const auto* linked = entity::entity_id_of(context.snak->value))
                id = row.needs == Needs::value_lexeme ? linked->page() : *linked;
        }
        const std::string_view problem =
            id.valid() ? context.facts->target_problem(id) : std::string_view{};
        if (problem.empty())
            return {};
        budget_.note(std::string(problem));
        return id;
    }

    void check(std::uint32_t at, const PreparedConstraint& constraint) {
        if (constraint.row == nullptr) {
            CheckResult& result = add_result(at, constraint, Status::todo);
            if (constraint.bad_scope) { // a malformed constraint statement
                result.status = Status::bad_parameters;
                set_message(result, *constraint.bad_scope);
            }
            return;
        }
        const Context context = out_.contexts[at];
        if (constraint.bad_scope) {
            CheckResult& result = add_result(at, constraint, Status::bad_parameters);
            result.has_metadata = true;
            set_message(result, *constraint.bad_scope);
            return;
        }
        const auto decision = constraint.scope[static_cast<std::size_t>(context.type)]
                                              [static_cast<std::size_t>(context.entity->id.type)];
        if (decision != InScope::yes) {
            add_result(at, constraint,
                       decision == InScope::no ? Status::not_in_scope : Status::todo)
                .has_metadata = true;
            return;
        }
        if (const entity::EntityId target = unreadable_target(context, *constraint.row);
            target.valid()) {
            CheckResult& result = add_result(at, constraint, Status::todo);
            result.has_metadata = true;
            result.depends_on = target;
            return;
        }
        Verdict verdict = constraint.row->skips(context.type, *context.statement)
                              ? Verdict{Status::deprecated}
                              : constraint.row->run(context, constraint.constraint,
                                                    constraint.parameters.get(), settings_);
        note_time(constraint);
        CheckResult& result = add_result(at, constraint, verdict.status);
        result.has_metadata = true;
        result.future_time = verdict.future_time;
        if (verdict.changes_at != 0 &&
            (out_.changes_at == 0 || verdict.changes_at < out_.changes_at))
            out_.changes_at = verdict.changes_at;
        result.depends_on = verdict.depends_on;
        finish(result, std::move(verdict.message));
    }

    /// The clock is read once for each check: what lies between two is next to nothing.
    void note_time(const PreparedConstraint& constraint) {
        const std::chrono::nanoseconds now = clock_();
        const std::chrono::nanoseconds took = now - std::exchange(checked_at_, now);
        CheckTime& time = out_.times[constraint.row_number];
        ++time.checks;
        time.took += took;
        if (took >= slow_check)
            out_.slow.push_back({&constraint, took});
    }

    /// Clarification and constraint status; a bad one of them replaces the verdict.
    void finish(CheckResult& result, ViolationMessage message) {
        const PreparedConstraint& constraint = *result.constraint;
        if (constraint.clarification) {
            result.has_clarification = !constraint.clarification->empty();
        } else {
            result.status = Status::bad_parameters;
            message = constraint.clarification.error();
        }
        if (!constraint.status) {
            result.status = Status::bad_parameters;
            message = constraint.status.error();
        } else if (result.status == Status::violation) {
            switch (*constraint.status) {
            case constraints::ConstraintStatus::mandatory: break;
            case constraints::ConstraintStatus::normal: result.status = Status::warning; break;
            case constraints::ConstraintStatus::suggestion:
                result.status = Status::suggestion;
                break;
            }
        }
        set_message(result, std::move(message));
    }

    /// WBQC sorts by status, then property and hash of the snak, null results, constraint type;
    /// what compares equal stays in its order.
    void sort() {
        const auto snak = [&](const Place& place) -> const entity::Snak& {
            return *out_.contexts[place.context].snak;
        };
        std::vector<Place> places;
        places.reserve(out_.contexts.size());
        for (std::uint32_t i = 0; i < out_.contexts.size(); ++i) {
            const entity::Snak& each = *out_.contexts[i].snak;
            places.push_back(
                {order_key(each.property.to_string()), first_characters(each.hash), i});
        }
        std::sort(places.begin(), places.end(), [&](const Place& a, const Place& b) {
            if (a.property != b.property)
                return a.property < b.property;
            if (a.hash != b.hash)
                return a.hash < b.hash;
            return snak(a).hash < snak(b).hash;
        });
        std::vector<std::uint32_t> order;
        if (!own_)
            order.push_back(0); // first the null result of the entity itself
        order.reserve(out_.results.size());
        for (std::size_t begin = 0, end = 0; begin < places.size(); begin = end) {
            end = begin + 1;
            while (end < places.size() && places[end].property == places[begin].property &&
                   snak(places[end]).hash == snak(places[begin]).hash)
                ++end;
            if (end > begin + 1) {
                append_together({places.data() + begin, end - begin}, order);
                continue;
            }
            const Made& made = made_[places[begin].context];
            for (std::uint32_t i = made.begin; i < made.constraints; ++i)
                order.push_back(i);
            if (made.checks != nullptr)
                for (const std::uint32_t i : made.checks->by_type())
                    order.push_back(made.constraints + i);
        }
        std::array<std::uint32_t, results::status_count> next{};
        for (const CheckResult& result : out_.results) {
            ++next[static_cast<std::size_t>(result.status)];
            if (result.constraint != nullptr)
                ++out_.counts[static_cast<std::size_t>(result.status)];
        }
        std::exclusive_scan(next.begin(), next.end(), next.begin(), 0U);
        std::vector<CheckResult> sorted(out_.results.size());
        for (const std::uint32_t i : order) {
            const CheckResult& result = out_.results[i];
            sorted[next[static_cast<std::size_t>(result.status)]++] = result;
        }
        out_.results = std::move(sorted);
    }

    /// The results of several contexts with one snak: null results, then by type, then as made.
    void append_together(std::span<const Place> places, std::vector<std::uint32_t>& order) const {
        struct Key {
            std::uint64_t type; ///< 0: a null result
            std::uint32_t result;
        };
        std::vector<Key> keys;
        for (const Place& place : places) {
            const Made& made = made_[place.context];
            for (std::uint32_t i = made.begin; i < made.constraints; ++i)
                keys.push_back({0, i});
            if (made.checks == nullptr)
                continue;
            std::uint32_t i = made.constraints;
            for (const PreparedConstraint& constraint : made.checks->constraints())
                keys.push_back({constraint.type_order, i++});
        }
        std::sort(keys.begin(), keys.end(), [](const Key& a, const Key& b) {
            return a.type != b.type ? a.type < b.type : a.result < b.result;
        });
        for (const Key& key : keys)
            order.push_back(key.result);
    }

    void merge_dependencies() {
        std::unordered_set<entity::EntityId> seen;
        const auto add = [&](const entity::EntityId& id) {
            if (seen.insert(id).second)
                out_.dependencies.push_back(id);
        };
        const PreparedConstraint* last = nullptr; // most results follow one of the same property
        for (const CheckResult& result : out_.results) {
            if (result.context == CheckResult::no_context)
                add(out_.asked);
            if (result.future_time != nullptr &&
                (!out_.future_time ||
                 timestamp(*result.future_time) < timestamp(*out_.future_time)))
                out_.future_time = *result.future_time;
            if (result.depends_on.valid())
                add(result.depends_on);
            if (!result.has_metadata ||
                (last != nullptr &&
                 last->constraint.property == result.constraint->constraint.property))
                continue;
            last = result.constraint;
            add(out_.entity);
            add(last->constraint.property.entity_id());
        }
        for (const entity::EntityId& id : unread_)
            add(id);
    }

    const Gathered& gathered_;
    const CheckSettings& settings_;
    const EntityIndex index_;
    std::vector<Made> made_; ///< by context
    TimeBudget budget_;
    const CheckClock clock_;
    const bool own_;
    std::chrono::nanoseconds checked_at_;
    std::size_t bytes_ = 0;                ///< of the stored value, about
    std::uint32_t unknown_ = 0;            ///< checks of properties that can't be read
    std::vector<entity::EntityId> unread_; ///< those properties
    EntityCheck out_;
};

void append_text(std::string& out, const char* key, std::string_view text) {
    out += key;
    results::append_json_string(out, text);
}

} // namespace

EntityCheck check_entity(const Gathered& gathered, const CheckSettings& settings, CheckClock clock,
                         Layer layer) {
    return Run{gathered, settings, clock, layer}.take();
}

void append_json(std::string& out, const EntityCheck& check, const CheckResult& result) {
    if (result.context == CheckResult::no_context) {
        out += "{\"|\":{\"t\":\"\\\\entity\",\"i\":\"";
        check.asked.append_to(out);
        out += "\"},\"0\":1}";
        return;
    }
    out += '{';
    append_place(out, check, result);
    if (result.constraint == nullptr) {
        out += ",\"0\":1}";
        return;
    }
    out += ",\"s\":\"";
    out += to_string(result.status);
    out += "\",\"CM\":[]";
    if (result.message != CheckResult::no_message) {
        out += ",\"m\":";
        check.messages[result.message].append_json(out);
    }
    if (result.has_clarification) {
        out += ",\"l\":";
        results::append_json(out, *result.constraint->clarification);
    }
    out += '}';
}

void append_place(std::string& out, const EntityCheck& check, const CheckResult& result) {
    const Context& context = check.contexts[result.context];
    out += "\"|\":{\"t\":\"";
    out += to_string(context.type);
    out += "\",\"i\":\"";
    check.entity.append_to(out);
    out += "\",\"p\":\"";
    context.statement->main.property.entity_id().append_to(out);
    append_text(out, "\",\"g\":", context.statement->guid);
    append_text(out, ",\"h\":", context.snak->hash);
    if (context.type != ContextType::statement) {
        out += ",\"P\":\"";
        context.snak->property.entity_id().append_to(out);
        out += '"';
        if (context.type == ContextType::reference)
            append_text(out, ",\"r\":", context.reference->hash);
    }
    out += '}';
    if (result.constraint != nullptr) {
        out += ",\"c\":";
        out += result.constraint->json;
    }
}

} // namespace runner::checks
