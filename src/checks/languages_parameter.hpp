// SPDX-License-Identifier: GPL-2.0-or-later
// The parameter of checks of labels and descriptions: the languages, and the entities that have them.
#pragma once

#include "checks/check.hpp"
#include "checks/problems.hpp"

namespace runner::checks::languages_parameter {

struct Own : Parameters {
    Parsed<std::vector<std::string_view>> languages;
    explicit Own(const ParameterReader& reader) : languages(reader.languages()) {}
};

[[nodiscard]] inline std::unique_ptr<const Parameters>
read(const ParameterReader& reader, const CheckSettings&) {
    return std::make_unique<Own>(reader);
}

[[nodiscard]] inline std::vector<ViolationMessage> validate(const Parameters& parameters) {
    return problems(static_cast<const Own&>(parameters).languages);
}

inline constexpr std::array<Support, 6> items_and_properties{
    Support::yes, Support::yes, Support::no, Support::no, Support::no, Support::no};

} // namespace runner::checks::languages_parameter
