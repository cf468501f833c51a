// SPDX-License-Identifier: GPL-2.0-or-later
#include "ops/health.hpp"

namespace runner::ops {

bool Health::problem(const std::string& part, const std::string& text, Clock::duration lifetime) {
    const auto now = Clock::now();
    const std::lock_guard lock(mutex_);
    Problem& known = problems_[part];
    const bool fresh = known.text != text || known.until < now;
    known.text = text;
    known.until =
        lifetime == Clock::duration::max() ? Clock::time_point::max() : now + lifetime;
    return fresh;
}

bool Health::good(const std::string& part) {
    const std::lock_guard lock(mutex_);
    return problems_.erase(part) > 0;
}

std::vector<std::string> Health::problems() const {
    const auto now = Clock::now();
    std::vector<std::string> texts;
    const std::lock_guard lock(mutex_);
    for (const auto& [part, problem] : problems_)
        if (problem.until >= now)
            texts.push_back(part + ": " + problem.text);
    return texts;
}

} // namespace runner::ops
