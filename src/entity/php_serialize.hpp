// SPDX-License-Identifier: GPL-2.0-or-later
// PHP's serialize() of a decoded JSON value, for the hashes of values that Wikibase keeps as they
// are.
#pragma once

#include <string>
#include <string_view>

namespace runner::entity {

/// What serialize( json_decode( $json, true ) ) gives. `json` must be valid JSON.
[[nodiscard]] std::string php_serialize_json(std::string_view json);

} // namespace runner::entity
