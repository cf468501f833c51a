// SPDX-License-Identifier: GPL-2.0-or-later
// The parameters that every constraint may have: exceptions, status, clarification, scope and
// entity types; see parameters.hpp.
#include "constraints/parameters.hpp"

#include <algorithm>
#include <array>

namespace runner::constraints {

using results::Role;
using Id = config::ConstraintId;

namespace {

/// WBQC's order of entity types in its mapping.
constexpr std::array<std::pair<Id, entity::EntityType>, 6> entity_type_names{{
    {Id::WikibaseItem, entity::EntityType::item},
    {Id::WikibaseProperty, entity::EntityType::property},
    {Id::WikibaseLexeme, entity::EntityType::lexeme},
    {Id::WikibaseForm, entity::EntityType::form},
    {Id::WikibaseSense, entity::EntityType::sense},
    {Id::WikibaseMediaInfo, entity::EntityType::mediainfo},
}};

constexpr std::array<std::pair<Id, ContextType>, 3> context_names{{
    {Id::ConstraintCheckedOnMainValue, ContextType::statement},
    {Id::ConstraintCheckedOnQualifiers, ContextType::qualifier},
    {Id::ConstraintCheckedOnReferences, ContextType::reference},
}};

template <typename T, std::size_t N>
std::optional<T> mapped(const std::array<std::pair<Id, T>, N>& names, const Vocabulary& vocabulary,
                        const entity::EntityId& id) {
    std::optional<T> found;
    for (const auto& [name, value] : names)
        if (vocabulary.id(name) == id)
            found = value; // a later key replaces an earlier one, as in a PHP map
    return found;
}

template <typename T, std::size_t N>
std::vector<Id> keys(const std::array<std::pair<Id, T>, N>& names) {
    std::vector<Id> out;
    for (const auto& row : names)
        out.push_back(row.first);
    return out;
}

} // namespace

Parsed<std::vector<entity::EntityId>> ParameterReader::exceptions() const {
    if (auto error = broken())
        return *error;
    std::vector<entity::EntityId> out;
    if (const Snaks* list = snaks(Id::ExceptionToConstraint)) {
        for (const entity::Snak* snak : *list) {
            const auto id = entity_id(*snak, Id::ExceptionToConstraint);
            if (!id)
                return id.error();
            out.push_back(*id);
        }
    }
    return out;
}

Parsed<ConstraintStatus> ParameterReader::status() const {
    if (auto error = broken())
        return *error;
    const Snaks* list = snaks(Id::ConstraintStatus);
    if (list == nullptr)
        return ConstraintStatus::normal;
    if (list->size() != 1)
        return bad("parameter-single", Id::ConstraintStatus);
    const entity::Snak& snak = *list->front();
    if (snak.type != entity::SnakType::value)
        return bad("parameter-value", Id::ConstraintStatus);
    const auto* id = entity::entity_id_of(snak.value);
    if (id == nullptr) // WBQC dies here; see docs/parity.md
        return bad_value("parameter-item", Id::ConstraintStatus, snak.value);
    if (*id == vocabulary_.id(Id::MandatoryConstraint))
        return ConstraintStatus::mandatory;
    if (wiki_.enable_suggestion_constraint_status &&
        *id == vocabulary_.id(Id::SuggestionConstraint))
        return ConstraintStatus::suggestion;
    std::vector<entity::EntityId> supported{vocabulary_.id(Id::MandatoryConstraint)};
    if (wiki_.enable_suggestion_constraint_status)
        supported.push_back(vocabulary_.id(Id::SuggestionConstraint));
    ViolationMessage message = bad("parameter-oneof", Id::ConstraintStatus);
    message.entity_id_list(supported, Role::constraint_parameter_value);
    return message;
}

Parsed<std::vector<entity::MonolingualText>> ParameterReader::multilingual(Id parameter) const {
    std::vector<entity::MonolingualText> out;
    const Snaks* list = snaks(parameter);
    if (list == nullptr)
        return out;
    for (const entity::Snak* snak : *list) {
        if (snak->type != entity::SnakType::value)
            return bad("parameter-value", parameter);
        const auto* text = std::get_if<entity::MonolingualText>(&snak->value);
        if (text == nullptr)
            return bad_value("parameter-monolingualtext", parameter, snak->value);
        for (const auto& other : out) {
            if (other.language == text->language) {
                ViolationMessage message = bad("parameter-single-per-language", parameter);
                message.language(text->language);
                return message;
            }
        }
        out.push_back(*text);
    }
    return out;
}

Parsed<std::vector<entity::MonolingualText>> ParameterReader::clarification() const {
    return multilingual(Id::ConstraintClarification);
}

Parsed<std::vector<entity::MonolingualText>> ParameterReader::syntax_clarification() const {
    return multilingual(Id::SyntaxClarification);
}

Parsed<EntityTypes> ParameterReader::entity_types() const {
    const auto ids = item_ids(Id::QualifierOfPropertyConstraint, true);
    if (!ids)
        return ids.error();
    EntityTypes out;
    for (const auto& id : *ids) {
        const auto type = mapped(entity_type_names, vocabulary_, id);
        if (!type)
            return not_one_of(Id::QualifierOfPropertyConstraint, keys(entity_type_names));
        out.types.push_back(*type);
        out.items.push_back(id);
    }
    return out;
}

Parsed<Scope> ParameterReader::scope(std::span<const ContextType> valid_contexts,
                                     std::span<const entity::EntityType> valid_entity_types) const {
    const auto context_items = item_ids(Id::ConstraintScope, false);
    if (!context_items)
        return context_items.error();
    const auto entity_items = item_ids(Id::ConstraintEntityTypes, false);
    if (!entity_items)
        return entity_items.error();

    Scope out;
    const auto add_context = [&](ContextType type) {
        if (!out.contexts)
            out.contexts.emplace();
        out.contexts->push_back(type);
    };
    const auto add_entity_type = [&](entity::EntityType type) {
        if (!out.entity_types)
            out.entity_types.emplace();
        out.entity_types->push_back(type);
    };
    if (vocabulary_.id(Id::ConstraintScope) == vocabulary_.id(Id::ConstraintEntityTypes)) {
        for (const auto& id : *context_items) {
            if (const auto context = mapped(context_names, vocabulary_, id)) {
                add_context(*context);
            } else if (const auto type = mapped(entity_type_names, vocabulary_, id)) {
                add_entity_type(*type);
            } else {
                std::vector<Id> allowed = keys(context_names);
                for (const Id name : keys(entity_type_names))
                    allowed.push_back(name);
                return not_one_of(Id::ConstraintScope, allowed);
            }
        }
    } else {
        for (const auto& id : *context_items) {
            const auto context = mapped(context_names, vocabulary_, id);
            if (!context)
                return not_one_of(Id::ConstraintScope, keys(context_names));
            add_context(*context);
        }
        for (const auto& id : *entity_items) {
            const auto type = mapped(entity_type_names, vocabulary_, id);
            if (!type)
                return not_one_of(Id::ConstraintEntityTypes, keys(entity_type_names));
            add_entity_type(*type);
        }
    }

    if (out.contexts) {
        std::optional<ContextType> invalid; // WBQC names the last one
        for (const ContextType type : *out.contexts)
            if (std::find(valid_contexts.begin(), valid_contexts.end(), type) ==
                valid_contexts.end())
                invalid = type;
        if (invalid) {
            ViolationMessage message("invalid-scope");
            message.constraint_scope(*invalid, Role::constraint_parameter_value);
            message.entity_id(constraint_.type, Role::constraint_type_item);
            message.constraint_scope_list(valid_contexts, Role::constraint_parameter_value);
            return message;
        }
    }
    if (out.entity_types) {
        for (const entity::EntityType type : *out.entity_types) {
            if (std::find(valid_entity_types.begin(), valid_entity_types.end(), type) !=
                valid_entity_types.end())
                continue;
            // WBQC's message for this can't be serialized; see docs/parity.md
            std::vector<Id> allowed;
            for (const auto& [name, valid] : entity_type_names)
                if (std::find(valid_entity_types.begin(), valid_entity_types.end(), valid) !=
                    valid_entity_types.end())
                    allowed.push_back(name);
            return not_one_of(Id::ConstraintEntityTypes, allowed);
        }
    }
    return out;
}

} // namespace runner::constraints
