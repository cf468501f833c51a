// SPDX-License-Identifier: GPL-2.0-or-later
// A violation message: its key and its typed arguments, as WBQC's ViolationMessage. The wiki
// renders it in the reader's language; here it is only built and serialized, so the arguments are
// kept as the JSON that WBQC's ViolationMessageSerializer writes.
#pragma once

#include "entity/entity.hpp"
#include "results/item_value.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace runner::results {

/// What an argument stands for (WBQC's Role); `none` is PHP's null.
enum class Role : std::uint8_t {
    none,
    subject,
    predicate,
    object,
    constraint_property,
    qualifier_predicate,
    constraint_parameter_property,
    constraint_parameter_value,
    constraint_type_item,
};

/// The three kinds of snak context, in WBQC's order.
enum class ContextType : std::uint8_t { statement, qualifier, reference };

/// "statement", "qualifier", "reference".
[[nodiscard]] std::string_view to_string(ContextType type) noexcept;

class ViolationMessage {
public:
    ViolationMessage() = default; ///< no message
    /// `key` without the prefix "wbqc-violation-message-"; must outlive the message (a literal).
    explicit ViolationMessage(std::string_view key) : key_(key) {}

    [[nodiscard]] bool empty() const noexcept { return key_.empty(); }
    [[nodiscard]] std::string_view key() const noexcept { return key_; }

    ViolationMessage& entity_id(const entity::EntityId& id, Role role = Role::none);
    ViolationMessage& entity_id(entity::PropertyId id, Role role = Role::none);
    /// An id that is known as text (a configured constraint type).
    ViolationMessage& entity_id(std::string_view id, Role role = Role::none);
    ViolationMessage& entity_id_list(std::span<const entity::EntityId> ids, Role role = Role::none);
    ViolationMessage& entity_id_list(std::span<const entity::PropertyId> ids,
                                     Role role = Role::none);
    ViolationMessage& entity_id_list(std::span<const std::string> ids, Role role = Role::none);
    ViolationMessage& item_value(const ItemValue& value, Role role = Role::none);
    ViolationMessage& item_value_list(std::span<const ItemValue> values, Role role = Role::none);
    ViolationMessage& data_value(const entity::DataValue& value, Role role = Role::none);
    ViolationMessage& data_value_type(std::string_view type, Role role = Role::none);
    ViolationMessage& inline_code(std::string_view code, Role role = Role::none);
    ViolationMessage& constraint_scope(ContextType scope, Role role = Role::none);
    ViolationMessage& constraint_scope_list(std::span<const ContextType> scopes,
                                            Role role = Role::none);
    ViolationMessage& property_scope(ContextType scope, Role role = Role::none);
    ViolationMessage& property_scope_list(std::span<const ContextType> scopes,
                                          Role role = Role::none);
    ViolationMessage& language(std::string_view code);
    ViolationMessage& languages(std::span<const std::string_view> codes);
    ViolationMessage& multilingual_text(std::span<const entity::MonolingualText> texts,
                                        Role role = Role::none);

    /// Bytes of key and arguments.
    [[nodiscard]] std::size_t size() const noexcept { return key_.size() + arguments_.size(); }

    /// The list that append_json() gives as "a".
    [[nodiscard]] std::string arguments_json() const { return "[" + arguments_ + "]"; }

    /// Appends `{"k": key, "a": [arguments]}`.
    void append_json(std::string& out) const;

private:
    void begin(char type);
    ViolationMessage& end(Role role);
    template <typename List, typename Append>
    ViolationMessage& list(char type, const List& values, Role role, Append append);

    std::string_view key_;
    std::string arguments_; ///< serialized, without the brackets of the list
};

} // namespace runner::results
