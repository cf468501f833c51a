// SPDX-License-Identifier: GPL-2.0-or-later
// Interprets a response of MediaWiki's action=query about titles, as MediaWiki's
// own MediaWikiPageNameNormalizer does: normalized, converted and redirected titles are followed.
#pragma once

#include "source/title_source.hpp"

#include <span>
#include <string>
#include <string_view>

namespace runner::source {

/// Reads an answer (format=json, either formatversion) to a request for `titles`. Invalid
/// responses, and errors from the API, become the answer's problem. Does not throw.
[[nodiscard]] TitleAnswer read_title_answer(std::string_view body,
                                            std::span<const std::string> titles);

} // namespace runner::source
