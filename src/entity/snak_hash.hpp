// SPDX-License-Identifier: GPL-2.0-or-later
// The hashes by which Wikibase identifies snaks and references: SHA-1 over a PHP serialization.
// Needed where the JSON lacks them.
#pragma once

#include "entity/entity.hpp"

#include <span>
#include <string>

namespace runner::entity {

/// PropertyValueSnak::getHash and its siblings: 40 hexadecimal digits. Does not read snak.hash.
[[nodiscard]] std::string snak_hash(const Snak& snak);

/// Reference::getHash over snaks whose hashes are known: 40 hexadecimal digits.
[[nodiscard]] std::string reference_hash(std::span<const Snak> snaks);

/// A float as PHP 7.1 and later prints it in JSON (`json_encode` with serialize_precision -1).
void append_php_double(std::string& out, double value, char exponent_letter = 'e');

} // namespace runner::entity
