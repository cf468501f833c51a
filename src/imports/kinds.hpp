// SPDX-License-Identifier: GPL-2.0-or-later
// The one table of the kinds of import.
#pragma once

#include "imports/importer.hpp"

#include <span>
#include <string_view>

namespace runner::imports {

/// Sorted by name.
[[nodiscard]] std::span<const ImportKind> kinds() noexcept;

/// Null when there is no such kind.
[[nodiscard]] const ImportKind* find_kind(std::string_view name) noexcept;

/// What the body of `POST /v1/import` asks for: `import_method`, `wiki`, and the kind's own
/// fields. Throws BadRequest, and UnknownWiki for one that is not configured.
struct UnknownWiki : BadRequest {
    using BadRequest::BadRequest;
};
[[nodiscard]] store::NewImport read_request(std::string_view body,
                                            const config::Settings& settings);

} // namespace runner::imports
