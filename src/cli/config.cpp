// SPDX-License-Identifier: GPL-2.0-or-later
// The commands `config show` and `config check`.
#include "base/error.hpp"
#include "base/log.hpp"
#include "cli/commands.hpp"
#include "cli/config_problems.hpp"
#include "cli/tell.hpp"
#include "config/reference.hpp"

#include <fmt/format.h>

#include <iostream>
#include <string_view>

namespace runner::cli {
namespace {

std::string json_string(std::string_view text) {
    std::string out = "\"";
    base::append_json_escaped(out, text);
    return out + '"';
}

} // namespace

int run_config_show(const config::Loaded& loaded, const ConfigShowOptions& options) {
    std::cout << (options.json ? config::show_json(loaded, options.changed_only)
                               : config::show_toml(loaded, options.changed_only));
    return static_cast<int>(base::ExitCode::ok);
}

int run_config_check(const config::Loaded& loaded, const ConfigCheckOptions& options) {
    const std::vector<std::string> problems = config_problems(loaded.settings);
    if (options.json) {
        std::string list;
        for (const std::string& problem : problems)
            list += (list.empty() ? "" : ", ") + json_string(problem);
        std::cout << fmt::format("{{\"ok\": {}, \"problems\": [{}]}}\n", problems.empty(), list);
    } else if (problems.empty()) {
        std::cout << "The configuration is valid.\n";
    } else {
        for (const std::string& problem : problems)
            note(problem);
    }
    return static_cast<int>(problems.empty() ? base::ExitCode::ok : base::ExitCode::config);
}

} // namespace runner::cli
