// SPDX-License-Identifier: GPL-2.0-or-later
// Helpers for reading responses of MediaWiki's API. Private to src/source.
#pragma once

#include <boost/json.hpp>

#include <optional>
#include <string_view>

namespace runner::source {

[[nodiscard]] inline const boost::json::object* object_in(const boost::json::object& parent,
                                                          std::string_view key) {
    const boost::json::value* value = parent.if_contains(key);
    return value == nullptr ? nullptr : value->if_object();
}

[[nodiscard]] inline std::optional<std::string_view> text_in(const boost::json::object& parent,
                                                             std::string_view key) {
    const boost::json::value* value = parent.if_contains(key);
    if (value == nullptr || !value->is_string())
        return std::nullopt;
    return std::string_view(value->get_string());
}

/// Whether an error with this code is transient, so that a retry may succeed.
[[nodiscard]] inline bool is_transient_error(std::string_view code) noexcept {
    return code == "maxlag" || code == "ratelimited" || code == "readonly" ||
           code.starts_with("internal_api_error");
}

} // namespace runner::source
