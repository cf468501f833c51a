// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/printed_violations.hpp"

#include "base/terminal.hpp"
#include "base/unicode.hpp"
#include "base/utf8.hpp"
#include "results/status.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <type_traits>
#include <variant>

namespace runner::cli {
namespace {

std::string text_of(const entity::DataValue& value) {
    return std::visit(
        [](const auto& v) -> std::string {
            using T = std::decay_t<decltype(v)>;
            if constexpr (std::is_same_v<T, entity::EntityId>)
                return v.to_string();
            else if constexpr (std::is_same_v<T, std::string_view>)
                return '"' + std::string(v) + '"';
            else if constexpr (std::is_same_v<T, entity::MonolingualText>)
                return fmt::format("\"{}\" ({})", v.text, v.language);
            else if constexpr (std::is_same_v<T, entity::TimeValue>)
                return std::string(v.time);
            else if constexpr (std::is_same_v<T, entity::QuantityValue>)
                return v.unit == "1"
                           ? std::string(v.amount)
                           : fmt::format("{} {}", v.amount, v.unit.substr(v.unit.rfind('/') + 1));
            else if constexpr (std::is_same_v<T, entity::GlobeCoordinate>)
                return fmt::format("{}, {}", v.latitude, v.longitude);
            else
                return std::string(v.json);
        },
        value);
}

const entity::Statement* statement_of(const entity::Entity& entity, std::string_view guid) {
    for (const entity::Statement& statement : entity.statements)
        if (statement.guid == guid)
            return &statement;
    return nullptr;
}

} // namespace

std::string value_text(const entity::Snak& snak) {
    switch (snak.type) {
    case entity::SnakType::somevalue: return "unknown value";
    case entity::SnakType::novalue: return "no value";
    case entity::SnakType::value: break;
    }
    return base::terminal_text(text_of(snak.value));
}

std::string shortened(std::string_view text, std::size_t columns) {
    if (base::columns_of(text) <= columns)
        return std::string(text);
    return std::string(base::first_columns(text, columns - 1)) + "…";
}

/// `text` in lines of at most list_columns columns, each after `indent` spaces.
void append_wrapped(std::string& out, std::string_view text, std::size_t indent) {
    const std::size_t most = list_columns - indent;
    std::string line;
    const auto end_line = [&] {
        out.append(indent, ' ').append(line) += '\n';
        line.clear();
    };
    for (std::string_view rest = text; !rest.empty();) {
        const std::size_t end = std::min(rest.find(' '), rest.size());
        const std::string word = shortened(rest.substr(0, end), most);
        if (!line.empty() && base::columns_of(line) + 1 + base::columns_of(word) > most)
            end_line();
        line += (line.empty() ? "" : " ") + word;
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    if (!line.empty())
        end_line();
}

void append_violations(const results::StoredResult& result, const entity::Entity& entity,
                       const std::map<std::string, std::string>& type_names,
                       const results::LabelOf& label, std::string& out) {
    if (result.violations.empty())
        return;
    const auto sentences = results::sentences_of(result.value, label, result.own);
    std::string_view guid; // of the statement that was named last
    for (const results::Violation& violation : result.violations) {
        if (guid != violation.statement) {
            guid = violation.statement;
            const entity::Statement* statement = statement_of(entity, guid);
            std::string name = entity.id.to_string();
            if (statement != nullptr)
                name += ' ' + statement->main.property.to_string() + " = " +
                        value_text(statement->main);
            out += shortened(name, list_columns) + '\n';
            out += "  " + shortened(base::terminal_text(guid), list_columns - 2) + '\n';
        }
        const auto type = type_names.find(violation.type);
        const std::string what =
            fmt::format("{}: {} of {}{}", results::to_string(violation.status),
                        type == type_names.end() ? violation.type : type->second,
                        violation.property.to_string(), violation.own ? " (own)" : "");
        out += "  " + shortened(what, list_columns - 2) + '\n';
        const auto said = sentences.find({violation.statement, violation.constraint});
        if (said != sentences.end())
            append_wrapped(out, base::terminal_text(said->second), 4);
        if (!violation.fix.empty())
            append_wrapped(out, base::terminal_text(results::fix_sentence(violation.fix, label)),
                           4);
    }
}

} // namespace runner::cli
