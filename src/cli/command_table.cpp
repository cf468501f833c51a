// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/command_table.hpp"

#include "cli/command_notes.hpp"

#include <CLI/CLI.hpp>
#include <boost/json.hpp>

namespace runner::cli {
namespace {

namespace json = boost::json;

/// The words of "STATUS:{violation,warning}"; none where any value is taken.
json::array choices(const std::string& type) {
    json::array out;
    const auto open = type.find('{');
    const auto close = type.find('}', open);
    if (open == std::string::npos || close == std::string::npos)
        return out;
    for (const std::string& word : CLI::detail::split(type.substr(open + 1, close - open - 1), ','))
        out.emplace_back(CLI::detail::trim_copy(word));
    return out;
}

json::object described(const CLI::Option& option) {
    const std::string type = option.get_type_name();
    json::object out;
    if (option.get_positional()) {
        out["name"] = option.get_name(true);
        out["required"] = option.get_required();
        out["many"] = option.get_items_expected_max() > 1;
    } else {
        json::array names;
        for (const std::string& name : option.get_snames())
            names.emplace_back("-" + name);
        for (const std::string& name : option.get_lnames())
            names.emplace_back("--" + name);
        out["names"] = std::move(names);
        const bool takes_value = option.get_items_expected_max() > 0 && !type.empty();
        out["value"] = takes_value ? type.substr(0, type.find(':')) : "";
    }
    out["choices"] = choices(type);
    out["help"] = option.get_description();
    return out;
}

json::object described(const CLI::App& command, const std::string& before) {
    const std::string name = before + command.get_name();
    json::array options;
    json::array arguments;
    for (const CLI::Option* option : command.get_options())
        (option->get_positional() ? arguments : options).push_back(described(*option));
    json::array commands;
    for (const CLI::App* sub : command.get_subcommands([](const CLI::App*) { return true; }))
        commands.push_back(described(*sub, name + ' '));
    json::array lines;
    const auto space = name.find(' ');
    if (space != std::string::npos)
        for (const std::string& line : examples(std::string_view(name).substr(space + 1)))
            lines.emplace_back(line);
    return {{"name", name},       {"about", command.get_description()},
            {"options", options}, {"arguments", arguments},
            {"examples", lines},  {"commands", commands}};
}

} // namespace

std::string command_table(const CLI::App& app) {
    json::object table = described(app, "");
    json::object codes;
    for (const auto& [code, meaning] : exit_codes())
        codes[std::to_string(code)] = meaning;
    table["exit_codes"] = std::move(codes);
    return json::serialize(table);
}

} // namespace runner::cli
