// SPDX-License-Identifier: GPL-2.0-or-later
// A test server of tests/support/ as a child process: it prints its port on 127.0.0.1, and ends
// when its standard input is closed.
#pragma once

#include "temp_dir.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <stdexcept>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

namespace runner::test {

class PythonServer {
public:
    /// `script`: its name in tests/support/.
    explicit PythonServer(const std::string& script) {
        setenv("no_proxy", "*", 1);
        const std::string path = (source_root() / "tests/support" / script).string();
        std::array<int, 2> in{};
        std::array<int, 2> out{};
        if (pipe2(in.data(), O_CLOEXEC) != 0 || pipe2(out.data(), O_CLOEXEC) != 0)
            throw std::runtime_error("pipe");
        pid_ = fork();
        if (pid_ == 0) {
            dup2(in[0], 0);
            dup2(out[1], 1);
            execlp("python3", "python3", path.c_str(), nullptr);
            _exit(127);
        }
        close(in[0]);
        close(out[1]);
        stdin_ = in[1];
        std::FILE* lines = fdopen(out[0], "r");
        if (std::fscanf(lines, "%d", &port_) != 1)
            throw std::runtime_error("the test server did not start");
        std::fclose(lines);
    }
    ~PythonServer() {
        close(stdin_);
        waitpid(pid_, nullptr, 0);
    }
    PythonServer(const PythonServer&) = delete;
    PythonServer& operator=(const PythonServer&) = delete;

    /// "http://127.0.0.1:PORT/" and the path.
    [[nodiscard]] std::string url(const std::string& path) const {
        return "http://127.0.0.1:" + std::to_string(port_) + "/" + path;
    }

private:
    pid_t pid_ = -1;
    int stdin_ = -1;
    int port_ = 0;
};

} // namespace runner::test
