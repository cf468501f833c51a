// SPDX-License-Identifier: GPL-2.0-or-later
// `constraint-runner check --dump`: a whole dump, from and into files.
#include "base/error.hpp"
#include "bulk/dump_check.hpp"
#include "cli/commands.hpp"
#include "cli/commons_titles.hpp"
#include "build_options.hpp"
#include "facts/title_cache.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <thread>

namespace runner::cli {

namespace {

using Clock = std::chrono::steady_clock;

bulk::DumpCheckOptions dump_options(const config::Settings& settings,
                                    const CheckOptions& options) {
    if (!options.output)
        throw base::UsageError("check: --dump needs --output DIR");
    if (!options.from.empty() || options.ids || options.ids_from_stdin ||
        !options.entities.empty() || options.json)
        throw base::UsageError(
            "check: --dump checks all of a dump: without --from, --ids, --json and IDs");
    bulk::DumpCheckOptions out;
    out.dump = *options.dump;
    out.wiki = settings.wiki_for_command(options.wiki);
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
    const auto wants = [&](std::string_view format) {
        return std::find(options.formats.begin(), options.formats.end(), format) !=
               options.formats.end();
    };
    out.files.wanted = {wants("results"), wants("csv") || options.formats.empty(), wants("tsv"),
                        true};
    out.version = VERSION;
    return out;
}

/// A line that changes, on a terminal.
class ProgressLine {
public:
    void show(const bulk::DumpProgress& at) {
        if (!terminal_ || Clock::now() - shown_ < std::chrono::milliseconds(200))
            return;
        shown_ = Clock::now();
        if (at.reading == bulk::Reading::facts) {
            std::fprintf(stderr, "\rcollecting: %.0f MB%s", static_cast<double>(at.raw_bytes) / 1e6,
                         share(at).c_str());
            return;
        }
        if (!checking_) {
            checking_ = true;
            began_ = Clock::now();
            before_ = at.entities;
        }
        const double seconds = std::chrono::duration<double>(Clock::now() - began_).count();
        std::fprintf(stderr, "\rchecking: %llu entities, %.0f/s%s   ",
                     static_cast<unsigned long long>(at.entities),
                     static_cast<double>(at.entities - before_) / std::max(seconds, 0.001),
                     share(at).c_str());
    }
    ~ProgressLine() {
        if (terminal_ && shown_ != Clock::time_point())
            std::fputc('\n', stderr);
    }

private:
    static std::string share(const bulk::DumpProgress& at) {
        if (at.raw_size == 0)
            return {};
        return fmt::format(", {:.1f} %", 100 * static_cast<double>(at.raw_bytes) /
                                             static_cast<double>(at.raw_size));
    }

    const bool terminal_ = isatty(STDERR_FILENO) == 1;
    bool checking_ = false;
    std::uint64_t before_ = 0;
    Clock::time_point began_;
    Clock::time_point shown_;
};

void print_stats(const bulk::DumpReport& report, const bulk::StageTimes& times,
                 unsigned threads) {
    const auto seconds = [](const std::atomic<std::int64_t>& ns) {
        return static_cast<double>(ns) / 1e9;
    };
    fmt::print(stderr,
               "{{\"entities\":{},\"failed\":{},\"incomplete\":{},\"redirects\":{},"
               "\"properties\":{},\"threads\":{},\"facts_seconds\":{:.3f},"
               "\"check_seconds\":{:.3f},\"cpu_seconds\":{{\"read\":{:.3f},\"parse\":{:.3f},"
               "\"collect\":{:.3f},\"gather\":{:.3f},\"check\":{:.3f},\"write\":{:.3f}}},"
               "\"violations\":{}}}\n",
               report.counts.entities, report.counts.failed, report.counts.incomplete,
               report.counts.redirects, report.properties, threads, report.facts_seconds,
               report.check_seconds, seconds(times.read), seconds(times.parse),
               seconds(times.collect), seconds(times.gather), seconds(times.check),
               seconds(times.write), bulk::counts_json(report.counts.violations, true));
}

} // namespace

int run_check_dump(const config::Settings& settings, const CheckOptions& options) {
    const bulk::DumpCheckOptions dump = dump_options(settings, options);
    bulk::StageTimes times;
    bulk::DumpReport report;
    {
        ProgressLine line;
        report = bulk::check_dump(dump, times,
                                  [&](const bulk::DumpProgress& at) { line.show(at); });
    }
    if (options.stats)
        print_stats(report, times, dump.threads.working);
    if (report.counts.incomplete != 0)
        std::fprintf(stderr, "constraint-runner: %llu of %llu results are incomplete\n",
                     static_cast<unsigned long long>(report.counts.incomplete),
                     static_cast<unsigned long long>(report.counts.entities));
    if (report.counts.failed != 0) {
        std::fprintf(stderr,
                     "constraint-runner: %llu lines could not be checked: see the problems-… files\n",
                     static_cast<unsigned long long>(report.counts.failed));
        return static_cast<int>(base::ExitCode::data);
    }
    return 0;
}

} // namespace runner::cli
