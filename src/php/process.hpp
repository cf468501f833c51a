// SPDX-License-Identifier: GPL-2.0-or-later
// A child process with a socket as its standard input and output and a pipe as its standard error.
// Boost.Process is not visible outside process.cpp.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace runner::php {

/// Not thread-safe. The thread that starts it must live as long as it: the kernel kills the child
/// when that thread ends, so that none is left over when this process is killed.
class Process {
public:
    /// Starts `command` (a program, looked for in PATH, and its arguments). Throws base::OsError
    /// when it can't be executed; whether it really runs can be seen only from its output.
    explicit Process(const std::vector<std::string>& command);
    /// Kills it with its process group if it still runs, and waits for its end.
    ~Process();
    Process(Process&&) noexcept;
    Process& operator=(Process&&) = delete;

    /// Both non-blocking.
    [[nodiscard]] int socket() const noexcept;
    [[nodiscard]] int error_pipe() const noexcept; ///< -1: closed
    [[nodiscard]] int id() const noexcept;

    /// Nothing more is expected from it.
    void close_errors() noexcept;
    /// Closes the child's input.
    void close_input() noexcept;
    /// False once it has ended and has been reaped.
    [[nodiscard]] bool running() noexcept;
    /// Waits for its end a little while, without killing it; false when it still runs.
    bool wait_for(std::chrono::milliseconds time) noexcept;
    void kill() noexcept;
    /// "exit code 3", "signal 9"; of a child that has ended.
    [[nodiscard]] std::string how_it_ended() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace runner::php
