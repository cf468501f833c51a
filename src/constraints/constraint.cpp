// SPDX-License-Identifier: GPL-2.0-or-later
// See constraint.hpp.
#include "constraints/constraint.hpp"

#include "results/json.hpp"

namespace runner::constraints {

namespace {

/// Wikidata's item for "property constraint": stands where a malformed statement names no type.
constexpr std::string_view no_type = "Q21502402";
constexpr std::size_t max_parameters_json = 50000;
constexpr std::size_t shortest_snak = 80; ///< of hash, type and property; more in truth

/// How long PHP's json_encode would make the same JSON: it escapes slashes and all that is not
/// ASCII.
std::size_t php_length(std::string_view json) noexcept {
    std::size_t length = 0;
    for (const char character : json) {
        const auto c = static_cast<unsigned char>(character);
        if (c == '/')
            length += 2;
        else if (c < 0x80)
            length += 1;
        else if (c >= 0xF0)
            length += 12; // a surrogate pair
        else if (c >= 0xC0)
            length += 6;
    }
    return length;
}

/// Length of the parameters as WBQC stores them (JSON_FORCE_OBJECT: lists are maps too).
std::size_t stored_length(const Constraint& constraint) {
    std::size_t length = 2; // {}
    std::string value;
    for (const auto& [property, snaks] : constraint.parameters) {
        const std::size_t name = property.to_string().size();
        length += name + 3 + 2 + 1; // "P1":{},
        for (std::size_t i = 0; i < snaks.size(); ++i) {
            const entity::Snak& snak = *snaks[i];
            length += std::to_string(i).size() + 3 + 1; // "0":…,
            constexpr std::string_view frame =
                R"({"snaktype":"","property":"","hash":"0123456789012345678901234567890123456789"})";
            length += frame.size() + name;
            if (snak.type == entity::SnakType::value) {
                value.clear();
                results::append_json(value, snak.value);
                length += std::string_view{R"(,"datavalue":)"}.size() + php_length(value) + 5;
            } else {
                length += snak.type == entity::SnakType::somevalue ? 9 : 7;
            }
        }
        length -= 1; // no comma after the last
    }
    return constraint.parameters.empty() ? length : length - 1;
}

} // namespace

const std::vector<const entity::Snak*>*
Constraint::parameter(entity::PropertyId wanted) const noexcept {
    for (const auto& [name, snaks] : parameters)
        if (name == wanted)
            return &snaks;
    return nullptr;
}

std::vector<Constraint> constraints_of(const entity::Entity& property,
                                       const Vocabulary& vocabulary) {
    const auto wanted = vocabulary.property(config::ConstraintId::PropertyConstraint);
    std::vector<Constraint> out;
    for (const entity::Statement& statement : property.statements) {
        if (statement.main.property != wanted || statement.rank == entity::Rank::deprecated)
            continue;
        Constraint constraint;
        constraint.id = statement.guid;
        constraint.property = {property.id.number};
        constraint.data_type = property.data_type;
        const auto* type = statement.main.type == entity::SnakType::value
                               ? entity::entity_id_of(statement.main.value)
                               : nullptr;
        constraint.malformed = type == nullptr;
        constraint.type = type != nullptr ? type->to_string() : std::string{no_type};
        if (statement.qualifiers.size() > max_parameters_json / shortest_snak) {
            constraint.too_long = true; // not even worth sorting
            out.push_back(std::move(constraint));
            continue;
        }
        for (const entity::Snak& snak : statement.qualifiers) {
            auto* list = [&]() -> std::vector<const entity::Snak*>* {
                for (auto& [name, snaks] : constraint.parameters)
                    if (name == snak.property)
                        return &snaks;
                return nullptr;
            }();
            if (list == nullptr)
                list = &constraint.parameters
                            .emplace_back(snak.property, std::vector<const entity::Snak*>{})
                            .second;
            list->push_back(&snak);
        }
        if (stored_length(constraint) > max_parameters_json) {
            constraint.too_long = true;
            constraint.parameters.clear();
        }
        out.push_back(std::move(constraint));
    }
    return out;
}

} // namespace runner::constraints
