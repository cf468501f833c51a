// SPDX-License-Identifier: GPL-2.0-or-later
#include "publish/dump_stream.hpp"

#include "publish/packed_pieces.hpp"

namespace runner::publish {

namespace {

struct NotWanted {}; ///< leaves the scan

void write_results(store::DumpScan& scan, const DumpStreamOptions& options, PackedPieces& out) {
    scan.results(options.wiki, {}, nullptr, [&](const auto page) {
        for (const ResultLine& line : page) {
            append_json_line(out.text, line);
            out.hand_on_when_large(); // values of large entities are megabytes
        }
    });
}

void write_pairs(store::DumpScan& scan, const DumpStreamOptions& options, const PairWriter& writer,
                 PackedPieces& out) {
    const bool checks = options.format == DumpFormat::csv;
    out.text = writer.header();
    const store::PairParts parts{checks, checks && options.pairs.sentences, options.pairs.details};
    scan.violations(options.wiki, {}, parts, [&](const auto page) {
        for (const ViolationRow& row : page)
            writer.append(out.text, row);
        out.hand_on_when_large();
    });
}

} // namespace

void write_dump(const DumpStreamOptions& options,
                const std::function<void(const store::EventPosition&)>& begin,
                const std::function<bool(std::string)>& piece) {
    const PairWriter writer(options.format, options.concept_base_uri, options.pairs);
    const store::DumpSnapshot snapshot(options.database);
    store::DumpScan scan(options.database, snapshot.name());
    begin(snapshot.position());
    PackedPieces out(options.packing, [&](std::string_view text) {
        if (!piece(std::string(text)))
            throw NotWanted{};
    });
    try {
        if (options.format == DumpFormat::json)
            write_results(scan, options, out);
        else
            write_pairs(scan, options, writer, out);
        out.hand_on();
    } catch (const NotWanted&) {
    }
}

} // namespace runner::publish
