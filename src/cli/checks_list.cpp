// SPDX-License-Identifier: GPL-2.0-or-later
// `constraint-runner checks list`: the table of constraint types.
#include "checks/registry.hpp"
#include "cli/commands.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <string>

namespace runner::cli {

namespace {

std::string contexts_of(const checks::CheckRow& row, bool json) {
    std::string out;
    for (std::size_t i = 0; i < row.contexts.size(); ++i) {
        if (row.contexts[i] != checks::Support::yes)
            continue;
        if (!out.empty())
            out += json ? "," : ", ";
        const auto name = to_string(static_cast<checks::ContextType>(i));
        out += json ? fmt::format("\"{}\"", name) : std::string{name};
    }
    return out;
}

} // namespace

int run_checks_list(const ChecksListOptions& options) {
    if (options.json)
        fmt::print("[");
    else
        fmt::print("{:<36} {:<12} {}\n", "name", "default item", "checked on");
    const char* separator = "\n";
    for (const checks::CheckRow* row : checks::all_checks()) {
        const auto& id = config::constraint_id_table[static_cast<std::size_t>(row->type)];
        if (options.json) {
            fmt::print(
                "{}{{\"name\":\"{}\",\"setting\":\"{}\",\"item\":\"{}\",\"contexts\":[{}]{}}}",
                separator, row->name, id.setting, id.default_id, contexts_of(*row, true),
                row->extra ? ",\"own\":true" : "");
            separator = ",\n";
        } else {
            fmt::print("{:<36} {:<12} {}{}\n", row->name, id.default_id, contexts_of(*row, false),
                       row->extra ? fmt::format(" (own: {})", config::to_string(*row->extra)) : "");
        }
    }
    if (options.json)
        fmt::print("\n]\n");
    return 0;
}

} // namespace runner::cli
