// SPDX-License-Identifier: GPL-2.0-or-later
// Structured fields of log lines: members of each JSON line beside its message. Text lines do
// not show them.
#pragma once

#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>

namespace runner::base {

struct LogField {
    LogField(std::string_view n, std::string_view text);
    LogField(std::string_view n, const char* text) : LogField(n, std::string_view(text)) {}
    LogField(std::string_view n, const std::string& text) : LogField(n, std::string_view(text)) {}
    template <std::integral Number>
    LogField(std::string_view n, Number number) : name(n), json(std::to_string(number)) {}
    /// With three decimals.
    LogField(std::string_view n, double number);

    std::string_view name; ///< an identifier, other than those of JsonFormatter
    std::string json;
};

/// Adds fields to all lines that this thread logs while the object lives. Objects nest; of two
/// fields with one name the outer one stays.
class LogFields {
public:
    LogFields(std::initializer_list<LogField> fields);
    ~LogFields();
    LogFields(const LogFields&) = delete;
    LogFields& operator=(const LogFields&) = delete;

    /// Those of this thread now: `,"name":value` for each.
    [[nodiscard]] static std::string_view of_this_thread() noexcept;

private:
    std::size_t before_;
};

} // namespace runner::base
