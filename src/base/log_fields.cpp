// SPDX-License-Identifier: GPL-2.0-or-later
// See log_fields.hpp.
#include "base/log_fields.hpp"

#include "base/log.hpp"

#include <fmt/format.h>

namespace runner::base {

namespace {

std::string& fields_of_thread() {
    thread_local std::string fields;
    return fields;
}

} // namespace

LogField::LogField(std::string_view n, std::string_view text) : name(n), json("\"") {
    append_json_escaped(json, text);
    json += '"';
}

LogField::LogField(std::string_view n, double number)
    : name(n), json(fmt::format("{:.3f}", number)) {}

LogFields::LogFields(std::initializer_list<LogField> fields) {
    std::string& all = fields_of_thread();
    before_ = all.size();
    for (const LogField& field : fields) {
        std::string key = ",\"";
        key.append(field.name).append("\":");
        if (all.find(key) == std::string::npos) // quotes inside of texts are escaped
            all.append(key).append(field.json);
    }
}

LogFields::~LogFields() { fields_of_thread().resize(before_); }

std::string_view LogFields::of_this_thread() noexcept { return fields_of_thread(); }

} // namespace runner::base
