// SPDX-License-Identifier: GPL-2.0-or-later
// `constraint-runner check --dump`: a whole dump, from and into files.
#include "base/error.hpp"
#include "build_options.hpp"
#include "bulk/dump_check.hpp"
#include "cli/commands.hpp"
#include "cli/commons_titles.hpp"
#include "cli/fail_on.hpp"
#include "cli/interrupt.hpp"
#include "cli/now_and_then.hpp"
#include "cli/tell.hpp"
#include "facts/title_cache.hpp"
#include "source/ask_settings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <thread>
#include <unistd.h>

namespace runner::cli {

namespace {

using Clock = std::chrono::steady_clock;

bulk::DumpCheckOptions dump_options(const config::Settings& settings, const CheckOptions& options) {
    if (!options.output)
        throw base::UsageError("check: --dump needs --output DIR");
    if (!options.from.empty() || options.ids || options.ids_from_stdin ||
        !options.entities.empty() || options.json)
        throw base::UsageError("check: --dump checks a whole dump and can't be combined with "
                               "--from, --ids, --json or IDs");
    bulk::DumpCheckOptions out;
    out.dump = *options.dump;
    const config::WikiSettings wiki = settings.wiki_for_command(options.wiki);
    out.wiki =
        options.only_files ? wiki : source::settings_from_wiki(wiki, php::make_pool(wiki).get());
    if (!options.extras.empty())
        out.wiki.extras = options.extras;
    out.engine.now = options.now.value_or(0);
    if (options.titles)
        out.engine.commons_titles = read_commons_titles(*options.titles);
    else
        out.engine.titles = facts::make_title_cache(out.wiki);
    out.threads.working = options.threads.value_or(settings.check.threads);
    if (out.threads.working == 0)
        out.threads.working = std::max(1U, std::thread::hardware_concurrency());
    out.threads.waiting = options.titles ? 0 : facts::title_waiters(out.wiki);
    out.files.folder = *options.output;
    out.files.packing = base::packing_from(options.compress).value();
    out.files.shard_entities = options.shard;
    out.files.sentences = options.sentences;
    out.files.own = !out.wiki.extras.empty();
    const auto wants = [&](std::string_view format) {
        return std::find(options.formats.begin(), options.formats.end(), format) !=
               options.formats.end();
    };
    out.files.wanted = {wants("results"), wants("csv") || options.formats.empty(), wants("tsv"),
                        true};
    out.version = VERSION;
    return out;
}

/// A line that changes, on a terminal; else a line now and then.
class ProgressLine {
public:
    void show(const bulk::DumpProgress& at) {
        const bool checking = at.reading == bulk::Reading::checks;
        if (checking && !checking_) {
            checking_ = true;
            began_ = Clock::now();
            before_ = at.entities;
        }
        if (terminal_) {
            if (Clock::now() - shown_ < std::chrono::milliseconds(200))
                return;
            shown_ = Clock::now();
            tell_progress(text(at));
        } else if (lines_.due()) {
            fmt::print(stderr, "{}\n", text(at));
        }
    }
    ~ProgressLine() {
        if (shown_ != Clock::time_point())
            std::fputc('\n', stderr);
    }

private:
    [[nodiscard]] std::string text(const bulk::DumpProgress& at) const {
        std::string share;
        if (at.raw_size != 0)
            share = fmt::format(", {:.1f} %", 100 * static_cast<double>(at.raw_bytes) /
                                                  static_cast<double>(at.raw_size));
        if (!checking_)
            return fmt::format("collecting: {:.0f} MB{}", static_cast<double>(at.raw_bytes) / 1e6,
                               share);
        const double seconds = std::chrono::duration<double>(Clock::now() - began_).count();
        return fmt::format("checking: {} entities, {:.0f}/s{}", at.entities,
                           static_cast<double>(at.entities - before_) / std::max(seconds, 0.001),
                           share);
    }

    const bool terminal_ = isatty(STDERR_FILENO) == 1;
    NowAndThen lines_;
    bool checking_ = false;
    std::uint64_t before_ = 0;
    Clock::time_point began_;
    Clock::time_point shown_;
};

void print_summary(const bulk::DumpReport& report, const CheckOptions& options) {
    const bulk::CheckedCounts& counts = report.counts;
    const auto count = [&](results::Status status) {
        return counts.violations[static_cast<std::size_t>(status)];
    };
    note(fmt::format("{} entities checked in {:.0f} s{}: {} violations, {} warnings, "
                     "{} suggestions; the files are in {}",
                     counts.lines.entities + counts.parts,
                     report.facts_seconds + report.check_seconds,
                     report.resumed ? " (since it was resumed)" : "",
                     count(results::Status::violation), count(results::Status::warning),
                     count(results::Status::suggestion), options.output->string()));
}

void print_stats(const bulk::DumpReport& report, const bulk::StageTimes& times, unsigned threads) {
    const auto seconds = [](const std::atomic<std::int64_t>& ns) {
        return static_cast<double>(ns) / 1e9;
    };
    fmt::print(
        stderr,
        "{{\"lines\":{},\"entities\":{},\"redirects\":{},\"missing\":{},\"repeated\":{},"
        "\"failed\":{},\"incomplete\":{},\"properties\":{},\"threads\":{},\"facts_seconds\":{:.3f},"
        "\"check_seconds\":{:.3f},\"cpu_seconds\":{{\"read\":{:.3f},\"parse\":{:.3f},"
        "\"collect\":{:.3f},\"gather\":{:.3f},\"check\":{:.3f},\"write\":{:.3f}}},"
        "\"violations\":{}}}\n",
        report.counts.lines.lines, report.counts.lines.entities, report.counts.lines.redirects,
        report.counts.lines.missing, report.counts.lines.repeated, report.counts.lines.problems,
        report.counts.incomplete, report.properties, threads, report.facts_seconds,
        report.check_seconds, seconds(times.read), seconds(times.parse), seconds(times.collect),
        seconds(times.gather), seconds(times.check), seconds(times.write),
        bulk::counts_json(report.counts.violations, true));
}

} // namespace

int run_check_dump(const config::Settings& settings, const CheckOptions& options) {
    const bulk::DumpCheckOptions dump = dump_options(settings, options);
    bulk::StageTimes times;
    bulk::DumpReport report;
    {
        const OnInterrupt interrupt(
            options.dump->string() == "-"
                ? "constraint-runner: interrupted: repeating the command starts over, since "
                  "standard input can't be rewound"
                : "constraint-runner: interrupted: repeat the command to resume");
        ProgressLine line;
        report =
            bulk::check_dump(dump, times, [&](const bulk::DumpProgress& at) { line.show(at); });
    }
    if (options.stats)
        print_stats(report, times, dump.threads.working);
    else
        print_summary(report, options);
    const bulk::CheckedCounts& counts = report.counts;
    if (!report.warning.empty())
        note(fmt::format("warning: {}", report.warning));
    if (counts.incomplete != 0)
        note(fmt::format("{} of {} results are incomplete", counts.incomplete,
                         counts.lines.entities + counts.parts));
    if (counts.lines.problems != 0)
        note(fmt::format("{} lines could not be checked: see the files problems-…",
                         counts.lines.problems));
    if (!report.cut.empty())
        note(fmt::format("{} is not complete: {}",
                         options.dump->string() == "-" ? "standard input" : options.dump->string(),
                         report.cut));
    if (counts.lines.problems != 0 || !report.cut.empty())
        return static_cast<int>(base::ExitCode::data);
    for (std::size_t i = 0; i < counts.checks.size(); ++i)
        if (counts.checks[i] != 0 && fails_on(options.fail_on, static_cast<results::Status>(i)))
            return 1;
    return 0;
}

} // namespace runner::cli
