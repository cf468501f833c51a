// SPDX-License-Identifier: GPL-2.0-or-later
// The options of `check`.
#include "base/clock.hpp"
#include "base/error.hpp"
#include "cli/frame_impl.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>

namespace runner::cli {

namespace {

/// `--from -`, by the name under which the system has it.
void take_standard_input(CheckOptions& options) {
    bool taken = options.ids_from_stdin;
    for (std::filesystem::path& file : options.from) {
        if (file != "-")
            continue;
        if (taken)
            throw base::UsageError("check: --from -: standard input can be read only once");
        file = "/dev/stdin";
        taken = true;
    }
}

} // namespace

void Frame::add_check() {
    auto options = std::make_shared<CheckOptions>();
    CLI::App& check =
        impl_->command("check", "Check entities from files, without database or daemon",
                       [options](const config::Loaded& loaded, const config::Sources&) {
                           take_standard_input(*options);
                           return options->dump ? run_check_dump(loaded.settings, *options)
                                                : run_check(loaded.settings, *options);
                       });
    const auto add_path = [&check](const char* name, std::optional<std::filesystem::path>& into,
                                   const char* help) {
        return check
            .add_option_function<std::string>(
                name, [&into](const std::string& path) { into = path; }, help)
            ->type_name("FILE");
    };
    check
        .add_option("--from", options->from,
                    "Entities: a JSON dump, NDJSON, API responses; plain, .gz, .bz2 or .zst; - for "
                    "standard input; may be repeated; entities that they lack come from the source "
                    "of the wiki")
        ->type_name("FILE")
        ->allow_extra_args(false);
    check.add_flag("--only-files", options->only_files,
                   "With --from or --dump: do not contact the wiki; entities that the files lack "
                   "are missing, and settings come from the configuration only");
    check
        .add_option_function<std::string>(
            "--ids",
            [options](const std::string& path) {
                options->ids_from_stdin = path == "-";
                if (path != "-")
                    options->ids = path;
            },
            "Check the entities listed in FILE, one id per line; - for standard input")
        ->type_name("FILE");
    check.add_option("ID", options->entities,
                     "Entities to check; without any and without --ids: all entities in the files");
    check
        .add_option_function<unsigned>(
            "--threads", [options](unsigned n) { options->threads = n; },
            "Threads; 0: one per usable CPU; default: the setting check.threads")
        ->check(CLI::Range(0, 1024))
        ->type_name("N");
    check
        .add_option_function<std::string>(
            "--now",
            [options](const std::string& text) {
                options->now = base::parse_time(text);
                if (!options->now)
                    throw CLI::ValidationError(
                        "--now", "expected a time like 2026-11-21T18:20:00Z, or seconds since "
                                 "1970, got \"" +
                                     text + '"');
            },
            "The present time for the checks, in UTC")
        ->type_name("TIME");
    check.add_flag("--json", options->json, "Print one JSON line per entity, even on a terminal");
    add_path("--titles", options->titles,
             "Titles that exist on Commons, a JSON object; used instead of the API");
    check
        .add_option("--wiki", options->wiki,
                    "The wiki whose settings apply, if several are configured")
        ->type_name("ID");
    check.add_flag(
        "--stats", options->stats,
        "Print a JSON line with counts and seconds of work on standard error at the end");
    add_path("--output", options->output,
             "Write to this file instead of standard output; with --dump a folder");
    check
        .add_option("--fail-on", options->fail_on,
                    "Exit with code 1 if there is a result with this status: violation, warning "
                    "(or worse), suggestion (or worse), bad-parameters, todo; may be repeated")
        ->check(CLI::IsMember({"violation", "warning", "suggestion", "bad-parameters", "todo"}))
        ->type_name("STATUS")
        ->allow_extra_args(false);
    check
        .add_option("--extras", options->extras,
                    fmt::format("Findings beyond WBQC, overriding the setting wiki.*.extras: {}; "
                                "may be repeated",
                                fmt::join(config::extra_names, ", ")))
        ->check(CLI::IsMember(config::extra_names))
        ->type_name("EXTRA")
        ->allow_extra_args(false);
    check.add_flag("--force", options->force, "Replace an existing file --output, and its .part");
    CLI::Option* dump = add_path(
        "--dump", options->dump,
        "Check a whole dump (JSON array or NDJSON; plain, .gz, .bz2 or .zst; - for standard input) "
        "into files in the folder --output; resumes an interrupted run");
    // each needs --dump, since nothing else has files to write it to
    const auto of_dump = [dump](CLI::Option* option) { return option->needs(dump); };
    of_dump(check.add_option("--format", options->formats,
                             "With --dump: csv (the default), tsv or results; may be repeated"))
        ->check(CLI::IsMember({"csv", "tsv", "results"}))
        ->type_name("FORMAT")
        ->allow_extra_args(false);
    of_dump(check.add_option("--compress", options->compress,
                             "With --dump: none, gz or zst (the default)"))
        ->check(CLI::IsMember({"none", "gz", "zst"}))
        ->type_name("HOW");
    of_dump(check.add_flag("--sentences", options->sentences,
                           "With --dump: each violation also as a short English sentence"));
    of_dump(check.add_option("--shard", options->shard,
                             "With --dump: entities per file; at most this many are repeated after "
                             "an interruption"))
        ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000'000}))
        ->type_name("N");
}

} // namespace runner::cli
