// SPDX-License-Identifier: GPL-2.0-or-later
// The options of `check`.
#include "base/clock.hpp"
#include "base/error.hpp"
#include "cli/frame_impl.hpp"

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
        impl_->command("check", "Checks entities of files, without database or daemon",
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
                    "Entities: a JSON dump, NDJSON, answers of the API; plain, .gz, .bz2 or .zst; - "
                    "for standard input; may be repeated; the source of the wiki is asked for what "
                    "they lack")
        ->type_name("FILE")
        ->allow_extra_args(false);
    check.add_flag("--only-files", options->only_files,
                   "With --from or --dump: no wiki is asked; what the files lack is missing, and the "
                   "configuration alone decides the settings");
    check
        .add_option_function<std::string>(
            "--ids",
            [options](const std::string& path) {
                options->ids_from_stdin = path == "-";
                if (path != "-")
                    options->ids = path;
            },
            "Checks the entities listed there, one id a line; - for standard input")
        ->type_name("FILE");
    check.add_option("ID", options->entities,
                     "Entities to check; without any and without --ids: all of the files");
    check
        .add_option_function<unsigned>(
            "--threads", [options](unsigned n) { options->threads = n; },
            "Threads; 0: one per usable CPU; else the setting check.threads")
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
                                 "1970, got \"" + text + '"');
            },
            "What the checks take as the present time, in UTC")
        ->type_name("TIME");
    check.add_flag("--json", options->json, "One JSON line per entity, on a terminal too");
    add_path("--titles", options->titles,
             "Titles that exist on Commons, a JSON object; nobody is asked then");
    check.add_option("--wiki", options->wiki, "The wiki whose settings hold, if several are set")
        ->type_name("ID");
    check.add_flag("--stats", options->stats,
                   "Ends with a JSON line on standard error: counts, and seconds of work");
    add_path("--output", options->output,
             "Writes there instead of to standard output; with --dump a folder");
    check
        .add_option("--fail-on", options->fail_on,
                    "Ends with exit code 1 when there is such a result: violation, warning (or "
                    "graver), suggestion (or graver), bad-parameters, todo; may be repeated")
        ->check(CLI::IsMember({"violation", "warning", "suggestion", "bad-parameters", "todo"}))
        ->type_name("STATUS")
        ->allow_extra_args(false);
    check
        .add_option("--extras", options->extras,
                    "What is found beyond WBQC, instead of the setting wiki.*.extras: fix, types, "
                    "classes, redirects; may be repeated")
        ->check(CLI::IsMember(config::extra_names))
        ->type_name("EXTRA")
        ->allow_extra_args(false);
    check.add_flag("--force", options->force,
                   "Replaces the file --output when it exists, and its .part");
    CLI::Option* dump = add_path(
        "--dump", options->dump,
        "Checks a whole dump (JSON array or NDJSON; plain, .gz, .bz2 or .zst; - for standard "
        "input) into files of the folder --output; continues what was cut off");
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
                             "With --dump: entities of a file; also what is repeated at most when "
                             "a run is cut off"))
        ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000'000}))
        ->type_name("N");
}

} // namespace runner::cli
