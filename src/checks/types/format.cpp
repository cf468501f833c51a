// SPDX-License-Identifier: GPL-2.0-or-later
// Format: the text matches the regular expression, as PHP's preg_match sees it. WBQC: FormatChecker
// with its Shellbox route.
#include "checks/regex.hpp"
#include "checks/row.hpp"
#include "checks/time_budget.hpp"

#include <optional>

namespace runner::checks {

namespace {

struct Own : Parameters {
    Parsed<std::string_view> format;
    Parsed<std::vector<entity::MonolingualText>> clarification;
    std::optional<Regex> regex; ///< empty when the format is not a valid expression
    Own(const ParameterReader& reader, const CheckSettings& settings)
        : format(reader.format()), clarification(reader.syntax_clarification()) {
        if (format)
            regex = Regex::compile(*format, settings.wiki.dialect().format_style);
    }
    [[nodiscard]] auto parsed() const { return std::tie(format, clarification); }
};

Verdict not_checked(const Constraint& constraint) {
    ViolationMessage message("security-reason");
    message.entity_id(constraint.type, Role::constraint_type_item);
    return {Status::todo, std::move(message)};
}

Verdict bad_expression(std::string_view format, const config::Dialect& dialect) {
    ViolationMessage message("parameter-regex");
    message.inline_code(dialect.format_error_shows_pattern
                            ? Regex::pattern(format, dialect.format_style)
                            : std::string{format},
                        Role::constraint_parameter_value);
    return Verdict::bad_parameters(std::move(message));
}

Verdict run(const Context& context, const Constraint& constraint, const Own& own,
            const CheckSettings& settings) {
    if (context.snak->type != entity::SnakType::value)
        return Status::compliance;
    std::string_view text;
    if (const auto* string = std::get_if<std::string_view>(&context.snak->value)) {
        text = *string;
    } else if (const auto* mono = std::get_if<entity::MonolingualText>(&context.snak->value)) {
        text = mono->text;
    } else {
        ViolationMessage message("value-needed-of-types-2");
        message.entity_id(constraint.type, Role::constraint_type_item);
        message.data_value_type("string").data_value_type("monolingualtext");
        return Verdict::violation(std::move(message));
    }
    if (!settings.wiki.check_format_constraint)
        return not_checked(constraint);
    const config::Dialect& dialect = settings.wiki.dialect();
    if (!own.regex)
        return bad_expression(*own.format, dialect);
    Match match = Match::no_time;
    if (context.budget->start()) {
        match = own.regex->matches(text, context.budget->left());
        context.budget->stop();
    }
    if (match == Match::no_time) {
        context.budget->note("format: the time for regular expressions is used up");
        return not_checked(constraint);
    }
    if (match == Match::yes)
        return Status::compliance;
    if (match == Match::limit && dialect.format_limit_is_bad_parameter)
        return bad_expression(*own.format, dialect);
    ViolationMessage message("format-clarification");
    message.entity_id(context.snak->property, Role::constraint_property);
    message.data_value(entity::DataValue{text}, Role::object);
    message.inline_code(*own.format, Role::constraint_parameter_value);
    message.multilingual_text(*own.clarification, Role::constraint_parameter_value);
    return Verdict::violation(std::move(message));
}

} // namespace

extern constexpr CheckRow format_row = row<Own, run>({
    .name = "format",
    .type = config::ConstraintId::FormatConstraint,
    .contexts = in_all_contexts,
    .default_contexts = by_default_everywhere,
    .entity_types = on_all_entities,
    .on_deprecated = OnDeprecated::check,
});

} // namespace runner::checks
