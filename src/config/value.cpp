// SPDX-License-Identifier: GPL-2.0-or-later
// One function per kind of value; the row's Access says which member takes the outcome.
#include "config/value.hpp"

#include "base/units.hpp"
#include "base/url.hpp"

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <stdexcept>
#include <type_traits>

namespace runner::config {
namespace {

using std::chrono::milliseconds;
using std::filesystem::path;

[[noreturn]] void refuse(const SettingRow& row) {
    throw std::invalid_argument("expected " + expected(row));
}

/// The text of a TOML string or of plain text; null for other types.
const std::string* text_of(const Raw& raw) {
    if (const auto* plain = std::get_if<Plain>(&raw))
        return &plain->text;
    return std::get_if<std::string>(&raw);
}

std::optional<std::int64_t> whole_number(std::string_view text, int number_base = 10) {
    std::int64_t n = 0;
    const char* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, n, number_base);
    if (error != std::errc{} || rest != end || text.empty())
        return std::nullopt;
    return n;
}

std::optional<std::int64_t> number_from(const SettingRow& row, const Raw& raw) {
    const std::string* text = text_of(raw);
    const auto* integer = std::get_if<std::int64_t>(&raw);
    switch (row.kind) {
    case Kind::size:
        return integer != nullptr ? std::optional(*integer)
               : text != nullptr  ? base::parse_size(*text)
                                  : std::nullopt;
    case Kind::duration: {
        const auto duration = integer != nullptr ? base::parse_duration(std::to_string(*integer))
                              : text != nullptr  ? base::parse_duration(*text)
                                                 : std::nullopt;
        return duration ? std::optional(std::int64_t{duration->count()}) : std::nullopt;
    }
    case Kind::mode: // in TOML an integer is written 0o660
        return integer != nullptr ? std::optional(*integer)
               : text != nullptr  ? whole_number(*text, 8)
                                  : std::nullopt;
    default:
        if (integer != nullptr)
            return *integer;
        if (const auto* plain = std::get_if<Plain>(&raw))
            return whole_number(plain->text);
        return std::nullopt;
    }
}

std::int64_t number(const SettingRow& row, const Raw& raw) {
    const auto n = number_from(row, raw);
    if (!n || *n < row.min || *n > row.max)
        refuse(row);
    return *n;
}

double share(const SettingRow& row, const Raw& raw) {
    double value = -1;
    if (const auto* number = std::get_if<double>(&raw)) {
        value = *number;
    } else if (const auto* integer = std::get_if<std::int64_t>(&raw)) {
        value = static_cast<double>(*integer);
    } else if (const auto* plain = std::get_if<Plain>(&raw)) {
        const char* end = plain->text.data() + plain->text.size();
        if (std::from_chars(plain->text.data(), end, value).ptr != end)
            refuse(row);
    }
    if (!(value >= 0 && value <= 1)) // also what is not a number
        refuse(row);
    return value;
}

bool boolean(const SettingRow& row, const Raw& raw) {
    if (const auto* b = std::get_if<bool>(&raw))
        return *b;
    if (const auto* plain = std::get_if<Plain>(&raw)) {
        const std::string& t = plain->text;
        if (t == "true" || t == "yes" || t == "on" || t == "1")
            return true;
        if (t == "false" || t == "no" || t == "off" || t == "0")
            return false;
    }
    refuse(row);
}

std::string text(const SettingRow& row, const Raw& raw) {
    const std::string* t = text_of(raw);
    if (t == nullptr || t->find('\0') != std::string::npos)
        refuse(row);
    if (row.problem != nullptr)
        if (const std::string problem = row.problem(*t); !problem.empty())
            throw std::invalid_argument(problem);
    return *t;
}

std::vector<std::string> list(const SettingRow& row, const Raw& raw) {
    std::vector<std::string> items;
    if (const auto* plain = std::get_if<Plain>(&raw)) {
        std::string_view rest = plain->text;
        while (!rest.empty()) {
            const std::size_t comma = std::min(rest.find(','), rest.size());
            items.emplace_back(rest.substr(0, comma));
            rest.remove_prefix(std::min(comma + 1, rest.size()));
        }
    } else if (const auto* array = std::get_if<std::vector<std::string>>(&raw)) {
        items = *array;
    } else {
        refuse(row);
    }
    for (std::string& item : items)
        item = text(row, item);
    return items;
}

path absolute(const std::string& text, const path& base) {
    return text.empty() ? path{} : (base / text).lexically_normal();
}

template <typename Enum>
Enum choice(const SettingRow& row, const Raw& raw) {
    const std::string* t = text_of(raw);
    const auto names = choices(row);
    for (std::size_t i = 0; t != nullptr && i < names.size(); ++i)
        if (names[i] == *t)
            return static_cast<Enum>(i);
    refuse(row);
}

std::string in_quotes(std::string_view text) {
    std::string out = "\"";
    base::append_json_escaped(out, text);
    return out + '"';
}

template <typename Items, typename Text>
std::string list_literal(const Items& items, Text text_of_item) {
    std::string out = "[";
    for (const auto& item : items) {
        if (out.size() > 1)
            out += ", ";
        out += in_quotes(text_of_item(item));
    }
    return out + ']';
}

std::string number_literal(const SettingRow& row, std::int64_t n) {
    switch (row.kind) {
    case Kind::size: return in_quotes(base::format_size(n));
    case Kind::duration: return in_quotes(base::format_duration(milliseconds{n}));
    case Kind::mode: return in_quotes(fmt::format("{:04o}", n));
    default: return std::to_string(n);
    }
}

} // namespace

void assign(const SettingRow& row, Target target, const Raw& raw, const path& base) {
    const auto store = [&]<typename T>(Ref<T> member) {
        if constexpr (std::is_same_v<T, std::string>)
            member(target) = text(row, raw);
        else if constexpr (std::is_same_v<T, path>)
            member(target) = absolute(text(row, raw), base);
        else if constexpr (std::is_same_v<T, bool>)
            member(target) = boolean(row, raw);
        else if constexpr (std::is_same_v<T, milliseconds>)
            member(target) = milliseconds{number(row, raw)};
        else if constexpr (std::is_same_v<T, double>)
            member(target) = share(row, raw);
        else if constexpr (std::is_integral_v<T>)
            member(target) = static_cast<T>(number(row, raw));
        else if constexpr (std::is_enum_v<T>)
            member(target) = choice<T>(row, raw);
        else if constexpr (std::is_same_v<T, std::vector<std::string>>)
            member(target) = list(row, raw);
        else {
            std::vector<path> paths;
            for (const std::string& item : list(row, raw))
                paths.push_back(absolute(item, base));
            member(target) = std::move(paths);
        }
    };
    std::visit(store, row.access);
}

std::string literal(const SettingRow& row, Target target) {
    const auto show = [&]<typename T>(Ref<T> member) -> std::string {
        const T& value = member(target);
        if constexpr (std::is_same_v<T, std::string>)
            return in_quotes(row.key == "database.conninfo" ? mask_conninfo(value)
                                                            : base::mask_urls(value));
        else if constexpr (std::is_same_v<T, path>)
            return in_quotes(value.string());
        else if constexpr (std::is_same_v<T, bool>)
            return value ? "true" : "false";
        else if constexpr (std::is_same_v<T, milliseconds>)
            return number_literal(row, value.count());
        else if constexpr (std::is_same_v<T, double>)
            return fmt::format("{}", value);
        else if constexpr (std::is_integral_v<T>)
            return number_literal(row, static_cast<std::int64_t>(value));
        else if constexpr (std::is_enum_v<T>)
            return in_quotes(choices(row)[static_cast<std::size_t>(value)]);
        else if constexpr (std::is_same_v<T, std::vector<std::string>>)
            return list_literal(value, [](const std::string& s) { return base::mask_urls(s); });
        else
            return list_literal(value, [](const path& p) { return p.string(); });
    };
    return std::visit(show, row.access);
}

bool same_value(const SettingRow& row, Target a, Target b) {
    return std::visit([&](auto member) { return member(a) == member(b); }, row.access);
}

void copy_value(const SettingRow& row, Target from, Target to) {
    std::visit([&](auto member) { member(to) = member(from); }, row.access);
}

std::string expected(const SettingRow& row) {
    switch (row.kind) {
    case Kind::text: return "a string";
    case Kind::path: return "a path (a string)";
    case Kind::boolean: return "true or false";
    case Kind::integer: return fmt::format("a whole number from {} to {}", row.min, row.max);
    case Kind::share: return "a number from 0 to 1";
    case Kind::size:
        return fmt::format("a size from {} to {}, such as \"16MiB\"", base::format_size(row.min),
                           base::format_size(row.max));
    case Kind::duration:
        return fmt::format("a duration from {} to {}, such as \"30s\"",
                           base::format_duration(milliseconds{row.min}),
                           base::format_duration(milliseconds{row.max}));
    case Kind::mode: return "octal permissions up to 0777, such as \"0660\"";
    case Kind::choice: {
        std::string names = "one of";
        for (const std::string_view name : choices(row))
            names += " \"" + std::string(name) + '"';
        return names;
    }
    case Kind::text_list: return "a list of strings";
    case Kind::path_list: return "a list of paths (strings)";
    }
    return {};
}

} // namespace runner::config
