// SPDX-License-Identifier: GPL-2.0-or-later
// `constraint-runner import …`: asks the runner on the configured socket to begin, show and stop
// imports.
#include "api/client.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "base/terminal.hpp"
#include "cli/ask_runner.hpp"
#include "cli/commands.hpp"
#include "cli/import_progress.hpp"
#include "cli/interrupt.hpp"
#include "cli/tell.hpp"
#include "source/url_text.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <thread>
#include <utility>

namespace runner::cli {

namespace json = boost::json;

namespace {

constexpr std::chrono::milliseconds look_interval{300};
constexpr std::chrono::seconds patience{60}; // with a runner that does not answer, while waiting

json::value parsed(const std::string& body) {
    boost::system::error_code failed;
    json::value value = json::parse(body, failed);
    if (failed)
        throw base::Error(base::ExitCode::protocol,
                          "the response is not JSON: " + failed.message());
    return value;
}

std::string text_of(const json::value& value) {
    return value.is_string() ? std::string(value.as_string()) : std::string();
}

std::optional<std::uint64_t> number_of(const json::value& value) {
    return value.is_number() ? std::optional(value.to_number<std::uint64_t>()) : std::nullopt;
}

std::string target_of(std::uint64_t id, const char* what) {
    return fmt::format("/v1/import/{}/{}", id, what);
}

ImportProgress progress_of(const json::value& status) {
    ImportProgress progress;
    progress.id = status.at("job_id").to_number<std::uint64_t>();
    progress.status = text_of(status.at("status"));
    progress.total = number_of(status.at("total"));
    progress.total_known = text_of(status.at("total_is")) == "known";
    progress.done = status.at("done").to_number<std::uint64_t>();
    progress.failed = status.at("failed").to_number<std::uint64_t>();
    progress.rate = status.at("rate").to_number<double>();
    progress.eta_seconds = number_of(status.at("eta_seconds"));
    progress.current = text_of(status.at("current"));
    if (status.at("error").is_object())
        progress.error = text_of(status.at("error").at("message"));
    return progress;
}

/// Lines of a dump that could not be read are an error; vanished files of a category are not.
int exit_code(const json::value& import) {
    const std::string status = text_of(import.at("status"));
    const json::value* method = import.as_object().if_contains("import_method");
    const bool lines_failed = method != nullptr && text_of(*method) == "dump" &&
                              number_of(import.at("failed")).value_or(0) > 0;
    return static_cast<int>(
        status == "complete" ? (lines_failed ? base::ExitCode::data : base::ExitCode::ok)
        : status == "failed" ? base::ExitCode::data
        : status == "cancelled" || status == "paused" ? base::ExitCode::temp_fail
                                                      : base::ExitCode::ok);
}

/// An address that is told of the end, and how far that is.
std::string notified(const json::value& each) {
    const std::string url = text_of(each.at("url"));
    const std::string error = text_of(each.at("error"));
    if (const std::string at = text_of(each.at("delivered_at")); !at.empty())
        return fmt::format("{}: at {}", url, at);
    if (!text_of(each.at("given_up_at")).empty())
        return fmt::format("{}: given up: {}", url, error);
    return error.empty()
               ? url
               : fmt::format("{}: again at {}: {}", url, text_of(each.at("next_attempt")), error);
}

void print_status(const json::value& status) {
    const ImportProgress progress = progress_of(status);
    fmt::print("{}\n", progress_line(progress));
    const auto line = [&](const char* name, const std::string& text) {
        if (!text.empty())
            fmt::print("  {:<16} {}\n", name, base::terminal_text(text));
    };
    line("subject", text_of(status.at("subject")));
    line("wiki", text_of(status.at("wiki")));
    line("label", text_of(status.at("label")));
    line("owner", text_of(status.at("owner")));
    for (const json::value& each : status.at("notify").as_array())
        line("notifies", notified(each));
    for (const auto& [key, value] : status.as_object())
        if (const std::string_view name(key);
            name.starts_with("files_") || name.starts_with("items_") ||
            name.starts_with("lines_") || name.starts_with("entities_") ||
            name.starts_with("results_") || name.starts_with("jobs_") ||
            name.starts_with("violations_") || name.starts_with("left_out_"))
            line(std::string(key).c_str(), with_commas(number_of(value).value_or(0)));
    if (const json::value* redirects = status.as_object().if_contains("redirects"))
        for (const json::value& redirect : redirects->as_array())
            line("redirect", fmt::format("{} → {} ({})", text_of(redirect.at("from")),
                                         text_of(redirect.at("to")), text_of(redirect.at("kind"))));
    if (const json::value* warnings = status.as_object().if_contains("warnings"))
        for (const json::value& warning : warnings->as_array())
            line("warning", text_of(warning));
    if (const json::value* members = status.as_object().if_contains("members"))
        for (const json::value& each : members->as_array())
            line("would import",
                 fmt::format("Category:{}: {} files, {} subcategories, {} other pages",
                             text_of(each.at("category")),
                             with_commas(number_of(each.at("files")).value_or(0)),
                             with_commas(number_of(each.at("subcategories")).value_or(0)),
                             with_commas(number_of(each.at("pages")).value_or(0))));
    line("current", progress.current);
    line("next attempt", text_of(status.at("next_attempt")));
    line("created", text_of(status.at("created_at")));
    line("ended", text_of(status.at("ended_at")));
    const json::value* remarks = status.as_object().if_contains("category_problems");
    if (progress.failed > 0 || (remarks != nullptr && number_of(*remarks).value_or(0) > 0))
        fmt::print("See constraint-runner import problems {}\n", progress.id);
}

int show_status(const ImportOptions& options, const std::string& body) {
    const json::value status = parsed(body);
    if (options.json)
        fmt::print("{}", body);
    else
        print_status(status);
    return exit_code(status);
}

/// Shows progress until the import ends or is paused. A runner that is restarted meanwhile is
/// waited for.
int wait_for(const config::Settings& settings, const ImportOptions& options, std::uint64_t id) {
    std::string body;
    {
        const OnInterrupt interrupt(fmt::format(
            "constraint-runner: the runner continues the import: `constraint-runner import status "
            "{} --wait` shows it, `constraint-runner import pause {}` pauses it",
            id, id));
        ProgressDisplay display;
        auto answered = std::chrono::steady_clock::now();
        for (;;) {
            try {
                body = ask_runner(settings, "GET", target_of(id, "status"));
                answered = std::chrono::steady_clock::now();
                const ImportProgress progress = progress_of(parsed(body));
                const bool over = progress.status != "queued" && progress.status != "running" &&
                                  progress.status != "waiting";
                display.show(progress, over);
                if (over)
                    break;
            } catch (const base::Error& error) {
                if (error.exit_code() != base::ExitCode::unavailable ||
                    std::chrono::steady_clock::now() - answered > patience)
                    throw;
            }
            std::this_thread::sleep_for(look_interval);
        }
    }
    return show_status(options, body);
}

/// The wiki that a command means: the one named, or the only one that has a replica.
std::string wiki_with_replica(const config::Settings& settings, const std::string& named) {
    if (!named.empty())
        return settings.wiki_for_command(named).id;
    std::string found;
    for (const config::WikiSettings& wiki : settings.wikis) {
        if (wiki.replica_database.empty())
            continue;
        if (!found.empty())
            throw base::UsageError("several wikis have a replica: name one with --wiki");
        found = wiki.id;
    }
    if (found.empty())
        throw base::ConfigError("no wiki has a replica_database in the configuration");
    return found;
}

/// Adds what the options say of the files that are wanted.
void add_filter(const ImportOptions::Filter& filter, json::object& request) {
    json::object fields;
    for (const auto& [name, text] : {std::pair{"uploaded_from", &filter.uploaded_from},
                                     {"uploaded_before", &filter.uploaded_before},
                                     {"time_zone", &filter.time_zone},
                                     {"versions", &filter.versions}})
        if (!text->empty())
            fields[name] = *text;
    for (const auto& [name, number] :
         {std::pair{"min_pixels", filter.min_pixels}, {"min_side", filter.min_side}})
        if (number != 0)
            fields[name] = number;
    for (const auto& [name, list] : {std::pair{"mime_types", &filter.mime_types},
                                     {"uploaders", &filter.uploaders},
                                     {"not_uploaders", &filter.not_uploaders}})
        if (!list->empty())
            fields[name] = json::value_from(*list);
    if (!fields.empty())
        request["filter"] = std::move(fields);
}

/// Asks for an import and says what came of it; with --wait its end.
int begin(const config::Settings& settings, const ImportOptions& options, json::object request) {
    if (!options.label.empty())
        request["label"] = options.label;
    if (!options.notify.empty())
        request["notify"] = options.notify;
    const std::string body = ask_runner(settings, "POST", "/v1/import", json::serialize(request));
    const json::value accepted = parsed(body);
    const auto id = accepted.at("job_id").to_number<std::uint64_t>();
    if (options.json && !options.wait)
        fmt::print("{}", body);
    else if (!options.json)
        fmt::print("{}\n",
                   accepted.at("is_new").as_bool()
                       ? fmt::format("import {} begins", id)
                       : fmt::format("the same import is already running as import {}", id));
    std::fflush(stdout);
    return options.wait ? wait_for(settings, options, id) : 0;
}

} // namespace

int run_import_category(const config::Settings& settings, const ImportOptions& options) {
    json::array names;
    for (const std::string& name : options.categories)
        names.emplace_back(name);
    json::object request{{"import_method", "category"},
                         {"wiki", wiki_with_replica(settings, options.wiki)},
                         {"categories", std::move(names)}};
    if (!options.follow_redirects)
        request["follow_redirects"] = false;
    if (options.dry_run)
        request["dry_run"] = true;
    if (options.depth > 0)
        request["depth"] = options.depth;
    if (!options.excluded.empty())
        request["exclude"] = json::value_from(options.excluded);
    add_filter(options.filter, request);
    return begin(settings, options, std::move(request));
}

int run_import_names(const config::Settings& settings, const ImportOptions& options) {
    constexpr std::size_t largest = std::size_t{256} << 20U;
    if (options.file.empty() == options.address.empty())
        throw base::UsageError("import names: give a FILE or --address");
    json::object request{{"import_method", "files"},
                         {"wiki", wiki_with_replica(settings, options.wiki)}};
    if (options.address.empty())
        request["csv"] = base::read_file(options.file, largest);
    else
        request["address"] = options.address;
    if (options.dry_run)
        request["dry_run"] = true;
    add_filter(options.filter, request);
    return begin(settings, options, std::move(request));
}

int run_import_refresh(const config::Settings& settings, const ImportOptions& options) {
    return begin(settings, options,
                 {{"import_method", "files"},
                  {"wiki", wiki_with_replica(settings, options.wiki)},
                  {"of_import", options.id}});
}

int run_import_dump(const config::Settings& settings, const ImportOptions& options) {
    json::object request{{"import_method", "dump"},
                         {"wiki", settings.wiki_for_command(options.wiki).id},
                         {"file", options.file}};
    if (options.force)
        request["force"] = true;
    return begin(settings, options, std::move(request));
}

int run_import_entities(const config::Settings& settings, const ImportOptions& options) {
    json::object request{{"import_method", "entities"},
                         {"wiki", settings.wiki_for_command(options.wiki).id}};
    json::array ids;
    for (const std::string& id : options.entities)
        ids.emplace_back(id);
    if (!ids.empty())
        request["entities"] = std::move(ids);
    for (const auto& [name, value] : {std::pair{"from", &options.from},
                                      {"type", &options.type},
                                      {"property", &options.property}})
        if (!value->empty())
            request[name] = *value;
    if (options.older_than != 0)
        request["older_than"] = options.older_than;
    if (options.force)
        request["force"] = true;
    return begin(settings, options, std::move(request));
}

int run_import_list(const config::Settings& settings, const ImportOptions& options) {
    std::string target = "/v1/import?limit=1000";
    if (!options.wiki.empty())
        target += "&wiki=" + settings.wiki_for_command(options.wiki).id;
    for (const char c : options.status)
        if (c < 'a' || c > 'z')
            throw base::UsageError("--status: \"" + options.status + "\" is not a status");
    if (!options.status.empty())
        target += "&status=" + options.status;
    if (!options.owner.empty()) {
        target += "&owner=";
        source::append_encoded(target, options.owner);
    }
    const std::string body = ask_runner(settings, "GET", target);
    if (options.json) {
        fmt::print("{}", body);
        return 0;
    }
    fmt::print("{:>6} {:<10} {:<14} {:>12} {:>12} {:>8} {}\n", "id", "status", "wiki", "done",
               "total", "failed", "subject");
    const json::value list = parsed(body);
    for (const json::value& import : list.at("imports").as_array()) {
        const ImportProgress p = progress_of(import);
        fmt::print("{:>6} {:<10} {:<14} {:>12} {:>12} {:>8} {}\n", p.id, p.status,
                   text_of(import.at("wiki")), with_commas(p.done),
                   p.total ? with_commas(*p.total) : "?", with_commas(p.failed),
                   base::terminal_text(text_of(import.at("subject"))));
    }
    return 0;
}

int run_import_status(const config::Settings& settings, const ImportOptions& options) {
    if (options.wait)
        return wait_for(settings, options, options.id);
    const std::string body = ask_runner(settings, "GET", target_of(options.id, "status"));
    return show_status(options, body);
}

int run_import_problems(const config::Settings& settings, const ImportOptions& options) {
    std::uint64_t after = 0;
    for (;;) {
        const json::value page = parsed(ask_runner(
            settings, "GET",
            fmt::format("{}?limit=1000&after={}", target_of(options.id, "problems"), after)));
        for (const json::value& problem : page.at("problems").as_array()) {
            if (options.json)
                fmt::print("{}\n", json::serialize(problem));
            else
                fmt::print("{}\t{}\t{}\n", text_of(problem.at("item")), text_of(problem.at("code")),
                           text_of(problem.at("reason")));
        }
        const json::value* next = page.as_object().if_contains("next");
        if (next == nullptr)
            return 0;
        after = next->to_number<std::uint64_t>();
    }
}

int run_import_files(const config::Settings& settings, const ImportOptions& options) {
    constexpr std::uint32_t page_size = 10'000;
    for (const char c : options.changed)
        if ((c < 'a' || c > 'z') && c != '_')
            throw base::UsageError("--change: \"" + options.changed + "\" is not a kind of change");
    std::FILE* out = stdout;
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(nullptr, &std::fclose);
    if (options.output) {
        file.reset(std::fopen(options.output->c_str(), "wb"));
        if (!file)
            throw base::Error(base::ExitCode::cant_create,
                              options.output->string() + " can't be written");
        out = file.get();
    }
    // a page that is not the last one ends with a line that says after what the next begins
    constexpr std::string_view partial = "# partial: ";
    for (std::string after = "0";;) {
        std::string body = ask_runner(
            settings, "GET",
            fmt::format("{}?format=csv&limit={}&after={}{}{}{}", target_of(options.id, "files"),
                        page_size, after,
                        options.changed.empty() ? "" : "&change=", options.changed,
                        options.since == 0 ? "" : fmt::format("&since={}", options.since)));
        std::string lacks;
        const std::size_t line = body.size() < 3 ? 0 : body.rfind("\r\n", body.size() - 3);
        const std::size_t from = line == std::string::npos || line == 0 ? 0 : line + 2;
        if (body.compare(from, partial.size(), partial) == 0) {
            lacks = body.substr(from + partial.size(), body.size() - from - partial.size() - 2);
            body.resize(from);
        }
        if (std::fwrite(body.data(), 1, body.size(), out) != body.size() || std::fflush(out) != 0)
            throw base::IoError("writing the files failed");
        if (lacks.find(" follow after ") == std::string::npos) {
            if (!lacks.empty())
                tell("The list is not complete: " + lacks);
            return 0;
        }
        after = lacks.substr(lacks.rfind(' ') + 1);
    }
}

int run_import_delete(const config::Settings& settings, const ImportOptions& options) {
    (void)ask_runner(settings, "DELETE", target_of(options.id, "data"));
    fmt::print("the data of import {} has been deleted\n", options.id);
    return 0;
}

int run_import_change(const config::Settings& settings, const std::string& action,
                      const ImportOptions& options) {
    const std::string body =
        action == "cancel"
            ? ask_runner(settings, "DELETE", fmt::format("/v1/import/{}", options.id))
            : ask_runner(settings, "POST", target_of(options.id, action.c_str()));
    const json::value changed = parsed(body);
    fmt::print("import {} is {}\n", options.id, text_of(changed.at("status")));
    return 0;
}

} // namespace runner::cli
