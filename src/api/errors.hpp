// SPDX-License-Identifier: GPL-2.0-or-later
// The one table from exceptions to answers.
#pragma once

#include "api/message.hpp"

#include <exception>

namespace runner::api {

/// What a client is told of an exception; one that is a fault of the runner goes to the log.
[[nodiscard]] ApiError error_from(const std::exception_ptr& error);

} // namespace runner::api
