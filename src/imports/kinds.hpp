// SPDX-License-Identifier: GPL-2.0-or-later
// The one table of the kinds of import.
#pragma once

#include "imports/importer.hpp"

#include <span>
#include <string>
#include <string_view>

namespace runner::imports {

/// Sorted by name.
[[nodiscard]] std::span<const ImportKind> kinds() noexcept;

/// Null when there is no such kind.
[[nodiscard]] const ImportKind* find_kind(std::string_view name) noexcept;

/// The wiki of a request is not configured, or not one that the client may use.
struct UnknownWiki : BadRequest {
    using BadRequest::BadRequest;
};

/// What the body of `POST /v1/import` asks for: `import_method`, `wiki`, `label`, `notify`, and the
/// kind's own fields. `allowed`: the wikis that the client may use; empty: all. Throws BadRequest
/// and UnknownWiki.
[[nodiscard]] store::NewImport read_request(std::string_view body, const config::Settings& settings,
                                            std::span<const std::string> allowed = {});

} // namespace runner::imports
