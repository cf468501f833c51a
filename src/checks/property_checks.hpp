// SPDX-License-Identifier: GPL-2.0-or-later
// The constraints of one property, their parameters read and their scope decided, ready to run on
// any number of entities in any number of threads.
#pragma once

#include "checks/check.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace runner::checks {

/// A number for an entity id: numbers compare as the texts do ("Q10" before "Q9"), for all but the
/// longest ids of forms and senses.
[[nodiscard]] std::uint64_t order_key(std::string_view id) noexcept;

/// What happens to a constraint in one kind of context on one type of entity.
enum class InScope : std::uint8_t { yes, todo, no };

struct PreparedConstraint {
    Constraint constraint;
    const CheckRow* row = nullptr;                    ///< null: a type that is not checked
    std::size_t row_number = 0;                       ///< of `row`, see number_of()
    std::uint64_t type_order = 0;                     ///< order_key of the constraint type
    Parsed<std::vector<entity::EntityId>> exceptions; ///< sorted
    std::optional<ViolationMessage> bad_scope;
    std::array<std::array<InScope, 6>, 3> scope{}; ///< [ContextType][EntityType]
    Parsed<constraints::ConstraintStatus> status;
    Parsed<std::vector<entity::MonolingualText>> clarification;
    std::unique_ptr<const Parameters> parameters; ///< null for a check that has none
    std::string json;                             ///< `{"id", "pid", "qid"}`
    std::string fix; ///< with the extra "fix": what to use instead, a JSON object; empty: not said
};

class PropertyChecks {
public:
    /// `document` may be null: a property that does not exist has no constraints.
    PropertyChecks(entity::PropertyId id, std::uint64_t revision, entity::EntityPtr document,
                   const CheckSettings& settings);
    /// A property that can't be read: `problem` says why.
    PropertyChecks(entity::PropertyId id, std::string problem)
        : id_(id), id_text_(id.to_string()), problem_(std::move(problem)), seen_(1) {}

    [[nodiscard]] entity::PropertyId id() const noexcept { return id_; }
    [[nodiscard]] const std::string& id_text() const noexcept { return id_text_; }
    [[nodiscard]] std::uint64_t revision() const noexcept { return revision_; }
    /// See facts::seen_by_others(); 0 for a property that does not exist, 1 for one that can't be
    /// read.
    [[nodiscard]] std::uint64_t seen() const noexcept { return seen_; }
    [[nodiscard]] bool exists() const noexcept { return seen_ != 0 && problem_.empty(); }
    /// Empty for a property that does not exist.
    [[nodiscard]] const std::string& data_type() const noexcept { return data_type_; }
    /// Why its constraints are unknown; empty when they are known.
    [[nodiscard]] const std::string& problem() const noexcept { return problem_; }
    [[nodiscard]] const std::vector<PreparedConstraint>& constraints() const noexcept {
        return constraints_;
    }
    /// Their numbers, sorted by constraint type.
    [[nodiscard]] const std::vector<std::uint32_t>& by_type() const noexcept { return by_type_; }
    /// Whether any of the constraints reads other entities.
    [[nodiscard]] bool needs_others() const noexcept { return needs_others_; }
    /// Whether any of them is of a type that is not checked.
    [[nodiscard]] bool has_unknown() const noexcept { return has_unknown_; }
    /// Whether any of them looks for other entities with a value.
    [[nodiscard]] bool needs_values() const noexcept { return needs_values_; }
    /// The same constraints as the runner's own checks see them (config::Extra), those alone that
    /// one of them is for; null: there are none.
    [[nodiscard]] const PropertyChecks* own() const noexcept { return own_.get(); }

private:
    void add(std::vector<Constraint> constraints, const CheckSettings& settings, bool own);

    entity::PropertyId id_;
    std::string id_text_;
    std::string problem_;
    std::uint64_t revision_ = 0;
    std::uint64_t seen_ = 0;
    std::string data_type_;
    entity::EntityPtr document_; ///< constraints refer into it
    std::vector<PreparedConstraint> constraints_;
    std::vector<std::uint32_t> by_type_;
    std::unique_ptr<PropertyChecks> own_;
    bool needs_others_ = false;
    bool needs_values_ = false;
    bool has_unknown_ = false;
};

/// Every problem with the parameters of a constraint, the common ones first, as WBQC's
/// checkConstraintParametersOnConstraintId.
[[nodiscard]] std::vector<ViolationMessage> problems_of(const PreparedConstraint& constraint);

} // namespace runner::checks
