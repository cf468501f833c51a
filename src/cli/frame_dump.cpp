// SPDX-License-Identifier: GPL-2.0-or-later
// The options of `dump`.
#include "cli/frame_impl.hpp"

#include <memory>

namespace runner::cli {

void Frame::add_dump() {
    auto options = std::make_shared<DumpOptions>();
    CLI::App& dump =
        impl_->command("dump", "Write all stored results of a wiki into files",
                       [options](const config::Loaded& loaded, const config::Sources&) {
                           return run_dump(loaded.settings, *options);
                       });
    dump.add_option_function<std::string>(
            "--output", [options](const std::string& path) { options->output = path; },
            "The folder to write into; resumes an interrupted dump")
        ->type_name("DIR")
        ->required();
    dump.add_option("--format", options->formats,
                    "ttl (the default), nt, csv (violations) or json (results); may be repeated")
        ->check(CLI::IsMember({"ttl", "nt", "csv", "json"}))
        ->type_name("FORMAT")
        ->allow_extra_args(false);
    dump.add_option("--compress", options->compress, "none, gz (the default) or zst")
        ->check(CLI::IsMember({"none", "gz", "zst"}))
        ->type_name("HOW");
    dump.add_flag("--details", options->details,
                  "In RDF, include the status of violations and the type of constraints");
    dump.add_flag("--sentences", options->sentences,
                  "In CSV, describe each violation in a short English sentence, too");
    dump.add_option("--since", options->since,
                    "Only changes since the dump of this manifest.json, since a position of events "
                    "(a number), or since a time like 2026-11-21T18:20:00Z")
        ->type_name("WHEN");
    dump.add_option("--threads", options->threads,
                    "Connections to the database; 0: one per usable CPU (the default)")
        ->check(CLI::Range(0, 64))
        ->type_name("N");
    dump.add_option("--shards", options->shards, "Files per format; 0: four per thread")
        ->check(CLI::Range(0, 10'000))
        ->type_name("N");
    dump.add_option("--wiki", options->wiki, "The wiki, if several are configured")
        ->type_name("ID");
    dump.add_flag("--json", options->json, "Print one JSON object on standard output at the end");
}

} // namespace runner::cli
