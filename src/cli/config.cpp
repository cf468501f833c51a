// SPDX-License-Identifier: GPL-2.0-or-later
// The commands `config show` and `config check`.
#include "base/error.hpp"
#include "base/log.hpp"
#include "cli/commands.hpp"
#include "config/reference.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iostream>
#include <string_view>

#include <grp.h>
#include <unistd.h>

namespace runner::cli {
namespace {

std::vector<std::string> problems_of(const config::Settings& settings) {
    std::vector<std::string> problems;
    const auto need_file = [&](const std::string& key, const std::filesystem::path& file) {
        if (access(file.c_str(), R_OK) != 0)
            problems.push_back(fmt::format("{}: {}: {}", key, file.string(), std::strerror(errno)));
        else if (std::filesystem::is_directory(file))
            problems.push_back(fmt::format("{}: {}: is a directory", key, file.string()));
    };
    const std::string& group = settings.server.socket_group;
    const bool numeric = std::all_of(group.begin(), group.end(),
                                     [](char c) { return c >= '0' && c <= '9'; });
    if (!numeric && getgrnam(group.c_str()) == nullptr)
        problems.push_back("server.socket_group: no group \"" + group + '"');
    if (settings.server.socket.empty() && settings.server.listen.empty())
        problems.emplace_back("server.socket, server.listen: both are empty, so nobody could "
                              "reach the API");
    if (!settings.server.listen.empty())
        if (std::string problem = config::tcp_token_problem(settings); !problem.empty())
            problems.push_back(std::move(problem));
    for (const config::WikiSettings& wiki : settings.wikis) {
        for (const std::filesystem::path& file : wiki.files)
            need_file("wiki." + wiki.id + ".files", file);
        if (!wiki.unit_conversion.empty())
            need_file("wiki." + wiki.id + ".unit_conversion", wiki.unit_conversion);
    }
    return problems;
}

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
    const std::vector<std::string> problems = problems_of(loaded.settings);
    if (options.json) {
        std::string list;
        for (const std::string& problem : problems)
            list += (list.empty() ? "" : ", ") + json_string(problem);
        std::cout << fmt::format("{{\"ok\": {}, \"problems\": [{}]}}\n", problems.empty(), list);
    } else if (problems.empty()) {
        std::cout << "The configuration is good.\n";
    } else {
        for (const std::string& problem : problems)
            std::cerr << "constraint-runner: " << problem << '\n';
    }
    return static_cast<int>(problems.empty() ? base::ExitCode::ok : base::ExitCode::config);
}

} // namespace runner::cli
