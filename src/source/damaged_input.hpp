// SPDX-License-Identifier: GPL-2.0-or-later
// Packed data that can't be unpacked to its end.
#pragma once

#include "base/error.hpp"

#include <string>
#include <utility>

namespace runner::source {

/// Thrown in place of more bytes, after all that are good: what follows them can't be read.
struct DamagedInput : base::DataError {
    DamagedInput(const std::string& name, std::string why)
        : DataError(name + ": " + why), reason(std::move(why)) {}

    std::string reason; ///< without the name of the input
};

} // namespace runner::source
