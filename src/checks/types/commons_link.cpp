// SPDX-License-Identifier: GPL-2.0-or-later
// Commons link: the value is the title of a page on Wikimedia Commons, in a given namespace.
// WBQC: CommonsLinkChecker. If Commons was not asked, the check is left to do; where Commons
// did not answer, it is incomplete.
#include "checks/commons_titles.hpp"
#include "checks/row.hpp"
#include "checks/time_budget.hpp"
#include "checks/wrong_value.hpp"

namespace runner::checks {

namespace {

using source::TitleState;

/// No underscores, no %20, no white space at the ends.
bool well_formed(std::string_view link) noexcept {
    constexpr std::string_view white{" \t\n\r\0\x0B", 6}; // what PHP's trim() takes away
    return link.find('_') == std::string_view::npos && link.find("%20") == std::string_view::npos &&
           (link.empty() || (white.find(link.front()) == std::string_view::npos &&
                             white.find(link.back()) == std::string_view::npos));
}

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool names_namespace(std::string_view link, std::string_view name_space) noexcept {
    if (name_space.empty() || link.size() <= name_space.size() || link[name_space.size()] != ':')
        return false;
    for (std::size_t i = 0; i < name_space.size(); ++i)
        if (lower(link[i]) != lower(name_space[i]))
            return false;
    return true;
}

Verdict not_well_formed() {
    return Verdict::violation(ViolationMessage("commons-link-not-well-formed"));
}

/// The title that is looked up; empty when the link is not well-formed.
std::optional<std::string> title_of(std::string_view link, const Constraint& constraint,
                                    std::string_view name_space) {
    if (!well_formed(link))
        return std::nullopt;
    const std::string prefix = std::string{name_space} + ':';
    std::string title{link};
    if (constraint.data_type == "geo-shape" || constraint.data_type == "tabular-data") {
        if (!link.starts_with(prefix))
            return std::nullopt;
    } else if (!name_space.empty() && name_space != "0") { // "0" is false in PHP
        title.insert(0, prefix);
    }
    return title;
}

struct Own : One<&ParameterReader::name_space> {
    using One::One;
    [[nodiscard]] std::optional<std::string> title(const entity::Snak& snak,
                                                   const Constraint& constraint) const {
        const auto* link = snak.type == entity::SnakType::value
                               ? std::get_if<std::string_view>(&snak.value)
                               : nullptr;
        if (!value || link == nullptr)
            return std::nullopt;
        return title_of(*link, constraint, *value);
    }
};

TitleState state_of(const std::string& title, const Context& context,
                    const CheckSettings& settings) {
    if (settings.commons_titles == nullptr)
        return context.facts->title(title);
    return settings.commons_titles->exists(title) ? TitleState::exists : TitleState::missing;
}

Verdict run(const Context& context, const Constraint& constraint,
            const std::string_view& name_space, const CheckSettings& settings) {
    if (context.snak->type != entity::SnakType::value)
        return Status::compliance;
    const auto* link = std::get_if<std::string_view>(&context.snak->value);
    if (link == nullptr)
        return value_of_type_needed(constraint, "string");
    const auto title = title_of(*link, constraint, name_space);
    if (!title)
        return not_well_formed();
    switch (state_of(*title, context, settings)) {
    case TitleState::exists: return Status::compliance;
    case TitleState::missing: break;
    case TitleState::unknown:
        if (!context.facts->titles_problem().empty())
            context.budget->note("commons-link: " + context.facts->titles_problem());
        return Status::todo;
    }
    if (names_namespace(*link, name_space))
        return not_well_formed();
    return Verdict::violation(ViolationMessage("commons-link-no-existent"));
}

} // namespace

extern constexpr CheckRow commons_link_row = row<Own, run>({
    .name = "commons-link",
    .type = config::ConstraintId::CommonsLinkConstraint,
    .contexts = in_all_contexts,
    .default_contexts = by_default_everywhere,
    .entity_types = on_all_entities,
    .on_deprecated = OnDeprecated::check,
    .needs = Needs::title,
});

} // namespace runner::checks
