// SPDX-License-Identifier: GPL-2.0-or-later
// Distinct values anywhere: no other entity has the value in such a place, whatever the property of the
// statement is. WBQC searched so until 1.43.
#include "checks/check.hpp"

namespace runner::checks {

namespace {

bool is_searched_for_less(const Constraint&, const CheckSettings& settings) {
    return settings.wiki.dialect().distinct_only_own_property;
}

CheckRow anywhere(CheckRow row) {
    row.name = "distinct-values-anywhere";
    row.contexts = {Support::todo, Support::yes, Support::yes};
    row.extra = config::Extra::distinct;
    row.concerns = is_searched_for_less;
    return row;
}

} // namespace

extern const CheckRow distinct_values_row;

extern const CheckRow distinct_values_anywhere_row; // for registry.cpp
const CheckRow distinct_values_anywhere_row = anywhere(distinct_values_row);

} // namespace runner::checks
