// SPDX-License-Identifier: GPL-2.0-or-later
// The one family of errors. Each carries the sysexits code that a command ends with when the
// error reaches main(); the HTTP handlers map the same classes to a status. A verdict of a check
// is never an error, and a bug is an assert.
#pragma once

#include <stdexcept>
#include <string>

namespace runner::base {

/// The exit codes of <sysexits.h> that the commands use.
enum class ExitCode : int {
    ok = 0,
    usage = 64,       ///< wrong options or arguments
    data = 65,        ///< invalid input
    no_input = 66,    ///< an input file that is missing or unreadable
    unavailable = 69, ///< the database or a wiki can't be reached
    software = 70,    ///< a bug
    os = 71,          ///< an operating system error (fork, socket …)
    cant_create = 73, ///< an output could not be created
    io = 74,          ///< an input or output error
    temp_fail = 75,   ///< try again later
    protocol = 76,    ///< the other side violated the protocol
    no_permission = 77,
    config = 78, ///< the configuration is invalid
};

class Error : public std::runtime_error {
public:
    Error(ExitCode code, const std::string& what) : std::runtime_error(what), code_(code) {}
    [[nodiscard]] ExitCode exit_code() const noexcept { return code_; }

private:
    ExitCode code_;
};

/// The caller used a wrong option or argument; the text names it.
struct UsageError : Error {
    explicit UsageError(const std::string& what) : Error(ExitCode::usage, what) {}
};
/// Invalid bytes from outside; the text names the field or line.
struct DataError : Error {
    explicit DataError(const std::string& what) : Error(ExitCode::data, what) {}
};
/// An input file is missing or unreadable.
struct NoInputError : Error {
    explicit NoInputError(const std::string& what) : Error(ExitCode::no_input, what) {}
};
/// A service that is needed (PostgreSQL, a wiki) does not answer; retry later.
struct UnavailableError : Error {
    explicit UnavailableError(const std::string& what) : Error(ExitCode::unavailable, what) {}
};
struct IoError : Error {
    explicit IoError(const std::string& what) : Error(ExitCode::io, what) {}
};
struct OsError : Error {
    explicit OsError(const std::string& what) : Error(ExitCode::os, what) {}
};
struct PermissionError : Error {
    explicit PermissionError(const std::string& what) : Error(ExitCode::no_permission, what) {}
};
/// The configuration is invalid; the text names file, line and key.
struct ConfigError : Error {
    explicit ConfigError(const std::string& what) : Error(ExitCode::config, what) {}
};

} // namespace runner::base
