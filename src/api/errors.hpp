// SPDX-License-Identifier: GPL-2.0-or-later
// The one table from exceptions to answers.
#pragma once

#include "api/message.hpp"

#include <exception>

namespace runner::api {

/// The error response for an exception; bugs of the runner are logged.
[[nodiscard]] ApiError error_from(const std::exception_ptr& error);

} // namespace runner::api
