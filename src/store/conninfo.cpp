// SPDX-License-Identifier: GPL-2.0-or-later
// See conninfo.hpp.
#include "store/conninfo.hpp"

#include <libpq-fe.h>

#include <algorithm>
#include <memory>
#include <string_view>

namespace runner::store {

namespace {

using Options = std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)>;

Options parse(const std::string& conninfo, std::string& problem) {
    char* words = nullptr;
    Options options(PQconninfoParse(conninfo.c_str(), &words), &PQconninfoFree);
    if (options == nullptr) {
        problem = words != nullptr ? words : "out of memory";
        PQfreemem(words);
    }
    return options;
}

/// The names of unknown options are shown; other quotes may be of a password.
std::string without_secrets(std::string text) {
    while (!text.empty() && text.back() == '\n')
        text.pop_back();
    for (const std::string_view harmless :
         {"invalid connection option", "invalid URI query parameter"})
        if (text.starts_with(harmless))
            return text;
    const std::size_t quote = text.find('"');
    if (quote == std::string::npos)
        return text;
    const std::size_t end = text.rfind('"');
    return text.substr(0, quote) + "…" + text.substr(end + 1);
}

} // namespace

std::string conninfo_problem(const std::string& conninfo) {
    std::string problem;
    (void)parse(conninfo, problem);
    return problem.empty() ? problem : "libpq does not take it: " + without_secrets(problem);
}

std::vector<std::string> conninfo_hosts(const std::string& conninfo) {
    std::string problem;
    std::vector<std::string> hosts;
    const Options options = parse(conninfo, problem);
    for (const PQconninfoOption* option = options.get();
         option != nullptr && option->keyword != nullptr; ++option) {
        if (std::string_view(option->keyword) != "host" || option->val == nullptr)
            continue;
        std::string_view list = option->val;
        while (!list.empty()) {
            const std::size_t comma = std::min(list.find(','), list.size());
            if (comma > 0)
                hosts.emplace_back(list.substr(0, comma));
            list.remove_prefix(std::min(comma + 1, list.size()));
        }
    }
    return hosts;
}

} // namespace runner::store
