// SPDX-License-Identifier: GPL-2.0-or-later
// Conflicts with, beside: the same qualifiers or reference contain no snak with the other property,
// or none with one of the listed values of it. The runner's own reading of conflicts with
// constraints.
#include "checks/snaks_beside.hpp"

namespace runner::checks {

namespace {

using property_and_items::Own;

Verdict run(const Context& context, const Own& own) {
    const entity::Snak* other = snaks_beside::find(context, own);
    return other == nullptr ? Verdict{Status::compliance}
                            : property_and_items::conflict(context, own, *other);
}

} // namespace

extern constexpr CheckRow conflicts_with_beside_row =
    snaks_beside::row<run>("conflicts-with-beside", config::ConstraintId::ConflictsWithConstraint);

} // namespace runner::checks
