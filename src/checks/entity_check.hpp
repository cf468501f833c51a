// SPDX-License-Identifier: GPL-2.0-or-later
// One run of all constraints over one entity: the results in WBQC's order, before they are
// written out.
#pragma once

#include "checks/check.hpp"
#include "checks/check_times.hpp"
#include "checks/engine.hpp"
#include "checks/property_checks.hpp"
#include "checks/time_budget.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace runner::checks {

/// One result. A null result (row for a statement or the entity itself, so that the API keeps its
/// structure) has no constraint.
struct CheckResult {
    std::uint32_t context = no_context; ///< index into EntityCheck::contexts
    const PreparedConstraint* constraint = nullptr;
    Status status = Status::todo;
    bool has_metadata = false; ///< depends on the entity and the constraint's property
    bool has_clarification = false;
    std::uint32_t message = no_message;             ///< index into EntityCheck::messages
    const entity::TimeValue* future_time = nullptr; ///< the result changes when this time comes
    entity::EntityId depends_on; ///< another entity that the result depends on; not valid: none

    static constexpr std::uint32_t no_context = UINT32_MAX; ///< the entity itself
    static constexpr std::uint32_t no_message = UINT32_MAX;
};

struct EntityCheck {
    entity::EntityId entity;
    entity::EntityId asked; ///< as in Gathered
    std::vector<Context> contexts;
    std::vector<ViolationMessage> messages;
    std::vector<CheckResult> results; ///< sorted
    std::array<std::uint32_t, results::status_count> counts{};
    std::vector<entity::EntityId> dependencies; ///< in the order of WBQC's merged metadata
    std::optional<entity::TimeValue> future_time;
    double changes_at = 0;                           ///< the earliest Verdict::changes_at; 0: none
    std::vector<std::string> incomplete;             ///< reasons
    std::array<CheckTime, most_check_types> times{}; ///< by the numbers of the rows
    std::vector<SlowCheck> slow;
    std::string_view wbqc;                  ///< the version of WBQC whose results these are
    bool fixes = false;                     ///< constraints may say what is to be used instead
    std::shared_ptr<const EntityCheck> own; ///< of the runner's own checks; null: there are none
};

/// Which checks to run.
enum class Layer : std::uint8_t { wbqc, own };

/// Checks everything. Pure: reads only `gathered` and `settings`. Throws base::DataError when the
/// stored value would exceed the limit, so it could be neither stored nor shown.
[[nodiscard]] EntityCheck check_entity(const Gathered& gathered, const CheckSettings& settings,
                                       CheckClock clock = coarse_clock, Layer layer = Layer::wbqc);

/// Appends one result as WBQC's CheckResultSerializer writes it.
void append_json(std::string& out, const EntityCheck& check, const CheckResult& result);

/// Appends the members for its place and its constraint.
void append_place(std::string& out, const EntityCheck& check, const CheckResult& result);

} // namespace runner::checks
