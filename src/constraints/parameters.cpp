// SPDX-License-Identifier: GPL-2.0-or-later
// Parameters that are particular to constraint types; see parameters.hpp. Those that every
// constraint may have are in common_parameters.cpp.
#include "constraints/parameters.hpp"

#include "entity/decimal.hpp"
#include "results/json.hpp"

#include <algorithm>
#include <array>

namespace runner::constraints {

using results::Role;

std::optional<ViolationMessage> ParameterReader::broken() const {
    if (constraint_.too_long)
        return ViolationMessage("parameters-error-toolong");
    return std::nullopt;
}

const ParameterReader::Snaks* ParameterReader::snaks(Id parameter) const noexcept {
    return constraint_.parameter(vocabulary_.property(parameter));
}

ViolationMessage ParameterReader::needed(Id parameter) const {
    ViolationMessage message("parameter-needed");
    message.entity_id(constraint_.type, Role::constraint_type_item);
    message.entity_id(vocabulary_.id(parameter), Role::constraint_parameter_property);
    return message;
}

ViolationMessage ParameterReader::bad(std::string_view key, Id parameter) const {
    ViolationMessage message(key);
    message.entity_id(vocabulary_.id(parameter), Role::constraint_parameter_property);
    return message;
}

ViolationMessage ParameterReader::bad_value(std::string_view key, Id parameter,
                                            const entity::DataValue& value) const {
    ViolationMessage message = bad(key, parameter);
    message.data_value(value, Role::constraint_parameter_value);
    return message;
}

ViolationMessage ParameterReader::not_one_of(Id parameter, std::span<const Id> allowed) const {
    std::vector<entity::EntityId> ids;
    for (const Id id : allowed) {
        const auto item = vocabulary_.id(id);
        if (std::find(ids.begin(), ids.end(), item) == ids.end()) // a PHP map has each key once
            ids.push_back(item);
    }
    ViolationMessage message = bad("parameter-oneof", parameter);
    message.entity_id_list(ids, Role::constraint_parameter_value);
    return message;
}

Parsed<std::vector<ItemValue>> ParameterReader::items(bool required) const {
    return items(Id::QualifierOfPropertyConstraint, required);
}

Parsed<std::vector<ItemValue>> ParameterReader::items(Id parameter, bool required) const {
    if (auto error = broken())
        return *error;
    const Snaks* list = snaks(parameter);
    std::vector<ItemValue> out;
    if (list == nullptr) {
        if (required)
            return needed(parameter);
        return out;
    }
    for (const entity::Snak* snak : *list) {
        switch (snak->type) {
        case entity::SnakType::somevalue: out.push_back({ItemValue::Kind::somevalue, {}}); break;
        case entity::SnakType::novalue: out.push_back({ItemValue::Kind::novalue, {}}); break;
        case entity::SnakType::value: {
            const auto* item = entity::item_of(*snak);
            if (item == nullptr)
                return bad_value("parameter-item", parameter, snak->value);
            out.push_back({ItemValue::Kind::item, *item});
        }
        }
    }
    return out;
}

Parsed<std::vector<entity::EntityId>> ParameterReader::item_ids(Id parameter, bool required) const {
    const auto values = items(parameter, required);
    if (!values)
        return values.error();
    std::vector<entity::EntityId> out;
    for (const ItemValue& value : *values) {
        if (value.kind != ItemValue::Kind::item)
            return bad("parameter-value", parameter);
        out.push_back(value.item);
    }
    return out;
}

Parsed<entity::EntityId> ParameterReader::entity_id(const entity::Snak& snak, Id parameter) const {
    if (snak.type != entity::SnakType::value)
        return bad("parameter-value", parameter);
    if (const auto* id = entity::entity_id_of(snak.value))
        return *id;
    return bad_value("parameter-entity", parameter, snak.value);
}

Parsed<std::vector<entity::EntityId>> ParameterReader::classes() const {
    if (auto error = broken())
        return *error;
    const Snaks* list = snaks(Id::Class);
    if (list == nullptr)
        return needed(Id::Class);
    std::vector<entity::EntityId> out;
    for (const entity::Snak* snak : *list) {
        const auto id = entity_id(*snak, Id::Class);
        if (!id)
            return id.error();
        out.push_back(*id);
    }
    return out;
}

Parsed<Relation> ParameterReader::relation() const {
    if (auto error = broken())
        return *error;
    const Snaks* list = snaks(Id::Relation);
    if (list == nullptr)
        return needed(Id::Relation);
    if (list->size() != 1)
        return bad("parameter-single", Id::Relation);
    const auto id = entity_id(*list->front(), Id::Relation);
    if (!id)
        return id.error();
    if (id->type != entity::EntityType::item)
        return bad_value("parameter-item", Id::Relation, list->front()->value);
    constexpr std::array mapping{Id::InstanceOfRelation, Id::SubclassOfRelation,
                                 Id::InstanceOrSubclassOfRelation};
    std::optional<Relation> found; // the last of several names with one id, as in a PHP map
    for (std::size_t i = 0; i < mapping.size(); ++i)
        if (vocabulary_.id(mapping[i]) == *id)
            found = static_cast<Relation>(i);
    if (!found)
        return not_one_of(Id::Relation, mapping);
    return *found;
}

Parsed<entity::PropertyId> ParameterReader::property_id(const entity::Snak& snak,
                                                        Id parameter) const {
    if (snak.type != entity::SnakType::value)
        return bad("parameter-value", parameter);
    const auto* id = entity::entity_id_of(snak.value);
    if (id == nullptr || id->type != entity::EntityType::property)
        return bad_value("parameter-property", parameter, snak.value);
    return entity::PropertyId{id->number};
}

Parsed<entity::PropertyId> ParameterReader::property() const {
    if (auto error = broken())
        return *error;
    const Snaks* list = snaks(Id::Property);
    if (list == nullptr)
        return needed(Id::Property);
    if (list->size() != 1)
        return bad("parameter-single", Id::Property);
    return property_id(*list->front(), Id::Property);
}

Parsed<std::vector<entity::PropertyId>> ParameterReader::properties() const {
    if (auto error = broken())
        return *error;
    const Snaks* list = snaks(Id::Property);
    if (list == nullptr)
        return needed(Id::Property);
    std::vector<entity::PropertyId> out;
    if (list->size() == 1 && list->front()->type == entity::SnakType::novalue)
        return out;
    for (const entity::Snak* snak : *list) {
        const auto id = property_id(*snak, Id::Property);
        if (!id)
            return id.error();
        out.push_back(*id);
    }
    return out;
}

Parsed<std::vector<entity::PropertyId>> ParameterReader::separators() const {
    std::vector<entity::PropertyId> out;
    if (const Snaks* list = snaks(Id::Separator)) {
        for (const entity::Snak* snak : *list) {
            const auto id = property_id(*snak, Id::Separator);
            if (!id)
                return id.error();
            out.push_back(*id);
        }
    }
    return out;
}

Parsed<std::string_view> ParameterReader::string(const entity::Snak& snak, Id parameter) const {
    if (snak.type != entity::SnakType::value)
        return bad("parameter-value", parameter);
    if (const auto* text = std::get_if<std::string_view>(&snak.value))
        return *text;
    return bad_value("parameter-string", parameter, snak.value);
}

Parsed<std::vector<std::string_view>> ParameterReader::languages() const {
    if (auto error = broken())
        return *error;
    const Snaks* list = snaks(Id::LanguageProperty);
    if (list == nullptr)
        return needed(Id::LanguageProperty);
    std::vector<std::string_view> out;
    for (const entity::Snak* snak : *list) {
        const auto text = string(*snak, Id::LanguageProperty);
        if (!text)
            return text.error();
        out.push_back(*text);
    }
    return out;
}

Parsed<std::string_view> ParameterReader::format() const {
    if (auto error = broken())
        return *error;
    const Snaks* list = snaks(Id::FormatAsARegularExpression);
    if (list == nullptr)
        return needed(Id::FormatAsARegularExpression);
    if (list->size() != 1)
        return bad("parameter-single", Id::FormatAsARegularExpression);
    return string(*list->front(), Id::FormatAsARegularExpression);
}

Parsed<std::string_view> ParameterReader::name_space() const {
    if (auto error = broken())
        return *error;
    const Snaks* list = snaks(Id::Namespace);
    if (list == nullptr)
        return std::string_view{};
    if (list->size() != 1)
        return bad("parameter-single", Id::Namespace);
    return string(*list->front(), Id::Namespace);
}

Parsed<Units> ParameterReader::units() const {
    const auto values = items(true);
    if (!values)
        return values.error();
    Units out;
    for (const ItemValue& value : *values) {
        switch (value.kind) {
        case ItemValue::Kind::item: out.items.push_back(value.item); break;
        case ItemValue::Kind::novalue: out.unitless_allowed = true; break;
        case ItemValue::Kind::somevalue:
            return bad("parameter-value-or-novalue", Id::QualifierOfPropertyConstraint);
        }
    }
    return out;
}

Parsed<std::vector<ContextType>> ParameterReader::property_scope() const {
    const auto ids = item_ids(Id::PropertyScope, true);
    if (!ids)
        return ids.error();
    constexpr std::array mapping{Id::AsMainValue, Id::AsQualifiers, Id::AsReferences};
    std::vector<ContextType> out;
    for (const auto& id : *ids) {
        // the last of several names with one id counts, as in a PHP map
        std::optional<ContextType> found;
        for (std::size_t i = 0; i < mapping.size(); ++i)
            if (vocabulary_.id(mapping[i]) == id)
                found = static_cast<ContextType>(i);
        if (!found)
            return not_one_of(Id::PropertyScope, mapping);
        out.push_back(*found);
    }
    return out;
}

namespace {

const entity::QuantityValue* quantity_of(const Bound& bound) noexcept {
    return bound.value != nullptr ? std::get_if<entity::QuantityValue>(bound.value) : nullptr;
}

/// DataValue::equals, by what the values serialize to.
bool equal(const entity::DataValue& a, const entity::DataValue& b) {
    std::string x;
    std::string y;
    results::append_json(x, a);
    results::append_json(y, b);
    return a.index() == b.index() && x == y;
}

} // namespace

Parsed<Range> ParameterReader::range(Id minimum, Id maximum, std::string_view type) const {
    if (auto error = broken())
        return *error;
    const Snaks* min_snaks = snaks(minimum);
    const Snaks* max_snaks = snaks(maximum);
    if (min_snaks == nullptr || max_snaks == nullptr) {
        ViolationMessage message("range-parameters-needed");
        message.data_value_type(type);
        message.entity_id(vocabulary_.id(minimum), Role::constraint_parameter_property);
        message.entity_id(vocabulary_.id(maximum), Role::constraint_parameter_property);
        message.entity_id(constraint_.type, Role::constraint_type_item);
        return message;
    }
    if (min_snaks->size() != 1)
        return bad("parameter-single", minimum);
    if (max_snaks->size() != 1)
        return bad("parameter-single", maximum);
    Range out;
    const auto read = [&](const entity::Snak& snak, Bound& bound) {
        switch (snak.type) {
        case entity::SnakType::value: bound.value = &snak.value; return true;
        case entity::SnakType::novalue: return true;
        case entity::SnakType::somevalue: break;
        }
        bound.now = type == "time"; // an unknown time means "now"
        return bound.now;
    };
    if (!read(*min_snaks->front(), out.min))
        return bad("parameter-value-or-novalue", minimum);
    if (!read(*max_snaks->front(), out.max))
        return bad("parameter-value-or-novalue", maximum);

    const auto* min_quantity = quantity_of(out.min);
    const auto* max_quantity = quantity_of(out.max);
    if (min_quantity != nullptr && max_quantity != nullptr &&
        (min_quantity->unit == wiki_.year_unit) != (max_quantity->unit == wiki_.year_unit))
        return ViolationMessage("range-parameters-one-year");
    const bool same = out.min.open()             ? out.max.open()
                      : out.min.now              ? out.max.now
                      : out.max.value == nullptr ? false
                                                 : equal(*out.min.value, *out.max.value);
    if (same) {
        ViolationMessage message("range-parameters-same");
        message.entity_id(vocabulary_.id(minimum), Role::constraint_parameter_property);
        message.entity_id(vocabulary_.id(maximum), Role::constraint_parameter_property);
        return message;
    }
    return out;
}

Parsed<Range> ParameterReader::quantity_range() const {
    return range(Id::MinimumQuantity, Id::MaximumQuantity, "quantity");
}

Parsed<Range> ParameterReader::time_range() const {
    return range(Id::MinimumDate, Id::MaximumDate, "time");
}

} // namespace runner::constraints
