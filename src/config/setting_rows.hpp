// SPDX-License-Identifier: GPL-2.0-or-later
// What the files with rows of the table of settings share. Private to src/config.
#pragma once

#include "config/settings_table.hpp"

#include <span>

namespace runner::config {

/// The way to a value: type, and the expression after `t.`
#define AT(type, expression) Ref<type>([](Target t) -> type& { return t.expression; })

/// Those of [wiki.ID].
[[nodiscard]] std::span<const SettingRow> wiki_rows() noexcept;

} // namespace runner::config
