// SPDX-License-Identifier: GPL-2.0-or-later
// See conninfo.hpp.
#include "store/common/conninfo.hpp"

#include "config/conninfo.hpp"

#include <algorithm>
#include <libpq-fe.h>
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

} // namespace

std::string libpq_problem(const std::string& conninfo) {
    std::string problem;
    (void)parse(conninfo, problem);
    while (!problem.empty() && problem.back() == '\n')
        problem.pop_back();
    return problem.empty()
               ? problem
               : "libpq does not take it: " + config::redact_conninfo(problem, conninfo);
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
