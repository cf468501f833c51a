// SPDX-License-Identifier: GPL-2.0-or-later
// Fuzzes what a MediaWiki API answers about titles: the first line holds the titles that were
// asked for, separated by vertical bars, the rest is the answer. Any bytes give a state for each
// title, or a problem and no state at all.
#include "source/title_answer.hpp"
#include "source/title_api.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

using namespace runner::source;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const std::size_t line = std::min(text.find('\n'), text.size());
    std::vector<std::string> titles;
    for (std::size_t begin = 0; begin <= line && titles.size() < TitleSource::max_titles;) {
        const std::size_t end = std::min(text.find('|', begin), line);
        titles.push_back(clean_title(text.substr(begin, end - begin)));
        if (clean_title(titles.back()) != titles.back())
            std::abort();
        begin = end + 1;
    }
    const TitleAnswer answer = read_title_answer(text.substr(std::min(line + 1, size)), titles);
    if (answer.states.size() != titles.size())
        std::abort();
    const bool known = std::any_of(answer.states.begin(), answer.states.end(),
                                   [](TitleState s) { return s != TitleState::unknown; });
    if (!answer.problem.empty() && known)
        std::abort();
    if (answer.problem.empty() && titles.size() == 1 && !known)
        std::abort(); // a title that was asked for alone is never asked for again
    return 0;
}
