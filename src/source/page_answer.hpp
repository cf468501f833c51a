// SPDX-License-Identifier: GPL-2.0-or-later
// What a body of Special:EntityData (or wbgetentities) says of one page.
#pragma once

#include "source/source.hpp"

#include <string_view>

namespace runner::source {

/// The page as it is found, missing or redirects; forms and senses have no page. Throws
/// base::DataError where the body can't be read, holds no entity, or holds another one: the key and
/// the "id" of an entity must agree, and be those of `page` or of what it redirects to, which has
/// the same type and is no property.
[[nodiscard]] Lookup read_page_answer(std::string_view body, const entity::EntityId& page);

} // namespace runner::source
