// SPDX-License-Identifier: GPL-2.0-or-later
// See category_redirects.hpp.
#include "imports/category_redirects.hpp"

#include "imports/category_name.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace runner::imports {

namespace {

bool contains(std::span<const std::string> list, const std::string& name) {
    return std::find(list.begin(), list.end(), name) != list.end();
}

store::ImportProblem problem(const char* code, const std::string& name, std::string reason) {
    store::ImportProblem made;
    made.code = code;
    made.item = "Category:" + shown_name(name);
    made.reason = std::move(reason);
    made.retryable = made.counted = false;
    return made;
}

/// Where a soft redirect leads: the one category that its page links to.
std::optional<std::string> soft_target(const std::string& name, const CategoryFacts& facts,
                                       std::span<const std::string> lists, Categories& into) {
    std::vector<std::string> targets;
    for (const std::string& link : facts.links)
        if (link != name && !contains(lists, link) && !contains(targets, link))
            targets.push_back(link);
    if (targets.size() == 1)
        return targets.front();
    std::string all;
    for (const std::string& target : targets)
        all += (all.empty() ? "" : ", ") + shown_name(target);
    into.problems.push_back(
        problem("unclear_redirect", name,
                targets.empty() ? "it says that it moved, but links to no other category"
                                : fmt::format("it says that it moved, but links to {} categories: "
                                              "{}",
                                              targets.size(), all)));
    return std::nullopt;
}

} // namespace

Categories follow_redirects(std::span<const std::string> names, std::uint32_t hops,
                            std::span<const std::string> lists,
                            const std::function<CategoryFacts(const std::string&)>& facts) {
    Categories found;
    for (const std::string& asked : names) {
        std::vector<std::string> way{asked};
        for (;;) {
            const std::string name = way.back();
            if (contains(found.names, name) && way.size() > 1)
                break; // it was followed from there already
            const CategoryFacts known = facts(name);
            if (!known.exists && !known.has_members) {
                if (way.size() == 1)
                    found.missing.push_back(name);
                else
                    found.problems.push_back(problem("redirect_to_nothing", way[way.size() - 2],
                                                     fmt::format("it redirects to {}, which does "
                                                                 "not exist",
                                                                 shown_name(name))));
                break;
            }
            const bool again = contains(found.names, name);
            if (!again)
                found.names.push_back(name);
            std::optional<std::string> next;
            if (hops == 0 || again)
                break;
            if (known.hard_redirect)
                next = known.hard_redirect;
            else if (known.soft_redirect)
                next = soft_target(name, known, lists, found);
            if (!next)
                break;
            if (contains(way, *next)) {
                std::string loop;
                for (const std::string& step : way)
                    loop += shown_name(step) + " → ";
                found.problems.push_back(problem(
                    "redirect_loop", name, "redirects go round: " + loop + shown_name(*next)));
                break;
            }
            if (way.size() > hops) {
                found.problems.push_back(problem(
                    "too_many_redirects", asked,
                    fmt::format("more than {} redirects one after the other; {} was not followed",
                                hops, shown_name(*next))));
                break;
            }
            found.followed.push_back({name, *next, known.hard_redirect.has_value()});
            way.push_back(*next);
        }
    }
    return found;
}

} // namespace runner::imports
