// SPDX-License-Identifier: GPL-2.0-or-later
// Property scope: the property is used only as main value, as qualifier or in references, as
// listed. WBQC: PropertyScopeChecker.
#include "checks/row.hpp"

#include <algorithm>

namespace runner::checks {

namespace {

using Own = One<&ParameterReader::property_scope>;

Verdict run(const Context& context, const std::vector<ContextType>& scope) {
    if (std::find(scope.begin(), scope.end(), context.type) != scope.end())
        return Status::compliance;
    ViolationMessage message("property-scope");
    message.entity_id(context.snak->property);
    message.property_scope(context.type);
    message.property_scope_list(scope);
    return Verdict::violation(std::move(message));
}

} // namespace

extern constexpr CheckRow property_scope_row = row<Own, run>({
    .name = "property-scope",
    .type = config::ConstraintId::PropertyScopeConstraint,
    .contexts = in_all_contexts,
    .default_contexts = by_default_everywhere,
    .entity_types = on_all_entities,
    .on_deprecated = OnDeprecated::check,
});

} // namespace runner::checks
