// SPDX-License-Identifier: GPL-2.0-or-later
// Inverse by redirect: the entity that the value links to has a statement with the inverse property
// back, if only to a redirect of the subject. The runner's own reading of inverse constraints.
#include "checks/redirected_link.hpp"
#include "checks/row.hpp"

namespace runner::checks {

namespace {

struct Own : One<&ParameterReader::property> {
    using One::One;
    void others(const entity::Entity& from, const entity::Entity& subject, const entity::Snak&,
                std::vector<entity::EntityId>& to) const {
        if (value)
            add_links(from, *value, subject.id, to);
    }
};

Verdict run(const Context& context, const Constraint& constraint,
            const entity::PropertyId& property) {
    return check_redirected_link(context, constraint, property, "inverse");
}

} // namespace

extern constexpr CheckRow inverse_by_redirect_row = row<Own, run>({
    .name = "inverse-by-redirect",
    .type = config::ConstraintId::InverseConstraint,
    .contexts = main_snak_else_todo,
    .default_contexts = by_default_on_main_snak,
    .entity_types = on_all_entities,
    .needs = Needs::value_links,
    .extra = config::Extra::redirects,
});

} // namespace runner::checks
