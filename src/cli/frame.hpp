// SPDX-License-Identifier: GPL-2.0-or-later
// The command line: global options, and the options of each command. CLI11 stays
// in the frame's .cpp files.
#pragma once

#include <memory>

namespace runner::cli {

class Frame {
public:
    Frame();
    ~Frame();
    Frame(const Frame&) = delete;
    Frame& operator=(const Frame&) = delete;

    // One function for each command; main() calls them in the order of --help.
    void add_serve();
    void add_check();
    void add_dump();
    void add_migrate();
    void add_status();
    void add_verify();
    void add_reset();
    void add_ctl();
    void add_import();
    void add_events();
    void add_config();
    void add_checks();

    /// Reads the command line, loads the settings that the command needs, and runs it. Throws
    /// base::Error; UsageError for every error in the command line.
    int run(int argc, char** argv);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace runner::cli
