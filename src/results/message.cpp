// SPDX-License-Identifier: GPL-2.0-or-later
// Violation messages; see message.hpp. Argument types, their letters and their serialization are
// those of WBQC's ViolationMessage and ViolationMessageSerializer.
#include "results/message.hpp"

#include "results/json.hpp"

#include <array>

namespace runner::results {

namespace {

constexpr std::array<std::string_view, 9> role_names{
    "null",
    "\"subject\"",
    "\"predicate\"",
    "\"object\"",
    "\"constraint-property\"",
    "\"qualifier-predicate\"",
    "\"constraint-parameter-property\"",
    "\"constraint-parameter-value\"",
    "\"constraint-type-item\"",
};

void append_id(std::string& out, const entity::EntityId& id) {
    out += '"';
    id.append_to(out);
    out += '"';
}

void append_item_value(std::string& out, const ItemValue& value) {
    switch (value.kind) {
    case ItemValue::Kind::item: append_id(out, value.item); break;
    case ItemValue::Kind::somevalue: out += "\"::somevalue\""; break;
    case ItemValue::Kind::novalue: out += "\"::novalue\""; break;
    }
}

void append_context_type(std::string& out, ContextType type) {
    out += '"';
    out += to_string(type)[0];
    out += '"';
}

} // namespace

std::string_view to_string(ContextType type) noexcept {
    switch (type) {
    case ContextType::statement: return "statement";
    case ContextType::qualifier: return "qualifier";
    case ContextType::reference: return "reference";
    }
    return {};
}

void ViolationMessage::begin(char type) {
    arguments_ += arguments_.empty() ? "{\"t\":\"" : ",{\"t\":\"";
    arguments_ += type;
    arguments_ += "\",\"v\":";
}

ViolationMessage& ViolationMessage::end(Role role) {
    arguments_ += ",\"r\":";
    arguments_ += role_names[static_cast<std::size_t>(role)];
    arguments_ += '}';
    return *this;
}

template <typename List, typename Append>
ViolationMessage& ViolationMessage::list(char type, const List& values, Role role, Append append) {
    begin(type);
    arguments_ += '[';
    bool first = true;
    for (const auto& value : values) {
        if (!first)
            arguments_ += ',';
        first = false;
        append(arguments_, value);
    }
    arguments_ += ']';
    return end(role);
}

ViolationMessage& ViolationMessage::entity_id(const entity::EntityId& id, Role role) {
    begin('e');
    append_id(arguments_, id);
    return end(role);
}

ViolationMessage& ViolationMessage::entity_id(entity::PropertyId id, Role role) {
    return entity_id(id.entity_id(), role);
}

ViolationMessage& ViolationMessage::entity_id(std::string_view id, Role role) {
    begin('e');
    append_json_string(arguments_, id);
    return end(role);
}

ViolationMessage& ViolationMessage::entity_id_list(std::span<const entity::EntityId> ids,
                                                   Role role) {
    return list('E', ids, role, append_id);
}

ViolationMessage& ViolationMessage::entity_id_list(std::span<const entity::PropertyId> ids,
                                                   Role role) {
    return list('E', ids, role,
                [](std::string& out, entity::PropertyId id) { append_id(out, id.entity_id()); });
}

ViolationMessage& ViolationMessage::entity_id_list(std::span<const std::string> ids, Role role) {
    return list('E', ids, role, append_json_string);
}

ViolationMessage& ViolationMessage::item_value(const ItemValue& value, Role role) {
    begin('i');
    append_item_value(arguments_, value);
    return end(role);
}

ViolationMessage& ViolationMessage::item_value_list(std::span<const ItemValue> values, Role role) {
    return list('I', values, role, append_item_value);
}

ViolationMessage& ViolationMessage::data_value(const entity::DataValue& value, Role role) {
    begin('v');
    results::append_json(arguments_, value);
    return end(role);
}

ViolationMessage& ViolationMessage::data_value_type(std::string_view type, Role role) {
    begin('t');
    append_json_string(arguments_, type);
    return end(role);
}

ViolationMessage& ViolationMessage::inline_code(std::string_view code, Role role) {
    begin('c');
    append_json_string(arguments_, code);
    return end(role);
}

ViolationMessage& ViolationMessage::constraint_scope(ContextType scope, Role role) {
    begin('s');
    append_context_type(arguments_, scope);
    return end(role);
}

ViolationMessage& ViolationMessage::constraint_scope_list(std::span<const ContextType> scopes,
                                                          Role role) {
    return list('S', scopes, role, append_context_type);
}

ViolationMessage& ViolationMessage::property_scope(ContextType scope, Role role) {
    begin('p');
    append_context_type(arguments_, scope);
    return end(role);
}

ViolationMessage& ViolationMessage::property_scope_list(std::span<const ContextType> scopes,
                                                        Role role) {
    return list('P', scopes, role, append_context_type);
}

ViolationMessage& ViolationMessage::language(std::string_view code) {
    begin('l');
    append_json_string(arguments_, code);
    return end(Role::none);
}

ViolationMessage& ViolationMessage::languages(std::span<const std::string_view> codes) {
    return list('L', codes, Role::none, append_json_string);
}

ViolationMessage&
ViolationMessage::multilingual_text(std::span<const entity::MonolingualText> texts, Role role) {
    begin('m');
    results::append_json(arguments_, texts);
    return end(role);
}

void ViolationMessage::append_json(std::string& out) const {
    out += "{\"k\":\"";
    out += key_;
    out += "\",\"a\":[";
    out += arguments_;
    out += "]}";
}

} // namespace runner::results
