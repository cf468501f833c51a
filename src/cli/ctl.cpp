// SPDX-License-Identifier: GPL-2.0-or-later
// `constraint-runner ctl`: what an operator tells the runner on the configured socket to do.
#include "base/error.hpp"
#include "cli/ask_runner.hpp"
#include "cli/commands.hpp"
#include "entity/entity_id.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <thread>

namespace runner::cli {

namespace json = boost::json;

namespace {

constexpr std::uint64_t retried_at_once = 10'000; // by the API
constexpr std::chrono::milliseconds look_interval{200};
constexpr std::chrono::seconds answer_margin{10};

/// Throws UsageError for a wiki that is not configured. Empty: none was named.
json::object body_for(const config::Settings& settings, const std::string& wiki) {
    json::object body;
    if (!wiki.empty()) {
        (void)settings.wiki_for_command(wiki);
        body["wiki"] = wiki;
    }
    return body;
}

void require_ids(const char* command, const std::vector<std::string>& entities) {
    for (const std::string& name : entities)
        if (!entity::EntityId::parse(name))
            throw base::UsageError(fmt::format("{}: \"{}\" is not an entity ID", command, name));
}

json::value ask(const config::Settings& settings, const char* target, const json::object& body) {
    return json::parse(ask_runner(settings, "POST", target, json::serialize(body)));
}

void print_pauses(const json::value& answer) {
    const json::array& pauses = answer.at("paused").as_array();
    if (pauses.empty())
        fmt::print("no wiki is paused\n");
    for (const json::value& pause : pauses) {
        const bool all = pause.at("wiki").is_null();
        const std::string reason(pause.at("reason").as_string());
        fmt::print(
            "{} since {}{}{}\n",
            all ? "all wikis are paused" : std::string(pause.at("wiki").as_string()) + " is paused",
            std::string_view(pause.at("since").as_string()), reason.empty() ? "" : ": ", reason);
    }
}

/// A lease that was being taken when the pause was written comes within a moment: none for two
/// looks.
void wait_for_jobs(const config::Settings& settings, const std::string& wiki) {
    for (unsigned quiet = 0; quiet < 2;) {
        std::this_thread::sleep_for(look_interval);
        const json::value queue = json::parse(ask_runner(settings, "GET", "/v1/queue"));
        std::uint64_t leased = 0;
        for (const auto& [name, counts] : queue.at("wikis").as_object())
            if (wiki.empty() || name == wiki)
                leased += counts.at("leased").to_number<std::uint64_t>();
        quiet = leased == 0 ? quiet + 1 : 0;
    }
}

std::string list(const json::value& names) {
    std::string out;
    for (const json::value& name : names.as_array())
        out += (out.empty() ? "" : ", ") + std::string(name.as_string());
    return out;
}

} // namespace

int run_ctl_pause(const config::Settings& settings, const CtlOptions& options) {
    json::object body = body_for(settings, options.wiki);
    if (!options.reason.empty())
        body["reason"] = options.reason;
    print_pauses(ask(settings, "/v1/queue/pause", body));
    if (options.wait) {
        std::fflush(stdout);
        wait_for_jobs(settings, options.wiki);
        fmt::print("no job is in flight\n");
    }
    return 0;
}

int run_ctl_resume(const config::Settings& settings, const CtlOptions& options) {
    print_pauses(ask(settings, "/v1/queue/resume", body_for(settings, options.wiki)));
    return 0;
}

int run_ctl_drain(const config::Settings& settings, const CtlOptions&) {
    const json::value answer = json::parse(ask_runner(
        settings, "POST", "/v1/drain", "{}", settings.server.drain_timeout + answer_margin));
    if (answer.at("finished").as_bool()) {
        fmt::print("all jobs in flight are finished; the runner ends\n");
        return 0;
    }
    fmt::print("not all jobs in flight were finished in time; they are given back, and the runner "
               "ends\n");
    return static_cast<int>(base::ExitCode::temp_fail);
}

int run_ctl_reload(const config::Settings& settings, const CtlOptions&) {
    const json::value answer = ask(settings, "/v1/reload", {});
    const std::string applied = list(answer.at("applied"));
    const std::string added = list(answer.at("added"));
    const std::string rest = list(answer.at("need_restart"));
    if (!applied.empty())
        fmt::print("applied: {}\n", applied);
    if (!added.empty())
        fmt::print("new wikis: {}\n", added);
    if (!rest.empty())
        fmt::print("only a restart applies: {}\n", rest);
    if (applied.empty() && added.empty() && rest.empty())
        fmt::print("no changes\n");
    return 0;
}

int run_ctl_reprioritise(const config::Settings& settings, const CtlOptions& options) {
    require_ids("ctl reprioritise", options.entities);
    json::object body{{"wiki", settings.wiki_for_command(options.wiki).id},
                      {"priority", options.priority}};
    if (!options.reason.empty())
        body["reason"] = options.reason;
    if (!options.entities.empty())
        body["entities"] = json::array(options.entities.begin(), options.entities.end());
    const json::value answer = ask(settings, "/v1/queue/reprioritise", body);
    fmt::print("{} jobs have the priority {} now\n",
               answer.at("reprioritised").to_number<std::uint64_t>(), options.priority);
    return 0;
}

int run_ctl_reset(const config::Settings& settings, const CtlOptions& options) {
    return run_reset(settings, {options.wiki, options.entities});
}

int run_ctl_retry_dead(const config::Settings& settings, const CtlOptions& options) {
    require_ids("ctl retry-dead", options.entities);
    std::uint64_t all = 0;
    const auto retry = [&](const json::object& body) {
        const json::value answer = ask(settings, "/v1/dead/retry", body);
        const auto some = answer.at("retried").to_number<std::uint64_t>();
        all += some;
        return some;
    };
    if (options.entities.empty()) {
        const json::object body = body_for(settings, options.wiki);
        while (retry(body) == retried_at_once) {
        }
    }
    for (const std::string& entity : options.entities)
        retry({{"wiki", settings.wiki_for_command(options.wiki).id}, {"entity", entity}});
    fmt::print("{} dead jobs are back in the queue\n", all);
    return 0;
}

} // namespace runner::cli
