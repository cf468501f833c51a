// SPDX-License-Identifier: GPL-2.0-or-later
// See property_checks.hpp. Scope follows WBQC's DelegatingConstraintChecker::handleScope.
#include "checks/property_checks.hpp"

#include "checks/fix.hpp"
#include "checks/registry.hpp"
#include "facts/seen_by_others.hpp"
#include "results/json.hpp"

#include <algorithm>
#include <numeric>

namespace runner::checks {

namespace {

constexpr std::array all_types{ContextType::statement, ContextType::qualifier,
                               ContextType::reference};

/// WBQC's check, or the runner's own one where its extra is on.
const CheckRow* row_for(const Constraint& constraint, const CheckSettings& settings, bool own) {
    if (constraint.malformed)
        return nullptr;
    const auto type = entity::EntityId::parse(constraint.type);
    const CheckRow* found = nullptr;
    for (const CheckRow* row : all_checks())
        if ((own ? row->extra && settings.wiki.has(*row->extra) : !row->extra) &&
            type == settings.vocabulary.id(row->type) &&
            (row->concerns == nullptr || row->concerns(constraint, settings)))
            found = row;
    return found;
}

/// A constraint statement on which WBQC fails altogether; see docs/parity.md.
ViolationMessage malformed(const CheckSettings& settings) {
    ViolationMessage message("parameter-value");
    message.entity_id(settings.vocabulary.id(config::ConstraintId::PropertyConstraint),
                      Role::constraint_parameter_property);
    return message;
}

void decide_scope(PreparedConstraint& prepared, const ParameterReader& reader) {
    const CheckRow& row = *prepared.row;
    std::vector<ContextType> valid_contexts;
    for (const ContextType type : all_types)
        if (row.contexts[static_cast<std::size_t>(type)] != Support::no)
            valid_contexts.push_back(type);
    std::vector<entity::EntityType> valid_entities;
    for (std::size_t i = 0; i < row.entity_types.size(); ++i)
        if (row.entity_types[i] != Support::no)
            valid_entities.push_back(static_cast<entity::EntityType>(i));

    const auto scope = reader.scope(valid_contexts, valid_entities);
    if (!scope) {
        prepared.bad_scope = scope.error();
        return;
    }
    for (std::size_t c = 0; c < 3; ++c) {
        const bool context_checked =
            scope->contexts ? std::find(scope->contexts->begin(), scope->contexts->end(),
                                        static_cast<ContextType>(c)) != scope->contexts->end()
                            : row.default_contexts[c];
        for (std::size_t e = 0; e < 6; ++e) {
            const auto type = static_cast<entity::EntityType>(e);
            const auto& checked = scope->entity_types ? *scope->entity_types : valid_entities;
            auto& decision = prepared.scope[c][e];
            if (!context_checked)
                decision = InScope::no;
            else if (row.contexts[c] == Support::todo)
                decision = InScope::todo;
            else if (std::find(checked.begin(), checked.end(), type) == checked.end())
                decision = InScope::no;
            else
                decision = row.entity_types[e] == Support::todo ? InScope::todo : InScope::yes;
        }
    }
}

PreparedConstraint prepare(Constraint constraint, const CheckSettings& settings,
                           const CheckRow* row) {
    const ParameterReader reader(constraint, settings.vocabulary, settings.wiki);
    auto exceptions = reader.exceptions();
    if (exceptions) {
        auto sorted = *exceptions;
        std::sort(sorted.begin(), sorted.end());
        exceptions = std::move(sorted);
    }
    PreparedConstraint out{.constraint = {},
                           .row = row,
                           .row_number = 0,
                           .type_order = order_key(constraint.type),
                           .exceptions = std::move(exceptions),
                           .bad_scope = {},
                           .status = reader.status(),
                           .clarification = reader.clarification(),
                           .parameters = nullptr,
                           .json = {},
                           .fix = settings.wiki.has(config::Extra::fix)
                                      ? fix_of(constraint, settings.vocabulary)
                                      : std::string{}};
    if (constraint.malformed)
        out.bad_scope = malformed(settings);
    if (out.row != nullptr) {
        out.row_number = number_of(*out.row);
        decide_scope(out, reader);
        if (out.row->read != nullptr)
            out.parameters = out.row->read(reader, settings);
    }
    out.json = "{\"id\":";
    results::append_json_string(out.json, constraint.id);
    out.json += ",\"pid\":\"" + constraint.property.to_string() + "\",\"qid\":";
    results::append_json_string(out.json, constraint.type);
    out.json += '}';
    out.constraint = std::move(constraint);
    return out;
}

} // namespace

std::uint64_t order_key(std::string_view id) noexcept {
    constexpr std::size_t characters = 12;                      // of five bits each
    constexpr std::string_view alphabet = "-0123456789EFLMPQS"; // in the order of ASCII
    std::uint64_t out = 0;
    for (std::size_t i = 0; i < characters; ++i)
        out = out << 5 | (i < id.size() ? alphabet.find(id[i]) + 1 : 0U);
    return out;
}

PropertyChecks::PropertyChecks(entity::PropertyId id, std::uint64_t revision,
                               entity::EntityPtr document, const CheckSettings& settings)
    : id_(id), id_text_(id.to_string()), revision_(revision), document_(std::move(document)) {
    if (document_ == nullptr)
        return;
    seen_ = facts::seen_by_others(
        document_->entity(),
        settings.vocabulary.property(config::ConstraintId::PropertyConstraint));
    data_type_ = document_->entity().data_type;
    auto constraints = constraints::constraints_of(document_->entity(), settings.vocabulary);
    if (!settings.wiki.extras.empty()) {
        auto own = std::make_unique<PropertyChecks>(id, std::string{});
        own->document_ = document_;
        own->add(constraints, settings, true);
        if (!own->constraints_.empty())
            own_ = std::move(own);
    }
    add(std::move(constraints), settings, false);
    if (constraints_.empty())
        document_.reset(); // nothing refers into it
}

void PropertyChecks::add(std::vector<Constraint> constraints, const CheckSettings& settings,
                         bool own) {
    for (Constraint& constraint : constraints) {
        const CheckRow* row = row_for(constraint, settings, own);
        if (row != nullptr || !own)
            constraints_.push_back(prepare(std::move(constraint), settings, row));
    }
    for (const PreparedConstraint& each : constraints_) {
        if (each.row == nullptr && !each.constraint.malformed)
            has_unknown_ = true;
        if (each.row == nullptr || each.row->needs == Needs::nothing)
            continue;
        (each.row->needs == Needs::same_values ? needs_values_ : needs_others_) = true;
    }
    by_type_.resize(constraints_.size());
    std::iota(by_type_.begin(), by_type_.end(), 0U);
    std::stable_sort(by_type_.begin(), by_type_.end(), [&](std::uint32_t a, std::uint32_t b) {
        return constraints_[a].type_order < constraints_[b].type_order;
    });
}

std::vector<ViolationMessage> problems_of(const PreparedConstraint& prepared) {
    std::vector<ViolationMessage> out;
    if (prepared.constraint.too_long) {
        out.push_back(prepared.exceptions.error());
    } else {
        if (!prepared.exceptions)
            out.push_back(prepared.exceptions.error());
        if (!prepared.clarification)
            out.push_back(prepared.clarification.error());
        if (!prepared.status)
            out.push_back(prepared.status.error());
        if (prepared.bad_scope)
            out.push_back(*prepared.bad_scope);
    }
    if (prepared.row != nullptr && prepared.row->validate != nullptr)
        for (auto& problem : prepared.row->validate(*prepared.parameters))
            out.push_back(std::move(problem));
    return out;
}

} // namespace runner::checks
