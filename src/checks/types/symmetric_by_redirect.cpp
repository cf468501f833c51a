// SPDX-License-Identifier: GPL-2.0-or-later
// Symmetric by redirect: the entity that the value links to has a statement with the same property
// back, if only to a redirect of the subject. The runner's own reading of symmetric constraints.
#include "checks/redirected_link.hpp"
#include "checks/row.hpp"

namespace runner::checks {

namespace {

struct Own : NoParameters {
    static void others(const entity::Entity& from, const entity::Entity& subject,
                       const entity::Snak& snak, std::vector<entity::EntityId>& to) {
        add_links(from, snak.property, subject.id, to);
    }
};

Verdict run(const Context& context, const Constraint& constraint) {
    return check_redirected_link(context, constraint, context.snak->property, "symmetric");
}

} // namespace

extern constexpr CheckRow symmetric_by_redirect_row = row<Own, run>({
    .name = "symmetric-by-redirect",
    .type = config::ConstraintId::SymmetricConstraint,
    .contexts = main_snak_else_todo,
    .default_contexts = by_default_on_main_snak,
    .entity_types = on_all_entities,
    .needs = Needs::value_links,
    .extra = config::Extra::redirects,
});

} // namespace runner::checks
