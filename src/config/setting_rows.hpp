// SPDX-License-Identifier: GPL-2.0-or-later
// Shared by the files with rows of the table of settings. Private to src/config.
#pragma once

#include "config/settings_table.hpp"

#include <span>

namespace runner::config {

/// Access to a value: its type, and the expression after `t.`
#define AT(type, expression) Ref<type>([](Target t) -> type& { return t.expression; })

/// Those of [wiki.ID].
[[nodiscard]] std::span<const SettingRow> wiki_rows() noexcept;

} // namespace runner::config
