// SPDX-License-Identifier: GPL-2.0-or-later
// Property scope: the property is used only as main value, as qualifier or in references, as listed.
// WBQC: PropertyScopeChecker.
#include "checks/check.hpp"
#include "checks/problems.hpp"

#include <algorithm>

namespace runner::checks {

namespace {

struct Own : Parameters {
    Parsed<std::vector<ContextType>> scope;
    explicit Own(const ParameterReader& reader) : scope(reader.property_scope()) {}
};

std::unique_ptr<const Parameters> read(const ParameterReader& reader, const CheckSettings&) {
    return std::make_unique<Own>(reader);
}

std::vector<ViolationMessage> validate(const Parameters& parameters) {
    return problems(static_cast<const Own&>(parameters).scope);
}

Verdict run(const Context& context, const Constraint&, const Parameters* parameters,
            const CheckSettings&) {
    const auto& scope = static_cast<const Own*>(parameters)->scope;
    if (!scope)
        return Verdict::bad_parameters(scope.error());
    if (std::find(scope->begin(), scope->end(), context.type) != scope->end())
        return Status::compliance;
    ViolationMessage message("property-scope");
    message.entity_id(context.snak->property);
    message.property_scope(context.type);
    message.property_scope_list(*scope);
    return Verdict::violation(std::move(message));
}

} // namespace

extern const CheckRow property_scope_row; // for registry.cpp
const CheckRow property_scope_row{
    .name = "property-scope",
    .type = config::ConstraintId::PropertyScopeConstraint,
    .contexts = in_all_contexts,
    .default_contexts = by_default_everywhere,
    .entity_types = on_all_entities,
    .read = read,
    .run = run,
    .validate = validate,
};

} // namespace runner::checks
