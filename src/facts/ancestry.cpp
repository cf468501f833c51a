// SPDX-License-Identifier: GPL-2.0-or-later
// See ancestry.hpp.
#include "facts/ancestry.hpp"

#include <algorithm>

namespace runner::facts {

Ancestry::Ancestry(std::vector<entity::EntityId> classes, const std::vector<Step>& steps)
    : begin_(classes.size() + 1) {
    for (const Step& step : steps)
        ++begin_[step.to + 1];
    for (std::size_t i = 1; i < begin_.size(); ++i)
        begin_[i] += begin_[i - 1];
    lower_.resize(steps.size());
    std::vector<std::size_t> next(begin_.begin(), begin_.end() - 1);
    for (const Step& step : steps)
        lower_[next[step.to]++] = step.from | (step.redirect ? by_redirect : 0);
    classes_.reserve(classes.size());
    for (Number i = 0; i < classes.size(); ++i)
        classes_.emplace_back(classes[i], i);
    std::sort(classes_.begin(), classes_.end());
}

Ancestry::Number Ancestry::find(const entity::EntityId& id) const noexcept {
    const auto at = std::lower_bound(
        classes_.begin(), classes_.end(), id,
        [](const auto& entry, const entity::EntityId& wanted) { return entry.first < wanted; });
    return at != classes_.end() && at->first == id ? at->second : none;
}

std::span<const Ancestry::Number> Ancestry::lower(Number number) const noexcept {
    return std::span(lower_).subspan(begin_[number], begin_[number + 1] - begin_[number]);
}

std::vector<bool> Ancestry::all_below(std::span<const entity::EntityId> wanted) const {
    std::vector<bool> below(classes_.size());
    std::vector<Number> open;
    const auto reach = [&](Number number) {
        if (!below[number]) {
            below[number] = true;
            open.push_back(number);
        }
    };
    for (const auto& id : wanted)
        if (const Number top = find(id); top != none)
            for (const Number each : lower(top))
                if ((each & by_redirect) == 0)
                    reach(each);
    while (!open.empty()) {
        const Number number = open.back();
        open.pop_back();
        for (const Number each : lower(number))
            reach(each & ~by_redirect);
    }
    return below;
}

bool Ancestry::is_below(const entity::EntityId& id,
                        std::span<const entity::EntityId> wanted) const {
    const Number number = find(id);
    if (number == none || wanted.empty())
        return false;
    const std::lock_guard lock(mutex_);
    const auto [at, is_new] = known_.try_emplace(wanted.data());
    if (is_new)
        at->second = all_below(wanted);
    return at->second[number];
}

} // namespace runner::facts
