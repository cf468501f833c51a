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

bool has_password(std::string_view conninfo) {
    if (conninfo.find("password") != std::string_view::npos)
        return true;
    const std::size_t begin = conninfo.find("://");
    if (begin == std::string_view::npos)
        return false;
    const std::string_view user = conninfo.substr(begin + 3, conninfo.rfind('@') - begin - 3);
    return conninfo.rfind('@') != std::string_view::npos &&
           user.find(':') != std::string_view::npos;
}

/// What is quoted may be of a password: without one the names of unknown options are shown.
std::string without_secrets(std::string text, std::string_view conninfo) {
    while (!text.empty() && text.back() == '\n')
        text.pop_back();
    if (!has_password(conninfo))
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
    return problem.empty() ? problem : "libpq does not take it: " + without_secrets(problem, conninfo);
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
