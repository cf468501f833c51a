// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/command_notes.hpp"

#include "base/error.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <array>

namespace runner::cli {
namespace {

struct Example {
    std::string_view command; ///< without "constraint-runner"
    std::string_view words;   ///< after it
};

constexpr std::array table{
    Example{"serve", ""},
    Example{"serve", "--socket /tmp/runner.sock --log-level debug"},
    Example{"check", "--from dump.json.gz Q42"},
    Example{"check", "--wiki mywiki --fail-on violation --json Q42 Q64"},
    Example{"check", "--dump latest-all.json.bz2 --output results --threads 0"},
    Example{"dump", "--output results --format csv --sentences"},
    Example{"dump", "--output changes --since results/manifest.json"},
    Example{"migrate", "--dry-run"},
    Example{"migrate", ""},
    Example{"status", "--json"},
    Example{"verify", "--sample 1000"},
    Example{"verify", "--after Q42 --queue"},
    Example{"reset", "--wiki mywiki Q42"},
    Example{"ctl pause", "--wiki mywiki --reason 'the wiki is upgraded' --wait"},
    Example{"ctl resume", "--wiki mywiki"},
    Example{"ctl drain", ""},
    Example{"ctl reload", ""},
    Example{"ctl reprioritise", "--wiki mywiki --reason fill --priority low"},
    Example{"ctl reprioritise", "--wiki mywiki --priority high Q42"},
    Example{"ctl reset", "--wiki mywiki Q42"},
    Example{"ctl retry-dead", "--wiki mywiki"},
    Example{"import category", "'Images from WLM 2025' --depth 2 --wait"},
    Example{"import names", "list.csv --wait"},
    Example{"import names", "--address 'https://petscan.wmcloud.org/?psid=1&format=json' --wait"},
    Example{"import refresh", "17 --wait"},
    Example{"import dump", "latest-all.json.bz2 --wiki mywiki --wait"},
    Example{"import entities", "--from api --wiki mywiki --wait"},
    Example{"import entities", "--from stored --property P31 --force"},
    Example{"import list", "--status running"},
    Example{"import status", "17 --wait"},
    Example{"import problems", "17"},
    Example{"import files", "17 --change new --output new.csv"},
    Example{"import delete", "17"},
    Example{"import pause", "17"},
    Example{"import resume", "17"},
    Example{"import cancel", "17"},
    Example{"import retry", "17"},
    Example{"events", "--wiki mywiki --follow"},
    Example{"config show", "--changed"},
    Example{"config check", ""},
    Example{"checks list", "--json"},
};

std::string codes_text() {
    std::string text = "Exit codes:\n";
    for (const auto& [code, meaning] : exit_codes())
        text += fmt::format("  {:<4}{}\n", code, meaning);
    return text;
}

void add(CLI::App& command, const std::string& path) {
    std::string notes;
    for (const std::string& example : examples(path))
        notes += "  " + example + '\n';
    if (!notes.empty())
        notes = "Examples:\n" + notes + '\n';
    command.footer(notes + codes_text());
    for (CLI::App* sub : command.get_subcommands([](CLI::App*) { return true; }))
        add(*sub, path.empty() ? sub->get_name() : path + ' ' + sub->get_name());
}

} // namespace

std::vector<std::string> examples(std::string_view command) {
    std::vector<std::string> found;
    for (const Example& example : table)
        if (example.command == command)
            found.push_back(fmt::format("constraint-runner {}{}{}", command,
                                        example.words.empty() ? "" : " ", example.words));
    return found;
}

const std::vector<std::pair<int, std::string_view>>& exit_codes() {
    using base::ExitCode;
    const auto row = [](ExitCode code, std::string_view meaning) {
        return std::pair{static_cast<int>(code), meaning};
    };
    static const std::vector<std::pair<int, std::string_view>> codes{
        row(ExitCode::ok, "done"),
        {1, "found a result named by --fail-on, or a difference"},
        row(ExitCode::usage, "a wrong option or argument"),
        row(ExitCode::data, "invalid input"),
        row(ExitCode::no_input, "an input file is missing or can't be read"),
        row(ExitCode::unavailable, "the database, the runner or a wiki does not answer"),
        row(ExitCode::software, "a bug in the program"),
        row(ExitCode::os, "an operating system error"),
        row(ExitCode::cant_create, "an output file could not be created"),
        row(ExitCode::io, "an input or output error"),
        row(ExitCode::temp_fail, "try again later"),
        row(ExitCode::protocol, "the other side violated the protocol"),
        row(ExitCode::no_permission, "insufficient permissions"),
        row(ExitCode::config, "the configuration is invalid"),
    };
    return codes;
}

void add_notes(CLI::App& app) { add(app, ""); }

} // namespace runner::cli
