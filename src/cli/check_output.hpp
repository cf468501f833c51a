// SPDX-License-Identifier: GPL-2.0-or-later
// The output of `check`: a file that is either complete or absent, or standard output.
#pragma once

#include "base/part_file.hpp"
#include "cli/commands.hpp"

#include <optional>
#include <string>

namespace runner::cli {

/// Throws base::UsageError when --output would overwrite an input file.
void require_apart(const CheckOptions& options);

class CheckOutput {
public:
    /// Throws base::Error with ExitCode::cant_create, naming what is in the way.
    explicit CheckOutput(const CheckOptions& options);
    void write(const std::string& text);
    void finish();

private:
    std::optional<base::PartFile> file_;
};

} // namespace runner::cli
