// SPDX-License-Identifier: GPL-2.0-or-later
#include "php/worker.hpp"

#include "base/error.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace runner::php {

namespace {

constexpr std::size_t max_error_line = 2'000; // of the log
constexpr unsigned max_lines = 20;            // of one request
constexpr std::chrono::milliseconds patience_with_the_end{200};

} // namespace

Worker::Worker(const std::vector<std::string>& command, std::string name)
    : name_(std::move(name)), process_(command) {}

std::string Worker::greeting(const base::Deadline& deadline) { return exchange({}, 0, deadline); }

std::string Worker::call(std::string_view request, const base::Deadline& deadline) {
    ++requests_;
    lines_ = 0;
    if (++number_ == 0)
        number_ = 1;
    if (reader_.pending() > 0)
        throw broken("it sent data without a request");
    return exchange(write_frame(number_, request), number_, deadline);
}

/// Sends and receives at the same time, so that neither side waits for the other forever.
std::string Worker::exchange(std::string_view to_send, std::uint32_t number,
                             const base::Deadline& deadline) {
    for (;;) {
        try {
            if (auto frame = reader_.next()) {
                if (frame->number != number || !to_send.empty())
                    throw broken(fmt::format("a response to request {} instead of {}",
                                             frame->number, number));
                return std::move(frame->text);
            }
        } catch (const base::DataError& error) {
            throw broken(error.what());
        }
        if (at_end_) {
            if (!process_.wait_for(patience_with_the_end))
                throw broken("it closed its output");
            read_errors();
            throw broken("it ended, " + process_.how_it_ended());
        }
        if (deadline.passed())
            throw WorkerLate(fmt::format("{}: no response in time", name_));
        std::array<pollfd, 2> fds{pollfd{process_.socket(), POLLIN, 0},
                                  pollfd{process_.error_pipe(), POLLIN, 0}};
        if (!to_send.empty())
            fds[0].events |= POLLOUT;
        const int wait =
            static_cast<int>(std::min(deadline.left(), std::chrono::milliseconds(60'000)).count());
        if (::poll(fds.data(), process_.error_pipe() < 0 ? 1 : 2, wait) < 0 && errno != EINTR)
            throw broken("poll failed");
        if ((fds[1].revents & POLLIN) != 0)
            read_errors();
        else if ((fds[1].revents & (POLLHUP | POLLERR)) != 0)
            process_.close_errors();
        if ((fds[0].revents & (POLLIN | POLLHUP | POLLERR)) != 0)
            receive_some();
        if (!to_send.empty() && (fds[0].revents & POLLOUT) != 0)
            send_some(to_send);
    }
}

void Worker::send_some(std::string_view& rest) {
    const ssize_t sent =
        ::send(process_.socket(), rest.data(), rest.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0)
        rest.remove_prefix(static_cast<std::size_t>(sent));
    else if (sent < 0 && errno != EAGAIN && errno != EINTR)
        at_end_ = true; // it takes nothing any more; what it said before is still read
}

void Worker::receive_some() {
    std::array<char, 65'536> part; // NOLINT(cppcoreguidelines-pro-type-member-init): written below
    const ssize_t got = ::recv(process_.socket(), part.data(), part.size(), MSG_DONTWAIT);
    if (got > 0) {
        bytes_ += static_cast<std::uint64_t>(got);
        reader_.feed({part.data(), static_cast<std::size_t>(got)});
    } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
        at_end_ = true;
    }
}

void Worker::read_errors() {
    std::array<char, 4'096> part; // NOLINT(cppcoreguidelines-pro-type-member-init): written below
    for (ssize_t got = 0; (got = ::read(process_.error_pipe(), part.data(), part.size())) > 0;) {
        error_line_.append(part.data(), static_cast<std::size_t>(got));
        for (std::size_t end = 0; (end = error_line_.find('\n')) != std::string::npos ||
                                  error_line_.size() > max_error_line;) {
            end = std::min(end, max_error_line);
            last_error_ = error_line_.substr(0, end);
            if (!last_error_.empty() && ++lines_ <= max_lines)
                spdlog::warn("{}: {}{}", name_, last_error_,
                             lines_ == max_lines ? " (further lines are omitted)" : "");
            error_line_.erase(0, end + 1);
        }
    }
}

WorkerBroken Worker::broken(const std::string& what) {
    return WorkerBroken(last_error_.empty() ? fmt::format("{}: {}", name_, what)
                                            : fmt::format("{}: {} ({})", name_, what, last_error_));
}

} // namespace runner::php
