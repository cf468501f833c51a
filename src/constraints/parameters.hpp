// SPDX-License-Identifier: GPL-2.0-or-later
// Reading constraint parameters: each function reads one parameter as the function of the same
// name in WBQC's ConstraintParameterParser, and gives the value or the message of the
// "bad-parameters" result. Read once when a property is loaded, not at each check.
#pragma once

#include "config/constraint_ids.hpp"
#include "constraints/constraint.hpp"
#include "constraints/vocabulary.hpp"
#include "results/message.hpp"

#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace runner::constraints {

using results::ContextType;
using results::ItemValue;
using results::ViolationMessage;

/// A parameter, or why it is bad.
template <typename T>
class Parsed {
public:
    Parsed(T value) : content_(std::move(value)) {}                // NOLINT: converts on purpose
    Parsed(ViolationMessage error) : content_(std::move(error)) {} // NOLINT
    [[nodiscard]] explicit operator bool() const noexcept { return content_.index() == 0; }
    [[nodiscard]] const T& operator*() const noexcept { return *std::get_if<0>(&content_); }
    [[nodiscard]] const T* operator->() const noexcept { return std::get_if<0>(&content_); }
    [[nodiscard]] const ViolationMessage& error() const noexcept {
        return *std::get_if<1>(&content_);
    }

private:
    std::variant<T, ViolationMessage> content_;
};

/// One end of a range: a value, open (novalue), or the time of the check.
struct Bound {
    const entity::DataValue* value = nullptr; ///< null when open or now
    bool now = false;
    [[nodiscard]] bool open() const noexcept { return value == nullptr && !now; }
};

struct Range {
    Bound min;
    Bound max;
};

struct Units {
    std::vector<entity::EntityId> items;
    bool unitless_allowed = false;
};

struct EntityTypes {
    std::vector<entity::EntityType> types;
    std::vector<entity::EntityId> items;
};

/// The content of P4680: empty optionals where it has none.
struct Scope {
    std::optional<std::vector<ContextType>> contexts;
    std::optional<std::vector<entity::EntityType>> entity_types;
};

/// How an entity belongs to a class.
enum class Relation : std::uint8_t { instance, subclass, instance_or_subclass };

enum class ConstraintStatus : std::uint8_t { normal, mandatory, suggestion };

/// Reads the parameters of one constraint.
class ParameterReader {
public:
    ParameterReader(const Constraint& constraint, const Vocabulary& vocabulary,
                    const config::WikiSettings& wiki)
        : constraint_(constraint), vocabulary_(vocabulary), wiki_(wiki) {}

    [[nodiscard]] const Constraint& constraint() const noexcept { return constraint_; }

    [[nodiscard]] Parsed<std::vector<entity::EntityId>> exceptions() const;
    [[nodiscard]] Parsed<ConstraintStatus> status() const;
    [[nodiscard]] Parsed<std::vector<entity::MonolingualText>> clarification() const;
    [[nodiscard]] Parsed<std::vector<entity::MonolingualText>> syntax_clarification() const;
    /// `valid_…`: what the check supports; anything else is an error.
    [[nodiscard]] Parsed<Scope> scope(std::span<const ContextType> valid_contexts,
                                      std::span<const entity::EntityType> valid_entity_types) const;

    [[nodiscard]] Parsed<std::vector<entity::EntityId>> classes() const;
    [[nodiscard]] Parsed<Relation> relation() const;
    [[nodiscard]] Parsed<entity::PropertyId> property() const;
    /// Empty for a single "no value".
    [[nodiscard]] Parsed<std::vector<entity::PropertyId>> properties() const;
    [[nodiscard]] Parsed<std::vector<ItemValue>> items(bool required) const;
    [[nodiscard]] Parsed<std::vector<entity::PropertyId>> separators() const;
    [[nodiscard]] Parsed<Range> quantity_range() const;
    [[nodiscard]] Parsed<Range> time_range() const;
    [[nodiscard]] Parsed<std::vector<std::string_view>> languages() const;
    [[nodiscard]] Parsed<std::string_view> format() const;
    /// Empty when the constraint names none.
    [[nodiscard]] Parsed<std::string_view> name_space() const;
    [[nodiscard]] Parsed<Units> units() const;
    [[nodiscard]] Parsed<EntityTypes> entity_types() const;
    [[nodiscard]] Parsed<std::vector<ContextType>> property_scope() const;

private:
    using Id = config::ConstraintId;
    using Snaks = std::vector<const entity::Snak*>;

    [[nodiscard]] Parsed<entity::EntityId> entity_id(const entity::Snak& snak, Id parameter) const;
    [[nodiscard]] std::optional<ViolationMessage> broken() const;
    [[nodiscard]] ViolationMessage needed(Id parameter) const;
    [[nodiscard]] ViolationMessage bad(std::string_view key, Id parameter) const;
    [[nodiscard]] ViolationMessage bad_value(std::string_view key, Id parameter,
                                             const entity::DataValue& value) const;
    [[nodiscard]] const Snaks* snaks(Id parameter) const noexcept;

    [[nodiscard]] Parsed<std::vector<ItemValue>> items(Id parameter, bool required) const;
    [[nodiscard]] Parsed<std::vector<entity::EntityId>> item_ids(Id parameter, bool required) const;
    [[nodiscard]] Parsed<entity::PropertyId> property_id(const entity::Snak& snak,
                                                         Id parameter) const;
    [[nodiscard]] Parsed<std::string_view> string(const entity::Snak& snak, Id parameter) const;
    [[nodiscard]] Parsed<std::vector<entity::MonolingualText>> multilingual(Id parameter) const;
    [[nodiscard]] Parsed<Range> range(Id minimum, Id maximum, std::string_view type) const;
    [[nodiscard]] ViolationMessage not_one_of(Id parameter, std::span<const Id> allowed) const;

    const Constraint& constraint_;
    const Vocabulary& vocabulary_;
    const config::WikiSettings& wiki_;
};

} // namespace runner::constraints
