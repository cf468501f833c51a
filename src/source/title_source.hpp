// SPDX-License-Identifier: GPL-2.0-or-later
// Whether pages exist on another wiki: one request for many titles. A page that does not exist
// is an answer; a wiki that does not answer is a problem, never a missing page.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace runner::source {

enum class TitleState : std::uint8_t { unknown, exists, missing };

struct TitleAnswer {
    /// One for each title. Unknown without a problem: not in the response, request it alone.
    std::vector<TitleState> states;
    std::string problem;                 ///< not empty: no answer, all states are unknown
    bool transient = false;              ///< of a problem: a retry may succeed soon
    std::chrono::seconds retry_after{0}; ///< that the wiki asked for; 0: it did not
};

/// Thread-safe.
class TitleSource {
public:
    static constexpr std::size_t max_titles = 50; ///< of one question
    virtual ~TitleSource() = default;

    /// One request: 1 to max_titles distinct titles, each as a user would write it. A title
    /// that asks_alone() is the only one. Does not retry.
    [[nodiscard]] virtual TitleAnswer ask(std::span<const std::string> titles) = 0;

    /// Whether MediaWiki would read it as several titles.
    [[nodiscard]] static bool asks_alone(const std::string& title) noexcept {
        return title.find('|') != std::string::npos;
    }
};

} // namespace runner::source
