// SPDX-License-Identifier: GPL-2.0-or-later
// Symmetric by redirect: the entity that the value links to has a statement with the same property
// back, if only to a redirect of the subject. The runner's own reading of symmetric constraints.
#include "checks/redirected_link.hpp"

namespace runner::checks {

namespace {

Verdict run(const Context& context, const Constraint& constraint, const Parameters*,
            const CheckSettings&) {
    if (context.deprecated())
        return Status::deprecated;
    return check_redirected_link(context, constraint, context.snak->property, "symmetric");
}

void others(const entity::Entity& value, const entity::Entity& subject, const entity::Snak& snak,
            const Parameters*, std::vector<entity::EntityId>& out) {
    add_links(value, snak.property, subject.id, out);
}

} // namespace

extern const CheckRow symmetric_by_redirect_row; // for registry.cpp
const CheckRow symmetric_by_redirect_row{
    .name = "symmetric-by-redirect",
    .type = config::ConstraintId::SymmetricConstraint,
    .contexts = main_snak_else_todo,
    .default_contexts = by_default_on_main_snak,
    .entity_types = on_all_entities,
    .needs = Needs::value_links,
    .read = nullptr,
    .run = run,
    .validate = nullptr,
    .extra = config::Extra::redirects,
    .others = others,
};

} // namespace runner::checks
