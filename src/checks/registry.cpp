// SPDX-License-Identifier: GPL-2.0-or-later
// See registry.hpp. One line for each row, sorted by name; the row itself is in types/, in the file
// of its constraint type.
#include "checks/registry.hpp"

#include "checks/check_times.hpp"

#include <algorithm>
#include <array>

#define RUNNER_CHECKS(X)                                                                           \
    X(allowed_entity_types)                                                                        \
    X(allowed_qualifiers)                                                                          \
    X(allowed_units)                                                                               \
    X(citation_needed)                                                                             \
    X(commons_link)                                                                                \
    X(conflicts_with)                                                                              \
    X(conflicts_with_beside)                                                                       \
    X(conflicts_with_class)                                                                        \
    X(contemporary)                                                                                \
    X(contemporary_by_interval)                                                                    \
    X(description_in_language)                                                                     \
    X(difference_within_range)                                                                     \
    X(difference_within_range_by_interval)                                                         \
    X(distinct_values)                                                                             \
    X(distinct_values_anywhere)                                                                    \
    X(format)                                                                                      \
    X(integer)                                                                                     \
    X(inverse)                                                                                     \
    X(inverse_by_redirect)                                                                         \
    X(item_requires_beside)                                                                        \
    X(item_requires_class)                                                                         \
    X(item_requires_statement)                                                                     \
    X(label_in_language)                                                                           \
    X(lexeme_language)                                                                             \
    X(lexeme_lexical_category)                                                                     \
    X(mandatory_qualifiers)                                                                        \
    X(multi_value)                                                                                 \
    X(no_bounds)                                                                                   \
    X(none_of)                                                                                     \
    X(none_of_class)                                                                               \
    X(one_of)                                                                                      \
    X(property_scope)                                                                              \
    X(range)                                                                                       \
    X(range_by_interval)                                                                           \
    X(single_best_value)                                                                           \
    X(single_value)                                                                                \
    X(single_value_by_interval)                                                                    \
    X(subject_type)                                                                                \
    X(symmetric)                                                                                   \
    X(symmetric_by_redirect)                                                                       \
    X(used_as_qualifier)                                                                           \
    X(used_as_reference)                                                                           \
    X(used_for_values_only)                                                                        \
    X(value_lexical_category)                                                                      \
    X(value_requires_statement)                                                                    \
    X(value_type)

namespace runner::checks {

#define RUNNER_ROW(name) extern const CheckRow name##_row;
RUNNER_CHECKS(RUNNER_ROW)
#undef RUNNER_ROW

namespace {

#define RUNNER_ROW(name) &name##_row,
constexpr std::array table{RUNNER_CHECKS(RUNNER_ROW)};
#undef RUNNER_ROW
static_assert(table.size() <= most_check_types);

} // namespace

std::span<const CheckRow* const> all_checks() noexcept { return table; }

std::size_t number_of(const CheckRow& row) noexcept {
    return static_cast<std::size_t>(std::find(table.begin(), table.end(), &row) - table.begin());
}

const CheckRow* find_check(std::string_view name) noexcept {
    const auto at = std::find_if(table.begin(), table.end(),
                                 [&](const CheckRow* row) { return row->name == name; });
    return at == table.end() ? nullptr : *at;
}

} // namespace runner::checks
