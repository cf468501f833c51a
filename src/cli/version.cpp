// SPDX-License-Identifier: GPL-2.0-or-later
// The macros come from Meson: build_options.hpp, and the versions of the libraries found.
#include "cli/version.hpp"

#include "build_options.hpp"

#include <string_view>

namespace runner::cli {

std::string version_text() {
    constexpr std::string_view sanitizers = SANITIZE;
    std::string text = "constraint-runner " VERSION "\nbuild: " BUILD_TYPE ", " COMPILER;
    text += ", sanitizers: ";
    text += sanitizers;
    return text + "\nlibraries: " RUNNER_LIBRARIES;
}

} // namespace runner::cli
