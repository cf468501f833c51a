// SPDX-License-Identifier: GPL-2.0-or-later
#include "ops/systemd.hpp"

#include <systemd/sd-daemon.h>

#include <cstdint>
#include <ctime>

namespace runner::ops {

namespace {

std::string one_line(std::string text) {
    for (char& c : text)
        if (c == '\n')
            c = ' ';
    return text;
}

} // namespace

void notify_ready(const std::string& status) {
    ::sd_notify(0, ("READY=1\nSTATUS=" + one_line(status)).c_str());
}

void notify_reloading() {
    timespec now{}; // newer systemd needs the time to distinguish reloads
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    const auto usec = static_cast<std::int64_t>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1000;
    ::sd_notify(0, ("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(usec)).c_str());
}

void notify_stopping(const std::string& status) {
    ::sd_notify(0, ("STOPPING=1\nSTATUS=" + one_line(status)).c_str());
}

void notify_status(const std::string& status) {
    ::sd_notify(0, ("STATUS=" + one_line(status)).c_str());
}

void notify_watchdog() { ::sd_notify(0, "WATCHDOG=1"); }

std::chrono::microseconds watchdog_interval() {
    std::uint64_t usec = 0;
    return ::sd_watchdog_enabled(0, &usec) > 0 ? std::chrono::microseconds(usec)
                                               : std::chrono::microseconds{0};
}

} // namespace runner::ops
