// SPDX-License-Identifier: GPL-2.0-or-later
// Lists of files that the runner fetches: an address of a client of the API, and so one of the
// public internet only (src/source/public_http.hpp), at each redirect anew.
#pragma once

#include "config/settings.hpp"
#include "imports/list_text.hpp"

#include <atomic>
#include <string>
#include <string_view>

namespace runner::imports {

/// An address as it is requested: without its fragment, and with escapes for what people leave
/// plain in it (spaces, letters beyond ASCII, "|").
[[nodiscard]] std::string encoded_address(std::string_view address);

/// Why an address may not be fetched ("is no https URL"), by its text alone; empty when it may be.
[[nodiscard]] std::string address_problem(const std::string& address,
                                          const config::ImportSettings& settings);

class ListAddress {
public:
    /// `settings` outlive it.
    explicit ListAddress(const config::ImportSettings& settings) : settings_(settings) {}

    /// The list at the address, within `imports.address_timeout`. Throws Hopeless (address_refused,
    /// address_too_large, address_failed, address_unreadable, empty_list), and
    /// source::SourceUnavailable when trying again may help and this is not the `last_attempt`.
    [[nodiscard]] ListedFiles fetch(const std::string& address, bool last_attempt);

    /// From any thread: fetch() ends soon.
    void interrupt() noexcept { stopped_ = true; }

private:
    const config::ImportSettings& settings_;
    std::atomic<bool> stopped_ = false;
};

} // namespace runner::imports
