// SPDX-License-Identifier: GPL-2.0-or-later
// What a wiki says of its own settings (its configuration of Wikibase and WBQC) beside what the
// configuration of the runner says.
#pragma once

#include "config/wiki_settings.hpp"

#include <string_view>

namespace runner::config {

/// Brings the answer of a wiki into its settings. `answer` is JSON: `settings` by the names of
/// `[wiki.ID]`, `ids` by those of WBQC, and `unit_conversion`, the content of Wikibase's unitStorage
/// (null: there is none). What it does not say, or this version does not know, stays as it was.
/// What was set here too must agree. Throws base::ConfigError naming both when it does not,
/// base::DataError when the answer can't be understood; `wiki` is unchanged then.
void take_from_wiki(WikiSettings& wiki, std::string_view answer);

} // namespace runner::config
