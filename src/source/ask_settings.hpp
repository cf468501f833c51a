// SPDX-License-Identifier: GPL-2.0-or-later
// A wiki asked for its own settings: its PHP workers, or the extension's module of its API.
#pragma once

#include "config/wiki_settings.hpp"
#include "php/pool.hpp"

#include <optional>
#include <string>

namespace runner::source {

/// Whether there is something to ask: workers, or `source = "http"` with an `api_url`.
[[nodiscard]] bool can_ask_settings(const config::WikiSettings& wiki) noexcept;

/// What the wiki says, as config::take_from_wiki() reads it; empty when it has no extension that
/// could (then what the configuration says holds). `workers` may be null: then the wiki's API is
/// asked. Throws SourceUnavailable.
[[nodiscard]] std::optional<std::string> ask_settings(const config::WikiSettings& wiki,
                                                      php::Pool* workers);

/// The wiki's settings with what it says itself, if it says anything. Throws SourceUnavailable, and
/// what take_from_wiki() throws.
[[nodiscard]] config::WikiSettings settings_from_wiki(const config::WikiSettings& wiki,
                                                      php::Pool* workers);

} // namespace runner::source
