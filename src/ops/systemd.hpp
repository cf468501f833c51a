// SPDX-License-Identifier: GPL-2.0-or-later
// What systemd is told (sd_notify) when it started the process; without it all of this is nothing.
#pragma once

#include <chrono>
#include <string>

namespace runner::ops {

/// READY=1; `status` is shown by `systemctl status`.
void notify_ready(const std::string& status);
void notify_reloading();
void notify_stopping(const std::string& status);
void notify_status(const std::string& status);
void notify_watchdog();

/// How often systemd wants to hear notify_watchdog() at the latest; 0: not at all.
[[nodiscard]] std::chrono::microseconds watchdog_interval();

} // namespace runner::ops
