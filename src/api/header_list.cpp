// SPDX-License-Identifier: GPL-2.0-or-later
// See header_list.hpp.
#include "api/header_list.hpp"

#include <cctype>

namespace runner::api {
namespace {

constexpr unsigned full = 1000;

/// Whether `text` is `name`, which is in lower case, in any case.
bool is_named(std::string_view text, std::string_view name) noexcept {
    return std::equal(text.begin(), text.end(), name.begin(), name.end(), [](char a, char b) {
        return std::tolower(static_cast<unsigned char>(a)) == b;
    });
}

/// "0.25" is 250; an invalid weight counts as none.
unsigned thousandths(std::string_view text) noexcept {
    if (!text.starts_with('0'))
        return full;
    text.remove_prefix(std::min<std::size_t>(2, text.size())); // "0."
    unsigned weight = 0;
    for (unsigned place = full / 10; place > 0; place /= 10) {
        const bool digit = !text.empty() && text.front() >= '0' && text.front() <= '9';
        weight += digit ? place * static_cast<unsigned>(text.front() - '0') : 0;
        text.remove_prefix(digit ? 1 : text.size());
    }
    return weight;
}

/// Of the parameters behind the name: ";charset=utf-8;q=0.5".
unsigned weight_of(std::string_view parameters) noexcept {
    while (!parameters.empty()) {
        parameters.remove_prefix(1);
        const std::size_t end = std::min(parameters.find(';'), parameters.size());
        const std::string_view parameter = trimmed(parameters.substr(0, end));
        if (parameter.size() >= 2 && is_named(parameter.substr(0, 2), "q="))
            return thousandths(trimmed(parameter.substr(2)));
        parameters.remove_prefix(end);
    }
    return full;
}

} // namespace

std::string_view trimmed(std::string_view text) noexcept {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
        text.remove_suffix(1);
    return text;
}

unsigned weight_in(std::string_view list, std::string_view name) noexcept {
    unsigned most = 0;
    any_element(list, [&](std::string_view element) {
        const std::size_t semicolon = std::min(element.find(';'), element.size());
        if (is_named(trimmed(element.substr(0, semicolon)), name))
            most = std::max(most, weight_of(element.substr(semicolon)));
        return false;
    });
    return most;
}

} // namespace runner::api
