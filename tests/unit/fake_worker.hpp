// SPDX-License-Identifier: GPL-2.0-or-later
// Pools of fake workers (tests/support/fake_worker.py), and what those leave behind.
#pragma once

#include "php/pool.hpp"
#include "temp_dir.hpp"

#include <cstdlib>
#include <fstream>
#include <signal.h>
#include <string>
#include <vector>

namespace runner::test {

/// Makes the options of a pool; `folder` is where its workers write what they do.
inline php::PoolOptions fake_workers(const TempDir& folder, const std::string& at_start = "") {
    php::PoolOptions options;
    options.name = "fake worker";
    options.command = {"python3", (source_root() / "tests/support/fake_worker.py").string(),
                       folder.path().string()};
    if (!at_start.empty())
        options.command.push_back(at_start);
    options.count = 1;
    options.backoff = std::chrono::milliseconds(20);
    options.backoff_max = std::chrono::milliseconds(100);
    return options;
}

/// The process ids of all that were started.
inline std::vector<int> starts(const TempDir& folder) {
    std::ifstream file(folder.path() / "starts");
    std::vector<int> ids;
    for (int id = 0; file >> id;)
        ids.push_back(id);
    return ids;
}

/// Also true of a zombie.
inline bool is_there(int process) { return ::kill(process, 0) == 0; }

} // namespace runner::test
