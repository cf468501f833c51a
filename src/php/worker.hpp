// SPDX-License-Identifier: GPL-2.0-or-later
// One worker: a process that answers a request with one frame, one at a time.
#pragma once

#include "base/clock.hpp"
#include "php/frame.hpp"
#include "php/process.hpp"

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace runner::php {

/// The worker ended, or sent something other than a response. Another one may succeed.
struct WorkerBroken : std::runtime_error {
    using std::runtime_error::runtime_error;
};
/// The request timed out.
struct WorkerLate : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Not thread-safe. Unusable after an exception.
class Worker {
public:
    /// `name` is for the log, which its standard error goes to. Throws base::OsError.
    Worker(const std::vector<std::string>& command, std::string name);

    /// Its greeting, sent once it is ready for requests.
    [[nodiscard]] std::string greeting(const base::Deadline& deadline);
    /// The response to a request. Throws WorkerBroken and WorkerLate.
    [[nodiscard]] std::string call(std::string_view request, const base::Deadline& deadline);

    [[nodiscard]] std::uint64_t requests() const noexcept { return requests_; }
    /// That it has sent.
    [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }
    [[nodiscard]] Process& process() noexcept { return process_; }
    /// Passes what it wrote to its standard error on to the log.
    void read_errors();

private:
    [[nodiscard]] std::string exchange(std::string_view to_send, std::uint32_t number,
                                       const base::Deadline& deadline);
    void send_some(std::string_view& rest);
    void receive_some();
    [[nodiscard]] WorkerBroken broken(const std::string& what);

    std::string name_;
    Process process_;
    FrameReader reader_;
    std::string error_line_;
    std::string last_error_; ///< line, for messages
    std::uint32_t number_ = 0;
    unsigned lines_ = 0; ///< logged since the last request began
    std::uint64_t requests_ = 0;
    std::uint64_t bytes_ = 0;
    bool at_end_ = false;
};

} // namespace runner::php
