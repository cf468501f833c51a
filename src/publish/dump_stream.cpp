// SPDX-License-Identifier: GPL-2.0-or-later
#include "publish/dump_stream.hpp"

#include <cstddef>
#include <utility>

namespace runner::publish {

namespace {

constexpr std::size_t piece_bytes = std::size_t{512} << 10;

struct NotWanted {}; ///< leaves the scan

class Pieces {
public:
    Pieces(base::Packing packing, const std::function<bool(std::string)>& take)
        : packing_(packing), take_(take) {}

    std::string text; ///< what was not handed on yet

    void hand_on_when_large() {
        if (text.size() >= piece_bytes)
            hand_on();
    }
    void hand_on() {
        std::string piece;
        if (packing_ == base::Packing::none)
            piece.swap(text);
        else
            base::pack(packing_, std::exchange(text, {}), piece);
        if (!piece.empty() && !take_(std::move(piece)))
            throw NotWanted{};
    }

private:
    const base::Packing packing_;
    const std::function<bool(std::string)>& take_;
};

void write_results(store::DumpScan& scan, const DumpStreamOptions& options, Pieces& out) {
    scan.results(options.wiki, {}, nullptr, [&](const auto page) {
        for (const ResultLine& line : page) {
            append_json_line(out.text, line);
            out.hand_on_when_large(); // values of large entities are megabytes
        }
    });
}

void write_pairs(store::DumpScan& scan, const DumpStreamOptions& options,
                 const PairWriter& writer, Pieces& out) {
    const bool checks = options.format == DumpFormat::csv;
    out.text = writer.header();
    scan.violations(options.wiki, {}, {checks, checks && options.pairs.sentences, options.pairs.details},
                    [&](const auto page) {
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
    Pieces out(options.packing, piece);
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
