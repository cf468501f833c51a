// SPDX-License-Identifier: GPL-2.0-or-later
// The file of `check --titles`.
#pragma once

#include "checks/commons_titles.hpp"

#include <filesystem>
#include <memory>

namespace runner::cli {

/// Reads a JSON object from asked to normalized titles; the key "*" stands for every title.
/// Throws base::NoInputError and base::DataError naming the file.
[[nodiscard]] std::shared_ptr<const checks::CommonsTitles>
read_commons_titles(const std::filesystem::path& file);

} // namespace runner::cli
