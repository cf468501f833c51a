// SPDX-License-Identifier: GPL-2.0-or-later
// What an error may say to those who read the status of an import. Pure.
#pragma once

#include <string>
#include <string_view>

namespace runner::imports {

/// The text without the folders of this machine: "/srv/dumps/a.json" becomes "a.json". Addresses of
/// the web stay.
[[nodiscard]] std::string without_folders(std::string_view text);

} // namespace runner::imports
