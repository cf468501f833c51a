// SPDX-License-Identifier: GPL-2.0-or-later
// The interface of a check: what it sees (a context, its parameters, the facts of the wiki) and
// what it returns (a verdict). One file per constraint type; one row of data describes it.
// Only the engine handles scope, exceptions, bad parameters, downgrading and sorting.
#pragma once

#include "config/wiki_settings.hpp"
#include "constraints/constraint.hpp"
#include "constraints/parameters.hpp"
#include "entity/entity.hpp"
#include "facts/facts.hpp"
#include "results/message.hpp"
#include "results/status.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace runner::checks {

struct CommonsTitles;
class EntityIndex;
class TimeBudget;
class UnitConverter;

using constraints::Constraint;
using constraints::ParameterReader;
using constraints::Parsed;
using results::ContextType;
using results::Role;
using results::Status;
using results::ViolationMessage;

/// What all checks of one wiki share.
struct CheckSettings {
    const config::WikiSettings& wiki;
    const constraints::Vocabulary& vocabulary;
    const UnitConverter& units;
    std::int64_t now = 0;                                 ///< seconds since 1970
    const CommonsTitles* commons_titles = nullptr;        ///< instead of what was gathered
    std::size_t max_result_bytes = std::size_t{64} << 20; ///< of the stored value, about
    bool time_intervals = false; ///< times count by their precision, not as WBQC reads them
};

/// One snak in its place.
struct Context {
    ContextType type = ContextType::statement;
    const entity::Entity* entity = nullptr;
    const EntityIndex* index = nullptr; ///< of the entity's statements
    const entity::Statement* statement = nullptr;
    const entity::Reference* reference = nullptr; ///< only in a reference
    const entity::Snak* snak = nullptr;
    const entity::Entity* page =
        nullptr;                         ///< that the entity's document holds: its lexeme or itself
    const facts::Facts* facts = nullptr; ///< of other entities
    TimeBudget* budget = nullptr;        ///< of this run over the entity

    /// The snaks beside this one: all qualifiers or all snaks of the reference.
    [[nodiscard]] std::span<const entity::Snak> siblings() const noexcept {
        return type == ContextType::qualifier ? statement->qualifiers : reference->snaks;
    }
};

struct Verdict {
    Status status = Status::compliance;
    ViolationMessage message;
    const entity::TimeValue* future_time = nullptr; ///< the verdict changes when this time comes
    double changes_at = 0; ///< of the runner's own checks: when it changes, in seconds since 1970
    entity::EntityId depends_on; ///< another entity that WBQC records; not valid: none

    Verdict(Status s) : status(s) {} // NOLINT: converts on purpose
    Verdict(Status s, ViolationMessage m) : status(s), message(std::move(m)) {}

    [[nodiscard]] static Verdict violation(ViolationMessage message) {
        return {Status::violation, std::move(message)};
    }
    [[nodiscard]] Verdict&& depending_on(const entity::EntityId& id) && {
        depends_on = id;
        return std::move(*this);
    }
    [[nodiscard]] static Verdict bad_parameters(ViolationMessage message) {
        return {Status::bad_parameters, std::move(message)};
    }
};

/// The parameters of one constraint, read when its property was loaded.
struct Parameters {
    Parameters() = default;
    Parameters(const Parameters&) = delete;
    Parameters& operator=(const Parameters&) = delete;
    virtual ~Parameters() = default;
};

/// Whether a check is made in a context or on an entity type: `todo` where WBQC has not done it.
enum class Support : std::uint8_t { yes, todo, no };

/// What a check does on the main snak of a deprecated statement: either nothing, and nothing is
/// gathered for it there (the result is Status::deprecated), or the same as on any other.
enum class OnDeprecated : std::uint8_t { skip, check };

/// The data that a check needs of other entities; gathered before it runs.
enum class Needs : std::uint8_t {
    nothing,
    value,           ///< the entity that the value links to
    value_lexeme,    ///< the lexeme that the value links to, or whose form or sense it links to
    value_classes,   ///< that entity and the classes it is in
    value_links,     ///< the entity that the value links to, and those that `others` names of it
    others_classes,  ///< the entities that `others` names of the subject, and the classes they are
                     ///< in
    subject_classes, ///< the classes that the entity itself is in
    lexeme,          ///< for a form or sense its lexeme
    title,           ///< whether the page that `title` of the row names exists on Commons
    same_values,     ///< other entities with the value
};

inline constexpr std::array<Support, 3> in_all_contexts{Support::yes, Support::yes, Support::yes};
inline constexpr std::array<Support, 3> on_main_snak_only{Support::yes, Support::no, Support::no};
inline constexpr std::array<Support, 3> main_snak_else_todo{Support::yes, Support::todo,
                                                            Support::todo};
inline constexpr std::array<bool, 3> by_default_everywhere{true, true, true};
inline constexpr std::array<bool, 3> by_default_on_main_snak{true, false, false};
/// Indexed by entity::EntityType, item to mediainfo.
inline constexpr std::array<Support, 6> on_all_entities{Support::yes, Support::yes, Support::yes,
                                                        Support::yes, Support::yes, Support::yes};
inline constexpr std::array<Support, 6> on_items_and_properties{
    Support::yes, Support::yes, Support::no, Support::no, Support::no, Support::no};

/// One constraint type.
struct CheckRow {
    std::string_view name;                ///< as its users know it, with hyphens: "single-value"
    config::ConstraintId type;            ///< the setting with its constraint type item
    std::array<Support, 3> contexts;      ///< indexed by ContextType
    std::array<bool, 3> default_contexts; ///< checked when the constraint names no scope
    std::array<Support, 6> entity_types;
    OnDeprecated on_deprecated = OnDeprecated::skip;
    Needs needs = Needs::nothing;
    /// The extra of one of the runner's own checks; empty: WBQC has this check.
    std::optional<config::Extra> extra = {};
    /// Whether it applies to a constraint of the type; null: to each.
    bool (*concerns)(const Constraint&, const CheckSettings&) = nullptr;

    // What follows is filled in by row() of row.hpp, from functions that know the parameters' type.

    /// Reads the parameters; null for a check that has none.
    std::unique_ptr<const Parameters> (*read)(const ParameterReader&,
                                              const CheckSettings&) = nullptr;
    Verdict (*run)(const Context&, const Constraint&, const Parameters*,
                   const CheckSettings&) = nullptr;
    /// Every problem of the parameters, as WBQC's checkConstraintParameters reports them.
    std::vector<ViolationMessage> (*validate)(const Parameters&) = nullptr;
    /// For Needs::title: the title that run() will need; empty when none.
    std::optional<std::string> (*title)(const entity::Snak&, const Constraint&,
                                        const Parameters*) = nullptr;
    /// For Needs::others_classes and Needs::value_links: appends the entities that run() will look
    /// at. The first entity is the one that links to them, the second the subject.
    void (*others)(const entity::Entity&, const entity::Entity&, const entity::Snak&,
                   const Parameters*, std::vector<entity::EntityId>&) = nullptr;

    /// Whether it leaves out a context because of its statement's rank, which only main snaks have.
    [[nodiscard]] bool skips(ContextType place, const entity::Statement& in) const noexcept {
        return place == ContextType::statement && in.rank == entity::Rank::deprecated &&
               on_deprecated == OnDeprecated::skip;
    }
};

} // namespace runner::checks
