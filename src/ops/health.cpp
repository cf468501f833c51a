// SPDX-License-Identifier: GPL-2.0-or-later
#include "ops/health.hpp"

namespace runner::ops {

bool Health::problem(const std::string& part, const std::string& text, Clock::duration lifetime) {
    return note(part, text, lifetime, false);
}

bool Health::warning(const std::string& part, const std::string& text, Clock::duration lifetime) {
    return note(part, text, lifetime, true);
}

bool Health::note(const std::string& part, const std::string& text, Clock::duration lifetime,
                  bool only_warning) {
    const auto now = Clock::now();
    const std::lock_guard lock(mutex_);
    Problem& known = problems_[part];
    const bool fresh = known.text != text || known.until < now;
    known.text = text;
    known.only_warning = only_warning;
    known.until = lifetime == Clock::duration::max() ? Clock::time_point::max() : now + lifetime;
    return fresh;
}

bool Health::good(const std::string& part) {
    const std::lock_guard lock(mutex_);
    return problems_.erase(part) > 0;
}

bool Health::has(const std::string& part) const {
    const std::lock_guard lock(mutex_);
    const auto known = problems_.find(part);
    return known != problems_.end() && known->second.until >= Clock::now();
}

std::vector<std::string> Health::problems() const { return texts(false); }

std::vector<std::string> Health::warnings() const { return texts(true); }

std::vector<std::string> Health::texts(bool only_warnings) const {
    const auto now = Clock::now();
    std::vector<std::string> texts;
    const std::lock_guard lock(mutex_);
    for (const auto& [part, problem] : problems_)
        if (problem.until >= now && problem.only_warning == only_warnings)
            texts.push_back(part + ": " + problem.text);
    return texts;
}

} // namespace runner::ops
