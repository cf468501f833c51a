// SPDX-License-Identifier: GPL-2.0-or-later
// Inverse by redirect: the entity that the value links to has a statement with the inverse property
// back, if only to a redirect of the subject. The runner's own reading of inverse constraints.
#include "checks/property_parameter.hpp"
#include "checks/redirected_link.hpp"

namespace runner::checks {

namespace {

using property_parameter::Own;

Verdict run(const Context& context, const Constraint& constraint, const Parameters* parameters,
            const CheckSettings&) {
    if (context.deprecated())
        return Status::deprecated;
    const auto& property = static_cast<const Own*>(parameters)->property;
    if (!property)
        return Verdict::bad_parameters(property.error());
    return check_redirected_link(context, constraint, *property, "inverse");
}

void others(const entity::Entity& value, const entity::Entity& subject, const entity::Snak&,
            const Parameters* parameters, std::vector<entity::EntityId>& out) {
    if (const auto& property = static_cast<const Own*>(parameters)->property)
        add_links(value, *property, subject.id, out);
}

} // namespace

extern const CheckRow inverse_by_redirect_row; // for registry.cpp
const CheckRow inverse_by_redirect_row{
    .name = "inverse-by-redirect",
    .type = config::ConstraintId::InverseConstraint,
    .contexts = main_snak_else_todo,
    .default_contexts = by_default_on_main_snak,
    .entity_types = on_all_entities,
    .needs = Needs::value_links,
    .read = property_parameter::read,
    .run = run,
    .validate = property_parameter::validate,
    .extra = config::Extra::redirects,
    .others = others,
};

} // namespace runner::checks
