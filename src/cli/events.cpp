// SPDX-License-Identifier: GPL-2.0-or-later
// `constraint-runner events`: what changed, a line of JSON each, page by page from the runner on
// the configured socket; on and on if asked to.
#include "base/error.hpp"
#include "base/plain_reason.hpp"
#include "cli/ask_runner.hpp"
#include "cli/commands.hpp"
#include "cli/tell.hpp"
#include "source/url_text.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <thread>

namespace runner::cli {

namespace json = boost::json;

namespace {

constexpr std::chrono::milliseconds look_interval{500};
constexpr std::uint32_t page = 1'000;

std::string target_of(const EventsOptions& options, const std::string& after) {
    std::string target = fmt::format("/v1/events?limit={}", page);
    const auto add = [&](const char* name, const std::string& value) {
        if (value.empty())
            return;
        target += fmt::format("&{}=", name);
        source::append_encoded(target, value);
    };
    add("kind", options.kind);
    add("wiki", options.wiki);
    add("property", options.property);
    add("type", options.type);
    add("after", after);
    return target;
}

/// Writes the events of a page; false when the reader is gone.
bool print(const json::array& events) {
    for (const json::value& event : events) {
        const std::string line = json::serialize(event) + '\n';
        if (std::fwrite(line.data(), 1, line.size(), stdout) != line.size())
            return false;
    }
    return std::fflush(stdout) == 0;
}

} // namespace

int run_events(const config::Settings& settings, const EventsOptions& options) {
    std::string after = options.after.empty() && options.follow ? "now" : options.after;
    bool told = false;
    for (;;) {
        bool more = false;
        try {
            const json::value answer =
                json::parse(ask_runner(settings, "GET", target_of(options, after)));
            after = std::string(answer.at("next").as_string());
            more = answer.at("more").as_bool();
            told = false;
            if (!print(answer.at("events").as_array()))
                return static_cast<int>(base::ExitCode::io);
        } catch (const base::Error& error) {
            // with --follow, wait for an unavailable runner and resume
            if (!options.follow || error.exit_code() != base::ExitCode::unavailable)
                throw;
            if (!std::exchange(told, true))
                tell(error.what() + std::string("; trying again"));
        } catch (const boost::system::system_error& error) {
            throw base::Error(base::ExitCode::protocol,
                              "the response is not a page of events: " + base::plain_reason(error));
        }
        if (more)
            continue;
        if (!options.follow)
            return 0;
        std::this_thread::sleep_for(look_interval);
    }
}

} // namespace runner::cli
