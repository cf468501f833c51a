// SPDX-License-Identifier: GPL-2.0-or-later
// Combines a wiki's own settings (its configuration of Wikibase and WBQC) with the runner's
// configuration.
#pragma once

#include "config/wiki_settings.hpp"

#include <string_view>

namespace runner::config {

/// Merges the answer of a wiki into its settings. `answer` is JSON: `settings` by the names of
/// `[wiki.ID]`, `ids` by those of WBQC, and `unit_conversion`, the content of Wikibase's
/// unitStorage (null: there is none). Settings that it lacks, or that this version does not know,
/// are unchanged. Values configured here must agree. Throws base::ConfigError naming both when it
/// does not, base::DataError when the answer can't be understood; `wiki` is unchanged then.
void take_from_wiki(WikiSettings& wiki, std::string_view answer);

} // namespace runner::config
