// SPDX-License-Identifier: GPL-2.0-or-later
// The per-wiki values of the metrics.
#pragma once

#include "app/line/wiki.hpp"
#include "ops/metrics.hpp"
#include "php/pool.hpp"

#include <map>
#include <memory>
#include <string>

namespace runner::app {

void count_wikis(const Wikis& wikis, ops::Snapshot& snapshot);
void count_checks(const checks::CheckTimes& times, ops::Snapshot& snapshot);
void count_workers(const std::map<std::string, std::shared_ptr<php::Pool>>& workers,
                   ops::Snapshot& snapshot);

} // namespace runner::app
