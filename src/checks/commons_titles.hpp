// SPDX-License-Identifier: GPL-2.0-or-later
// Which titles exist on Wikimedia Commons according to a list, without asking the API.
#pragma once

#include <string>
#include <string_view>
#include <unordered_set>

namespace runner::checks {

struct CommonsTitles {
    bool every = false;                       ///< every title exists
    std::unordered_set<std::string> existing; ///< as asked, not normalized

    [[nodiscard]] bool exists(std::string_view title) const {
        return every || existing.contains(std::string{title});
    }
};

} // namespace runner::checks
