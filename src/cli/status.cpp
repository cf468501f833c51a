// SPDX-License-Identifier: GPL-2.0-or-later
// `constraint-runner status`: what the runner on the configured socket says of itself and its
// queue; when none runs, the queue as the database has it. The exit code tells them apart.
#include "api/client.hpp"
#include "api/message.hpp"
#include "base/error.hpp"
#include "base/log.hpp"
#include "base/plain_reason.hpp"
#include "cli/commands.hpp"
#include "store/jobs/job_table.hpp"
#include "store/jobs/pause_table.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <cstdio>
#include <map>
#include <optional>

namespace runner::cli {

namespace json = boost::json;

namespace {

struct Status {
    bool running = false;
    bool ready = false;
    std::vector<std::string> problems;
    std::vector<std::string> warnings;
    std::optional<std::vector<store::WikiCounts>> queue;
    std::vector<store::Pause> pauses;
};

std::uint64_t number(const json::object& object, const char* key) {
    return object.at(key).to_number<std::uint64_t>();
}

std::vector<store::WikiCounts> queue_from(const json::value& answer) {
    std::vector<store::WikiCounts> wikis;
    for (const auto& [wiki, value] : answer.at("wikis").as_object()) {
        const json::object& counts = value.as_object();
        wikis.push_back(
            {std::string(wiki),
             {number(counts, "ready"), number(counts, "delayed"), number(counts, "leased"),
              number(counts, "dead"), counts.at("oldest_ready_seconds").to_number<double>()}});
    }
    return wikis;
}

std::vector<store::Pause> pauses_from(const json::value& answer) {
    std::vector<store::Pause> pauses;
    if (const json::value* paused = answer.as_object().if_contains("paused"))
        for (const json::value& each : paused->as_array()) // an older runner has none
            pauses.push_back(
                {each.at("wiki").is_null() ? "" : std::string(each.at("wiki").as_string()),
                 std::string(each.at("since").as_string()),
                 std::string(each.at("reason").as_string())});
    return pauses;
}

/// False when no runner listens.
bool ask_runner(const config::Settings& settings, Status& status) {
    const std::string socket = settings.server.socket.string();
    try {
        const json::value ready = json::parse(api::get(socket, "/readyz").body);
        status.running = true;
        status.ready = ready.at("ready").as_bool();
        for (const json::value& problem : ready.at("problems").as_array())
            status.problems.emplace_back(problem.as_string());
        if (const json::value* warnings = ready.as_object().if_contains("warnings"))
            for (const json::value& warning : warnings->as_array()) // an older runner has none
                status.warnings.emplace_back(warning.as_string());
        const api::ClientResponse queue = api::get(socket, "/v1/queue");
        if (queue.status == 200) {
            const json::value answer = json::parse(queue.body);
            status.queue = queue_from(answer);
            status.pauses = pauses_from(answer);
        }
    } catch (const base::UnavailableError& error) {
        status.problems.emplace_back(error.what());
    } catch (const boost::system::system_error& error) {
        throw base::Error(base::ExitCode::protocol,
                          "the process on " + socket +
                              " is not a runner: " + base::plain_reason(error));
    }
    return status.running;
}

void ask_database(const config::Settings& settings, Status& status) {
    store::DatabaseOptions database;
    database.conninfo = config::connection_string(settings.database);
    database.application_name = "constraint-runner status";
    database.statement_timeout = settings.database.statement_timeout;
    try {
        store::Session session(database);
        status.queue = store::JobTable(session).counts_by_wiki();
        status.pauses = store::PauseTable(session).list();
    } catch (const base::Error& error) {
        status.problems.emplace_back(error.what());
    }
}

std::string quoted(const std::string& text) {
    std::string out = "\"";
    base::append_json_escaped(out, text);
    return out + '"';
}

std::string list(const std::vector<std::string>& texts) {
    std::string out;
    for (const std::string& text : texts)
        out += (out.empty() ? "" : ",") + quoted(text);
    return '[' + out + ']';
}

void print_json(const Status& status) {
    std::string wikis;
    if (status.queue)
        for (const auto& [wiki, c] : *status.queue)
            wikis += fmt::format("{}{}:{{\"ready\":{},\"delayed\":{},\"leased\":{},\"dead\":{},"
                                 "\"oldest_ready_seconds\":{:.3f}}}",
                                 wikis.empty() ? "" : ",", quoted(wiki), c.ready, c.delayed,
                                 c.leased, c.dead, c.oldest_ready_seconds);
    std::string pauses;
    for (const store::Pause& pause : status.pauses)
        pauses +=
            fmt::format("{}{{\"wiki\":{},\"since\":{},\"reason\":{}}}", pauses.empty() ? "" : ",",
                        pause.wiki.empty() ? "null" : quoted(pause.wiki), quoted(pause.since),
                        quoted(pause.reason));
    fmt::print("{{\"running\":{},\"ready\":{},\"problems\":{},\"warnings\":{},\"queue\":{},"
               "\"paused\":[{}]}}\n",
               status.running, status.ready, list(status.problems), list(status.warnings),
               status.queue ? "{" + wikis + "}" : std::string("null"), pauses);
}

void print_table(const Status& status) {
    fmt::print("{}\n", !status.running ? "not running"
                       : status.ready  ? "running, ready"
                                       : "running, not ready");
    for (const std::string& problem : status.problems)
        fmt::print("  {}\n", problem);
    for (const std::string& warning : status.warnings)
        fmt::print("  warning: {}\n", warning);
    if (!status.running) // else a warning says so
        for (const store::Pause& pause : status.pauses)
            fmt::print("  {} since {}{}{}\n",
                       pause.wiki.empty() ? "all wikis are paused" : pause.wiki + " is paused",
                       pause.since, pause.reason.empty() ? "" : ": ", pause.reason);
    if (!status.queue)
        return;
    fmt::print("\n{:<20} {:>10} {:>10} {:>10} {:>10} {:>14}\n", "wiki", "ready", "delayed",
               "leased", "dead", "oldest ready");
    for (const auto& [wiki, c] : *status.queue)
        fmt::print("{:<20} {:>10} {:>10} {:>10} {:>10} {:>12.1f} s\n", wiki, c.ready, c.delayed,
                   c.leased, c.dead, c.oldest_ready_seconds);
}

} // namespace

int run_status(const config::Settings& settings, const StatusOptions& options) {
    Status status;
    if (!ask_runner(settings, status))
        ask_database(settings, status);
    if (!options.wiki.empty() && status.queue) {
        if (settings.find_wiki(options.wiki) == nullptr)
            (void)settings.wiki_for_command(options.wiki); // throws, with a suggestion
        std::erase_if(*status.queue,
                      [&](const store::WikiCounts& counts) { return counts.wiki != options.wiki; });
    }
    if (options.json)
        print_json(status);
    else
        print_table(status);
    const auto code = !status.running ? base::ExitCode::unavailable
                      : status.ready  ? base::ExitCode::ok
                                      : base::ExitCode::temp_fail;
    return static_cast<int>(code);
}

} // namespace runner::cli
