// SPDX-License-Identifier: GPL-2.0-or-later
// Requests a wiki's own settings from its PHP workers, or from the extension's API module.
#pragma once

#include "config/wiki_settings.hpp"
#include "php/pool.hpp"

#include <optional>
#include <string>

namespace runner::source {

/// Whether settings can be requested: from workers, or with `source = "http"` with an `api_url`.
[[nodiscard]] bool can_ask_settings(const config::WikiSettings& wiki) noexcept;

/// The wiki's answer, as config::take_from_wiki() reads it; empty when it lacks the extension
/// (then only the configuration counts). `workers` may be null: then the wiki's API is
/// asked. Throws SourceUnavailable.
[[nodiscard]] std::optional<std::string> ask_settings(const config::WikiSettings& wiki,
                                                      php::Pool* workers);

/// The wiki's settings combined with its own answer, if any. Throws SourceUnavailable, and
/// what take_from_wiki() throws.
[[nodiscard]] config::WikiSettings settings_from_wiki(const config::WikiSettings& wiki,
                                                      php::Pool* workers);

} // namespace runner::source
