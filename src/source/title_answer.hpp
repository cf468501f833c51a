// SPDX-License-Identifier: GPL-2.0-or-later
// What an answer of MediaWiki's action=query says about titles, as MediaWiki's own
// MediaWikiPageNameNormalizer reads it: normalized, converted and redirected titles are followed.
#pragma once

#include "source/title_source.hpp"

#include <span>
#include <string>
#include <string_view>

namespace runner::source {

/// Reads an answer (format=json, either formatversion) to a question for `titles`. Bytes that are
/// no such answer, and errors that the API tells, become the answer's problem. Does not throw.
[[nodiscard]] TitleAnswer read_title_answer(std::string_view body,
                                            std::span<const std::string> titles);

} // namespace runner::source
