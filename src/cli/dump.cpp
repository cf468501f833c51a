// SPDX-License-Identifier: GPL-2.0-or-later
// `constraint-runner dump`: all stored results of a wiki, as files.
#include "base/clock.hpp"
#include "base/error.hpp"
#include "build_options.hpp"
#include "cli/commands.hpp"
#include "cli/interrupt.hpp"
#include "cli/now_and_then.hpp"
#include "publish/result_dump.hpp"
#include "store/common/migrations.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <thread>
#include <unistd.h>

namespace runner::cli {

namespace {

store::Since parse_since(const std::string& text, std::string_view wiki) {
    std::uint64_t position = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), position);
    if (error == std::errc() && end == text.data() + text.size())
        return {position, {}};
    // a name of a file may look like anything but a time
    if (const auto time = base::parse_time(text); time && text.find('T') != std::string::npos)
        return {std::nullopt, text};
    std::error_code ignored;
    if (!std::filesystem::exists(text, ignored))
        throw base::UsageError("--since: expected a manifest.json, a position or a time like "
                               "2026-11-21T18:20:00Z, got \"" +
                               text + '"');
    return publish::read_manifest_position(text, wiki);
}

publish::ResultDumpOptions dump_options(const config::Settings& settings,
                                        const DumpOptions& options) {
    const config::WikiSettings wiki = settings.wiki_for_command(options.wiki);
    publish::ResultDumpOptions out;
    out.database.conninfo = config::connection_string(settings.database);
    out.database.application_name = "constraint-runner dump";
    out.wiki = wiki.id;
    out.concept_base_uri = wiki.concept_base_uri;
    out.folder = options.output;
    for (const std::string& name : options.formats)
        out.formats[static_cast<std::size_t>(publish::dump_format_from(name).value())] = true;
    if (options.formats.empty())
        out.formats[static_cast<std::size_t>(publish::DumpFormat::turtle)] = true;
    out.packing = base::packing_from(options.compress).value();
    out.details = options.details;
    out.sentences = options.sentences;
    out.own = !wiki.extras.empty();
    out.threads =
        options.threads != 0 ? options.threads : std::max(1U, std::thread::hardware_concurrency());
    out.shards = options.shards;
    if (!options.since.empty())
        out.since = parse_since(options.since, wiki.id);
    out.version = VERSION;
    return out;
}

void print_report(const publish::ResultDumpReport& report, double seconds, bool json) {
    const auto& totals = report.totals;
    if (json) {
        fmt::print("{{\"entities\":{},\"violations\":{},\"triples\":{},\"gone\":{},"
                   "\"removed\":{},\"files\":{},\"shards\":{},\"resumed_shards\":{},"
                   "\"transaction\":\"{}\",\"last_event_id\":{},\"seconds\":{:.3f}}}\n",
                   totals.entities, totals.violations, totals.triples, totals.gone, totals.removed,
                   report.files, report.shards, report.resumed_shards, report.position.transaction,
                   report.position.last_id, seconds);
        return;
    }
    fmt::print("{} files; {} violations, {} triples, {} results in {:.1f} s; events continue from "
               "position {}\n",
               report.files, totals.violations, totals.triples, totals.entities, seconds,
               report.position.transaction);
}

} // namespace

int run_dump(const config::Settings& settings, const DumpOptions& options) {
    const publish::ResultDumpOptions dump = dump_options(settings, options);
    {
        store::Session session(dump.database);
        store::check_schema(session);
    }
    const base::Stopwatch clock;
    const bool terminal = isatty(STDERR_FILENO) == 1;
    NowAndThen lines;
    const OnInterrupt interrupt("constraint-runner: interrupted: repeat the command to write the "
                                "remaining shards");
    const auto report = publish::dump_results(dump, [&](std::size_t done, std::size_t all) {
        if (terminal)
            fmt::print(stderr, "\r{} of {} shards{}", done, all, done == all ? "\n" : "");
        else if (lines.due())
            fmt::print(stderr, "{} of {} shards\n", done, all);
    });
    print_report(report, clock.seconds(), options.json);
    return 0;
}

} // namespace runner::cli
