// SPDX-License-Identifier: GPL-2.0-or-later
// Writing JSON straight into a string: results are written far more often than they are read, so
// no tree is built.
#pragma once

#include "entity/entity.hpp"

#include <span>
#include <string>
#include <string_view>

namespace runner::results {

/// `text` quoted and escaped; other characters stay UTF-8.
void append_json_string(std::string& out, std::string_view text);

/// A data value as DataValue::toArray gives it: `{"value": …, "type": …}`, for a value that could
/// not be deserialized with `"error"` too.
void append_json(std::string& out, const entity::DataValue& value);

/// A time as TimeValue::getArrayValue gives it.
void append_json(std::string& out, const entity::TimeValue& time);

/// A MultilingualTextValue as its getArrayValue gives it: `[{"text": …, "language": …}, …]`.
void append_json(std::string& out, std::span<const entity::MonolingualText> texts);

} // namespace runner::results
