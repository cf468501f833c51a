// SPDX-License-Identifier: GPL-2.0-or-later
// Each thread has a connection of its own on the shared snapshot and takes shard after shard. Rows
// are written as they come, in pieces of half a megabyte, each packed on its own.
#include "publish/result_dump.hpp"

#include "base/error.hpp"
#include "base/in_threads.hpp"
#include "base/part_file.hpp"
#include "publish/dump_state.hpp"
#include "publish/packed_pieces.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <memory>
#include <mutex>
#include <utility>

namespace runner::publish {
namespace {

/// A file of a shard, packed piece by piece.
class PackedFile {
public:
    PackedFile(const std::filesystem::path& folder, const std::string& stem, DumpFormat format,
               base::Packing packing, const std::string& header)
        : pieces(packing, [this](std::string_view piece) { file_.write(piece); }), format_(format),
          file_(folder /
                fmt::format("{}{}{}", stem, extension_of(format), base::extension_of(packing))) {
        pieces.text = header;
    }

    PackedPieces pieces;
    std::uint64_t rows = 0;

    DumpFileInfo finish() {
        pieces.hand_on();
        file_.finish();
        return {file_.path().filename().string(), std::string(name_of(format_)), rows,
                file_.bytes(), file_.sha256()};
    }

private:
    const DumpFormat format_;
    base::PartFile file_;
};

class Dumping {
public:
    Dumping(const ResultDumpOptions& options)
        : options_(options), writers_{writer(DumpFormat::turtle), writer(DumpFormat::ntriples),
                                      writer(DumpFormat::csv)} {}

    /// Everything of one shard; the files are complete when it returns.
    void run(store::DumpScan& scan, std::size_t number, DumpShard& shard) const {
        shard.files.clear();
        shard.totals = {};
        const bool rows =
            wants(DumpFormat::turtle) || wants(DumpFormat::ntriples) || wants(DumpFormat::csv);
        const store::PairParts parts{
            wants(DumpFormat::csv), wants(DumpFormat::csv) && options_.sentences, options_.details};
        if (rows && !options_.since) {
            auto files = open_rows(number, "");
            scan.violations(options_.wiki, shard.range, parts, [&](const auto page) {
                for (const ViolationRow& row : page)
                    write(files, row, shard.totals.triples);
                shard.totals.violations += page.size();
                for (const auto& file : files)
                    if (file)
                        file->pieces.hand_on_when_large();
            });
            close(files, shard);
        } else if (rows) {
            auto added = open_rows(number, "-added");
            auto removed = open_rows(number, "-removed");
            std::uint64_t ignored = 0;
            scan.changes(options_.wiki, shard.range, *options_.since, parts, [&](const auto page) {
                for (const store::PairChange& change : page) {
                    write(change.added ? added : removed, change.row,
                          change.added ? shard.totals.triples : ignored,
                          {change.pair, true, change.type});
                    ++(change.added ? shard.totals.violations : shard.totals.removed);
                }
                for (auto* files : {&added, &removed})
                    for (const auto& file : *files)
                        if (file)
                            file->pieces.hand_on_when_large();
            });
            close(added, shard);
            close(removed, shard);
        }
        if (wants(DumpFormat::json))
            results(scan, number, shard);
    }

private:
    using RowFiles = std::array<std::unique_ptr<PackedFile>, 3>; // as writers_

    [[nodiscard]] PairWriter writer(DumpFormat format) const {
        return {format,
                options_.concept_base_uri,
                {options_.details, options_.sentences, options_.own}};
    }

    [[nodiscard]] bool wants(DumpFormat format) const {
        return options_.formats[static_cast<std::size_t>(format)];
    }

    [[nodiscard]] std::unique_ptr<PackedFile> open(std::size_t number, DumpFormat format,
                                                   std::string_view what,
                                                   const std::string& header) const {
        return std::make_unique<PackedFile>(options_.folder,
                                            fmt::format("dump-{:05}{}", number, what), format,
                                            options_.packing, header);
    }

    [[nodiscard]] RowFiles open_rows(std::size_t number, std::string_view what) const {
        RowFiles files;
        for (const DumpFormat format : {DumpFormat::turtle, DumpFormat::ntriples, DumpFormat::csv})
            if (wants(format))
                files[static_cast<std::size_t>(format)] =
                    open(number, format, what, writers_[static_cast<std::size_t>(format)].header());
        return files;
    }

    void write(RowFiles& files, const ViolationRow& row, std::uint64_t& triples,
               RdfParts parts = {}) const {
        unsigned made = 0;
        for (std::size_t at = 0; at < writers_.size(); ++at) {
            if (!files[at])
                continue;
            const unsigned lines = writers_[at].append(files[at]->pieces.text, row, parts);
            files[at]->rows += lines;
            if (writers_[at].is_rdf())
                made = lines;
        }
        triples += made;
    }

    static void close(RowFiles& files, DumpShard& shard) {
        for (auto& file : files)
            if (file)
                shard.files.push_back(file->finish());
    }

    void results(store::DumpScan& scan, std::size_t number, DumpShard& shard) const {
        const auto file = open(number, DumpFormat::json, "", {});
        const store::Since* since = options_.since ? &*options_.since : nullptr;
        scan.results(options_.wiki, shard.range, since, [&](const auto page) {
            for (const ResultLine& line : page) {
                append_json_line(file->pieces.text, line);
                file->pieces.hand_on_when_large();
            }
            file->rows += page.size();
            shard.totals.entities += page.size();
        });
        if (since != nullptr)
            scan.gone(options_.wiki, shard.range, *since, [&](std::string_view entity) {
                append_deleted_line(file->pieces.text, options_.wiki, entity);
                ++file->rows;
                ++shard.totals.gone;
            });
        shard.files.push_back(file->finish());
    }

    const ResultDumpOptions& options_;
    const std::array<PairWriter, 3> writers_; ///< of all formats but JSON
};

std::string key_of(const ResultDumpOptions& options) {
    return fmt::format("2|{}|{}|{}{}{}{}|{}|{}{}{}|{}|{}", options.wiki, options.concept_base_uri,
                       options.formats[0], options.formats[1], options.formats[2],
                       options.formats[3], base::extension_of(options.packing), options.details,
                       options.sentences, options.own ? "own" : "",
                       options.since ? std::to_string(options.since->transaction.value_or(0)) : "",
                       options.since ? options.since->time : "");
}

} // namespace

ResultDumpReport dump_results(const ResultDumpOptions& options,
                              const std::function<void(std::size_t, std::size_t)>& progress) {
    const Dumping dumping(options); // says what is wrong with the options before anything is made
    std::error_code made;
    std::filesystem::create_directories(options.folder, made);
    if (made)
        throw base::Error(base::ExitCode::cant_create,
                          fmt::format("--output: {}: {}", options.folder.string(), made.message()));
    DumpState state(options.folder, key_of(options));
    store::DumpSnapshot snapshot(options.database);
    if (options.since)
        snapshot.require_events(*options.since);
    if (state.shards.empty()) {
        const std::size_t wanted =
            options.shards != 0 ? options.shards : std::max<std::size_t>(options.threads, 1) * 4;
        for (store::EntityRange& range : snapshot.split(options.wiki, wanted))
            state.shards.push_back({std::move(range), false, 0, {}, {}});
    }
    ResultDumpReport report;
    report.shards = state.shards.size();
    report.resumed_shards =
        static_cast<std::size_t>(std::count_if(state.shards.begin(), state.shards.end(),
                                               [](const DumpShard& shard) { return shard.done; }));
    if (report.resumed_shards == 0)
        state.snapshots.clear(); // nothing is left of it
    state.snapshots.push_back({snapshot.position(), snapshot.taken_at()});
    state.save();

    std::atomic<std::size_t> next{0};
    std::size_t done = report.resumed_shards;
    std::mutex mutex; // of `state`, `done` and `broken`
    std::exception_ptr broken;
    const auto work = [&] {
        try {
            std::optional<store::DumpScan> scan;
            for (std::size_t i = next++; i < report.shards; i = next++) {
                DumpShard shard;
                {
                    const std::lock_guard lock(mutex);
                    if (broken)
                        return;
                    shard = state.shards[i];
                }
                if (shard.done)
                    continue;
                if (!scan)
                    scan.emplace(options.database, snapshot.name());
                dumping.run(*scan, i + 1, shard);
                shard.done = true;
                const std::lock_guard lock(mutex);
                shard.snapshot = state.snapshots.size() - 1;
                state.shards[i] = std::move(shard);
                state.save();
                progress(++done, report.shards);
            }
        } catch (...) {
            const std::lock_guard lock(mutex);
            if (!broken)
                broken = std::current_exception();
        }
    };
    base::in_threads(std::min<std::size_t>(options.threads, report.shards), work);
    if (broken)
        std::rethrow_exception(broken);

    report.totals = state.totals();
    report.position = state.position();
    for (const DumpShard& shard : state.shards)
        report.files += shard.files.size();
    base::write_whole_file(options.folder / "manifest.json", state.manifest(options));
    state.remove();
    return report;
}

} // namespace runner::publish
