// SPDX-License-Identifier: GPL-2.0-or-later
// See fingerprint.hpp.
#include "config/fingerprint.hpp"

#include "base/sha1.hpp"
#include "config/settings_table.hpp"
#include "config/value.hpp"

#include <array>
#include <fstream>
#include <iterator>
#include <string_view>

namespace runner::config {

namespace {

// all others say where entities come from, how fast, and what else is kept
constexpr std::array<std::string_view, 13> deciding{
    "wiki.*.wbqc",
    "wiki.*.concept_base_uri",
    "wiki.*.unit_conversion",
    "wiki.*.check_qualifiers",
    "wiki.*.check_references",
    "wiki.*.check_format_constraint",
    "wiki.*.distinct_values",
    "wiki.*.enable_suggestion_constraint_status",
    "wiki.*.properties_with_violating_qualifiers",
    "wiki.*.start_time_properties",
    "wiki.*.end_time_properties",
    "wiki.*.year_unit",
    "wiki.*.second_unit",
};

} // namespace

std::string fingerprint(const WikiSettings& wiki) {
    WikiSettings copy = wiki;
    std::string text;
    for (const std::string_view key : deciding) {
        const SettingRow* row = find_row(key);
        text += std::string(key) + "=" + literal(*row, {nullptr, &copy}) + "\n";
    }
    for (const std::string& extra : wiki.extras) // without any, as it was before there were some
        text += "extra " + extra + "\n";
    const std::size_t ids = wiki.extras.empty() ? first_own_id : constraint_id_count;
    for (std::size_t i = 0; i < ids; ++i)
        text += wiki.ids[static_cast<ConstraintId>(i)] + "\n";
    if (wiki.unit_conversion_json != nullptr)
        text += *wiki.unit_conversion_json;
    else if (std::ifstream file(wiki.unit_conversion, std::ios::binary); file)
        text.append(std::istreambuf_iterator<char>(file), {});
    return base::sha1_hex(text);
}

} // namespace runner::config
