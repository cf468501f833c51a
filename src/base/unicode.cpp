// SPDX-License-Identifier: GPL-2.0-or-later
// See unicode.hpp. Normalization as UAX #15 describes it: taken apart, marks put in order, put
// together again.
#include "base/unicode.hpp"

#include "base/unicode_tables.hpp"
#include "base/utf8.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <vector>

namespace runner::base {

namespace {

using namespace unicode_tables;

constexpr std::uint32_t hangul = 0xAC00, hangul_count = 11172;
constexpr std::uint32_t leads = 0x1100, lead_count = 19;
constexpr std::uint32_t vowels = 0x1161, vowel_count = 21;
constexpr std::uint32_t tails = 0x11A7, tail_count = 28;

/// The row of a table whose first column is `code`; null when there is none.
const Row* find(std::span<const Row> table, std::uint32_t code) noexcept {
    const auto at = std::lower_bound(table.begin(), table.end(), code,
                                     [](const Row& row, std::uint32_t c) { return row[0] < c; });
    return at != table.end() && (*at)[0] == code ? &*at : nullptr;
}

std::uint32_t combining_class(std::uint32_t code) noexcept {
    const Row* row = find(classes, code);
    return row == nullptr ? 0 : (*row)[1];
}

void decompose(std::uint32_t code, std::vector<std::uint32_t>& out) {
    if (code >= hangul && code < hangul + hangul_count) {
        const std::uint32_t index = code - hangul;
        out.push_back(leads + index / (vowel_count * tail_count));
        out.push_back(vowels + index % (vowel_count * tail_count) / tail_count);
        if (index % tail_count != 0)
            out.push_back(tails + index % tail_count);
        return;
    }
    const Row* row = find(decompositions, code);
    if (row == nullptr) {
        out.push_back(code);
        return;
    }
    decompose((*row)[1], out);
    if ((*row)[2] != 0)
        decompose((*row)[2], out);
}

/// 0 when the two make no single character.
std::uint32_t composed(std::uint32_t first, std::uint32_t second) noexcept {
    if (first >= leads && first < leads + lead_count && second >= vowels &&
        second < vowels + vowel_count)
        return hangul + ((first - leads) * vowel_count + second - vowels) * tail_count;
    if (first >= hangul && first < hangul + hangul_count && (first - hangul) % tail_count == 0 &&
        second > tails && second < tails + tail_count)
        return first + second - tails;
    const Row pair{first, second, 0};
    const auto at = std::lower_bound(compositions.begin(), compositions.end(), pair);
    return at != compositions.end() && (*at)[0] == first && (*at)[1] == second ? (*at)[2] : 0;
}

void sort_marks(std::vector<std::uint32_t>& codes) {
    for (auto from = codes.begin(); from != codes.end();) {
        if (combining_class(*from) == 0) {
            ++from;
            continue;
        }
        const auto to = std::find_if(from, codes.end(),
                                     [](std::uint32_t code) { return combining_class(code) == 0; });
        std::stable_sort(from, to, [](std::uint32_t a, std::uint32_t b) {
            return combining_class(a) < combining_class(b);
        });
        from = to;
    }
}

/// Each mark goes to the last starter before it, unless one of the same class is between.
std::vector<std::uint32_t> compose(const std::vector<std::uint32_t>& codes) {
    std::vector<std::uint32_t> out;
    std::size_t starter = codes.size(); // none yet
    std::uint32_t between = 0;
    for (const std::uint32_t code : codes) {
        const std::uint32_t its = combining_class(code);
        const bool adjacent = starter + 1 == out.size();
        if (starter < out.size() && (adjacent || between < its)) {
            if (const std::uint32_t both = composed(out[starter], code); both != 0) {
                out[starter] = both;
                continue;
            }
        }
        if (its == 0)
            starter = out.size();
        between = its;
        out.push_back(code);
    }
    return out;
}

} // namespace

std::string nfc(std::string_view text) {
    std::vector<std::uint32_t> codes;
    for (std::size_t at = 0; at < text.size();) {
        const auto code = next_character(text, at);
        if (!code)
            return std::string(text);
        decompose(*code, codes);
    }
    sort_marks(codes);
    std::string out;
    out.reserve(text.size());
    for (const std::uint32_t code : compose(codes))
        append_utf8(out, code);
    return out;
}

std::uint32_t title_case(std::uint32_t code) noexcept {
    if (code < 0x80)
        return code >= 'a' && code <= 'z' ? code - 'a' + 'A' : code;
    const Row* row = find(titles, code);
    return row == nullptr ? code : (*row)[1];
}

std::size_t columns_of(std::uint32_t code) noexcept {
    const auto behind =
        std::upper_bound(widths.begin(), widths.end(), code,
                         [](std::uint32_t c, const Row& row) { return c < row[0]; });
    return behind == widths.begin() || code > (*std::prev(behind))[1] ? 1 : (*std::prev(behind))[2];
}

std::size_t columns_of(std::string_view text) noexcept {
    std::size_t columns = 0;
    for (std::size_t at = 0; at < text.size();) {
        const auto code = next_character(text, at);
        at += code ? 0 : 1;
        columns += code ? columns_of(*code) : 1;
    }
    return columns;
}

} // namespace runner::base
