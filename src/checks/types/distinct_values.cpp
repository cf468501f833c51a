// SPDX-License-Identifier: GPL-2.0-or-later
// Distinct values: no other entity has the same value. WBQC: UniqueValueChecker, with the answers
// that its SPARQL queries would get. Without an index of values the check is left to
// do, as by WBQC without an endpoint.
#include "checks/distinct_values.hpp"

#include "base/sha1.hpp"
#include "checks/contexts.hpp"
#include "checks/engine.hpp"
#include "checks/property_checks.hpp"
#include "checks/rdf_value.hpp"
#include "checks/row.hpp"

#include <algorithm>

namespace runner::checks {

namespace {

using Own = One<&ParameterReader::separators>;

/// With its length, so that no two lists of fields make the same text.
void append_field(std::string& out, std::string_view field) {
    out.append(std::to_string(field.size())).append(":").append(field);
}

/// Most rows of the index for one statement; see add_statement().
constexpr std::size_t most_combinations = 256;

/// Values that RDF has as nodes of their own, in which unit, bounds, precision and calendar count.
bool is_full_value(const entity::DataValue& value) noexcept {
    return std::holds_alternative<entity::TimeValue>(value) ||
           std::holds_alternative<entity::QuantityValue>(value) ||
           std::holds_alternative<entity::GlobeCoordinate>(value);
}

/// Equal for equal values; empty for a value that Wikibase can't read.
std::string text_of(const entity::Snak& snak, std::string_view data_type, bool full) {
    if (full && is_full_value(snak.value))
        return std::string{snak.hash};
    std::string text;
    append_rdf_value(text, snak.value, data_type);
    return text;
}

/// What a statement has for one separator.
struct Separator {
    entity::PropertyId property;
    std::vector<std::string> values; ///< unique and sorted; "none" for novalue
    bool unknown = false;            ///< somevalue is among them
};

Separator read_separator(entity::PropertyId property, const entity::Statement& statement,
                         std::string_view data_type, const config::Dialect& dialect) {
    Separator out{property, {}, false};
    for (const entity::Snak& qualifier : statement.qualifiers) {
        if (qualifier.property != property)
            continue;
        std::string value;
        switch (qualifier.type) {
        case entity::SnakType::value:
            value = text_of(qualifier, data_type, dialect.distinct_full_values);
            break;
        case entity::SnakType::somevalue:
            out.unknown = true;
            if (!dialect.distinct_more_separators) // another one in every statement
                value.append("unknown ").append(statement.guid);
            break;
        case entity::SnakType::novalue: value = "none"; break;
        }
        if (!value.empty())
            out.values.push_back(std::move(value));
    }
    std::sort(out.values.begin(), out.values.end());
    out.values.erase(std::unique(out.values.begin(), out.values.end()), out.values.end());
    return out;
}

/// Appends those of the values whose bit is set; no bits: all.
void append_separator(std::string& out, const Separator& separator, std::size_t bits = 0) {
    append_field(out, separator.property.to_string());
    const auto wanted = [bits](std::size_t i) { return bits == 0 || (bits >> i & 1) != 0; };
    std::size_t count = 0;
    for (std::size_t i = 0; i < separator.values.size(); ++i)
        count += wanted(i) ? 1 : 0;
    append_field(out, std::to_string(count));
    for (std::size_t i = 0; i < separator.values.size(); ++i)
        if (wanted(i))
            append_field(out, separator.values[i]);
}

results::ValueKey hash_of(std::string_view text) {
    const auto hash = base::sha1(text);
    results::ValueKey key;
    std::copy_n(hash.begin(), key.size(), key.begin());
    return key;
}

/// How often append_separator() can choose among the values: every subset that is not empty.
std::size_t choices(const Separator& separator) noexcept {
    return separator.values.size() > 10 ? most_combinations + 1
                                        : (std::size_t{1} << separator.values.size()) - 1;
}

/// Collects the values of one entity.
class Collector {
public:
    Collector(const Gathered& gathered, const config::Dialect& dialect)
        : gathered_(gathered), dialect_(dialect) {}

    /// `anywhere`: for a check of the runner's own, which finds qualifiers and references in the
    /// statements of all properties. It has keys of its own, so that WBQC's answers stay as they
    /// are.
    void add(results::ContextType type, const entity::Statement& statement,
             const entity::Snak& snak, const PreparedConstraint& constraint, bool anywhere) {
        const auto& separators = as<Own>(*constraint.parameters).value;
        if (!separators || snak.type != entity::SnakType::value)
            return; // unknown values and "no value" are never shared
        const bool is_main = type == results::ContextType::statement;
        const std::string value = text_of(snak, constraint.constraint.data_type,
                                          !is_main || dialect_.distinct_full_values);
        if (value.empty())
            return;
        std::string text;
        if (anywhere)
            append_field(text, "anywhere");
        append_field(text, results::to_string(type));
        append_field(text, snak.property.to_string());
        append_field(text, value);
        if (is_main) {
            add_statement(std::move(text), statement, snak, constraint.constraint, *separators);
            return;
        }
        const results::ValueKey key = hash_of(text);
        const bool found_there = anywhere || !dialect_.distinct_only_own_property ||
                                 statement.main.property == snak.property;
        const bool counts =
            type == results::ContextType::reference || statement.rank != entity::Rank::deprecated;
        ask(key, snak, constraint.constraint);
        if (found_there && counts)
            out_.values.push_back({key, snak.property, false, true});
    }

    OwnValues finish() && {
        auto& values = out_.values;
        std::sort(values.begin(), values.end(),
                  [](const OwnValue& a, const OwnValue& b) { return a.key < b.key; });
        std::size_t last = 0;
        for (std::size_t i = 1; i < values.size(); ++i) {
            if (values[i].key == values[last].key) {
                values[last].asked |= values[i].asked;
                values[last].indexed |= values[i].indexed;
            } else {
                values[++last] = values[i];
            }
        }
        if (!values.empty())
            values.erase(values.begin() + static_cast<std::ptrdiff_t>(last) + 1, values.end());
        return std::move(out_);
    }

private:
    void ask(const results::ValueKey& key, const entity::Snak& snak, const Constraint& constraint) {
        out_.values.push_back({key, snak.property, true, false});
        out_.questions.push_back({&snak, &constraint, key});
    }

    /// Two statements are the same when they have the same values of each separator. Where more
    /// values may be there than are asked for, a statement is in the index under all that another
    /// one may ask for: each choice of one value or more of each separator that it has. One with
    /// more than most_combinations is there with all its values only.
    void add_statement(std::string text, const entity::Statement& statement,
                       const entity::Snak& snak, const Constraint& constraint,
                       std::vector<entity::PropertyId> properties) {
        std::sort(properties.begin(), properties.end());
        properties.erase(std::unique(properties.begin(), properties.end()), properties.end());
        std::vector<Separator> separators;
        bool unknown = false;
        for (const entity::PropertyId property : properties) {
            const PropertyChecks* known = gathered_.property(property);
            separators.push_back(read_separator(
                property, statement, known == nullptr ? std::string_view{} : known->data_type(),
                dialect_));
            unknown |= separators.back().unknown;
        }
        std::string whole = text;
        for (const Separator& separator : separators)
            append_separator(whole, separator);
        const results::ValueKey key = hash_of(whole);
        if (!unknown || !dialect_.distinct_more_separators)
            ask(key, snak, constraint);
        if (dialect_.distinct_more_separators && add_combinations(text, snak, separators))
            return;
        out_.values.push_back({key, snak.property, false, true});
    }

    /// False, and nothing done, when there are too many.
    bool add_combinations(const std::string& text, const entity::Snak& snak,
                          const std::vector<Separator>& separators) {
        std::size_t combinations = 1;
        for (const Separator& separator : separators) {
            if (separator.values.empty() && !separator.unknown)
                continue;
            combinations *= choices(separator); // 0: unknown only, which no other one can ask for
            if (combinations > most_combinations)
                return false;
        }
        for (std::size_t n = 0; n < combinations; ++n) {
            std::string chosen = text;
            std::size_t rest = n;
            for (const Separator& separator : separators) {
                if (separator.values.empty()) {
                    append_separator(chosen, separator);
                    continue;
                }
                append_separator(chosen, separator, rest % choices(separator) + 1);
                rest /= choices(separator);
            }
            out_.values.push_back({hash_of(chosen), snak.property, false, true});
        }
        return true;
    }

    const Gathered& gathered_;
    const config::Dialect& dialect_;
    OwnValues out_;
};

Verdict run(const Context& context, const Constraint& constraint, const Own& own) {
    if (!context.facts->values_known()) {
        ViolationMessage message("not-yet-implemented");
        message.entity_id(constraint.type, Role::constraint_type_item);
        return {Status::todo, std::move(message)};
    }
    if (!own.value)
        return Verdict::bad_parameters(own.value.error());
    const auto others = context.facts->sharers(*context.snak, constraint);
    if (others.empty())
        return Status::compliance;
    ViolationMessage message("unique-value");
    message.entity_id_list(others, Role::subject);
    return Verdict::violation(std::move(message));
}

bool in_scope_of_any_entity(const PreparedConstraint& constraint, results::ContextType type) {
    const auto& scope = constraint.scope[static_cast<std::size_t>(type)];
    return !constraint.bad_scope &&
           std::find(scope.begin(), scope.end(), InScope::yes) != scope.end();
}

bool is_searched_for_less(const Constraint&, const CheckSettings& settings) {
    return settings.wiki.dialect().distinct_only_own_property;
}

/// Values in qualifiers and references, whatever the property of the statement is. WBQC searched so
/// until 1.43.
constexpr CheckRow anywhere(CheckRow row) {
    row.name = "distinct-values-anywhere";
    row.contexts = {Support::todo, Support::yes, Support::yes};
    row.extra = config::Extra::distinct;
    row.concerns = is_searched_for_less;
    return row;
}

} // namespace

OwnValues own_values(const Gathered& gathered, const config::WikiSettings& wiki) {
    Collector collector(gathered, wiki.dialect());
    for_each_context(
        *gathered.entity, wiki,
        [&](results::ContextType type, const entity::Statement& statement, const entity::Reference*,
            const entity::Snak& snak) {
            const PropertyChecks* checks = gathered.property(snak.property);
            if (checks == nullptr || !checks->needs_values())
                return;
            for (const PropertyChecks* layer : {checks, checks->own()}) {
                if (layer == nullptr)
                    continue;
                for (const PreparedConstraint& constraint : layer->constraints())
                    if (constraint.row != nullptr && constraint.row->needs == Needs::same_values &&
                        !constraint.row->skips(type, statement) &&
                        in_scope_of_any_entity(constraint, type))
                        collector.add(type, statement, snak, constraint, layer != checks);
            }
        });
    return std::move(collector).finish();
}

extern constexpr CheckRow distinct_values_row = row<Own, run, BadParameters::in_run>({
    .name = "distinct-values",
    .type = config::ConstraintId::DistinctValuesConstraint,
    .contexts = in_all_contexts,
    .default_contexts = by_default_on_main_snak,
    .entity_types = on_all_entities,
    .needs = Needs::same_values,
});

extern constexpr CheckRow distinct_values_anywhere_row = anywhere(distinct_values_row);

} // namespace runner::checks
