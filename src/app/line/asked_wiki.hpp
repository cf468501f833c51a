// SPDX-License-Identifier: GPL-2.0-or-later
// A wiki whose own settings are requested on first use, before anything is checked.
#pragma once

#include "app/line/wiki.hpp"

#include <memory>

namespace runner::app {

/// Until the wiki has answered, gather() and current_revision() throw source::SourceUnavailable, so
/// that its jobs wait. While its answer is invalid or contradicts the configuration they throw
/// base::UnavailableError.
[[nodiscard]] std::unique_ptr<Wiki> make_asked_wiki(const config::WikiSettings& settings,
                                                    const config::WorkerSettings& workers,
                                                    WikiParts parts);

} // namespace runner::app
