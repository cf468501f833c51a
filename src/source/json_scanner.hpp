// SPDX-License-Identifier: GPL-2.0-or-later
// Walks over JSON text to find where a value begins and ends, without parsing it. Skipped text
// is not validated: a parser reads the relevant part afterwards.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace runner::source {

/// Every function throws base::DataError ("not a JSON object: …") where the text can't continue so.
class JsonScanner {
public:
    explicit JsonScanner(std::string_view text)
        : at_(text.data()), end_(text.data() + text.size()) {}

    void skip_white() noexcept;
    /// The next character, '\0' at the end.
    [[nodiscard]] char peek() const noexcept { return at_ < end_ ? *at_ : '\0'; }
    void expect(char c);
    /// Whether the next character after white space is `c`; passes over it then.
    bool take(char c) noexcept;
    /// The content of a string, with escapes unchanged.
    std::string_view string();
    /// The text of a value of any kind.
    std::string_view value();

private:
    void skip_scalar();

    const char* at_;
    const char* end_;
};

} // namespace runner::source
