// SPDX-License-Identifier: GPL-2.0-or-later
// See dump.hpp. The first chunk collects facts (two readings of the dump, see bulk/dump_facts.hpp);
// each of the others takes some lines from where the cursor stands, checks them in many threads,
// and makes the next one meanwhile: while PostgreSQL stores, the processors check.
#include "imports/dump.hpp"

#include "base/clock.hpp"
#include "base/in_threads.hpp"
#include "bulk/dump_facts.hpp"
#include "bulk/dump_input.hpp"
#include "checks/engine.hpp"
#include "checks/property_checks.hpp"
#include "config/fingerprint.hpp"
#include "facts/title_cache.hpp"
#include "imports/error_text.hpp"
#include "source/ask_settings.hpp"
#include "source/entity_line.hpp"
#include "source/source_factory.hpp"
#include "source/split_source.hpp"
#include "store/imports/import_rows.hpp"
#include "store/jobs/kept_documents.hpp"
#include "store/results/change_store.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <exception>
#include <filesystem>
#include <future>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace runner::imports {

namespace json = boost::json;

namespace {

constexpr std::size_t chunk_bytes = std::size_t{8} << 20;   // of the dump's text, at most, about
constexpr std::size_t block_bytes = std::size_t{128} << 10; // a chunk has whole blocks

/// How far the dump was read; what the cursor says.
struct Place {
    std::uint64_t bytes = 0; ///< of its text
    std::uint64_t lines = 0;

    [[nodiscard]] std::string text() const { return fmt::format("{} {}", bytes, lines); }
    static Place of(const std::string& cursor) {
        Place place;
        const char* end = cursor.data() + cursor.size();
        const auto [space, error] = std::from_chars(cursor.data(), end, place.bytes);
        if (error == std::errc() && space != end)
            std::from_chars(space + 1, end, place.lines);
        return place;
    }
    friend bool operator==(const Place&, const Place&) = default;
};

/// A line of a chunk, and what became of it.
struct Line {
    source::InputLine input;
    std::uint64_t stored = 0; ///< the revision that the database has
    bool holds = true;        ///< no other line of the same id takes its place
    bool has_own_line = true; ///< in the file
    std::string problem;
    std::optional<store::Completed> completed;
};

/// What the import counts beside entities and problems; see source::LineCounts.
constexpr std::string_view lines_read = "lines_read";
constexpr std::string_view lines_redirect = "lines_redirect";
constexpr std::string_view lines_missing = "lines_missing";
constexpr std::string_view lines_repeated = "lines_repeated";

class DumpImporter final : public Importer {
public:
    DumpImporter(const Context& context, const store::ImportLease& lease)
        : wiki_(source::settings_from_wiki(context.wiki, php::make_pool(context.wiki).get())),
          fingerprint_(config::fingerprint(wiki_)), sessions_(context.sessions),
          keeps_documents_(wiki_.source == config::SourceKind::none && wiki_.properties.empty()) {
        if (source::can_ask_settings(context.wiki))
            store::ChangeStore(*sessions_.borrow(std::chrono::seconds(30)))
                .check_settings(wiki_.id, fingerprint_, wiki_.class_age);
        const json::value parameters = json::parse(lease.parameters);
        const auto& settings = context.settings.imports;
        if (settings.dump_folder.empty())
            throw Hopeless("not_configured", "imports.dump_folder is not set: no file may be read");
        file_ = settings.dump_folder / std::string(parameters.at("file").as_string());
        force_ = parameters.at("force").as_bool();
        work_ = (settings.work_folder.empty() ? std::filesystem::temp_directory_path()
                                              : settings.work_folder) /
                fmt::format("constraint-runner-import-{}", lease.key.id);
        if (!wiki_.properties.empty()) {
            other_ = source::make_source(*context.settings.find_wiki(wiki_.properties));
            options_.property_cache_size = context.settings.workers.property_cache_size;
            options_.class_age = wiki_.class_age;
        }
        threads_.working = context.settings.workers.threads != 0
                               ? context.settings.workers.threads
                               : std::max(1U, std::thread::hardware_concurrency());
        options_.entity_cache_bytes =
            static_cast<std::size_t>(context.settings.workers.entity_cache_bytes);
        options_.max_result_bytes =
            static_cast<std::size_t>(context.settings.workers.max_result_bytes);
        options_.class_keeper = context.classes; // which knows newer ones than the dump
    }

    ~DumpImporter() override {
        interrupt();
        if (ahead_.valid())
            ahead_.wait();
    }

    Chunk next(const store::ImportLease& lease, std::uint32_t size) override {
        try {
            if (!engine_)
                prepare();
        } catch (const base::NoInputError& error) {
            throw Hopeless("no_such_file", without_folders(error.what()));
        } catch (const base::DataError& error) {
            throw Hopeless("damaged_file", without_folders(error.what()));
        }
        if (!lease.cursor) {
            Chunk chunk;
            chunk.cursor = Place{}.text();
            chunk.sized = false;
            // what can't be read is over too, as failed
            chunk.total = store::ImportTotal{counts_.entities + facts_->problems(), true};
            json::object details{{"properties", counts_.properties.load()},
                                 {"lines", facts_->lines()}};
            if (!facts_->warning().empty())
                details["warning"] = facts_->warning();
            chunk.details = json::serialize(details);
            chunk.current = "facts are collected";
            return chunk;
        }
        const Place place = Place::of(*lease.cursor);
        Chunk chunk;
        if (ahead_.valid()) {
            auto made = ahead_.get();
            if (ahead_from_ == place)
                chunk = std::move(made);
        }
        if (chunk.cursor.empty())
            chunk = make(place, size);
        if (chunk.last)
            end(lease, place, chunk);
        if (!chunk.last) {
            ahead_from_ = Place::of(chunk.cursor);
            ahead_ = std::async(std::launch::async,
                                [this, from = ahead_from_, size] { return make(from, size); });
        } else {
            std::error_code ignored;
            std::filesystem::remove_all(work_, ignored);
        }
        return chunk;
    }

    /// A line that can't be read stays as it is.
    Chunk retry(const store::ImportLease& lease,
                std::span<const store::ImportProblem> problems) override {
        Chunk chunk;
        chunk.cursor = lease.cursor.value_or(Place{}.text());
        for (store::ImportProblem problem : problems) {
            problem.retryable = false;
            chunk.problems.push_back(std::move(problem));
        }
        return chunk;
    }

    void interrupt() noexcept override { interrupted_ = true; }

private:
    void prepare();
    void end(const store::ImportLease& lease, const Place& from, Chunk& chunk);
    void keep(const Line& line, std::uint64_t revision);
    static void count(const std::vector<Line>& lines, Chunk& chunk);
    Chunk make(const Place& from, std::uint32_t size);
    void check(Line& line, std::uint64_t number);
    template <typename Work>
    void in_parallel(std::vector<Line>& lines, Work work) const;
    void stop_if_interrupted() const {
        if (interrupted_)
            throw base::UnavailableError("interrupted");
    }

    const config::WikiSettings wiki_; ///< with what the wiki says itself
    const std::string fingerprint_;
    store::SessionPool& sessions_;
    const bool keeps_documents_; ///< nobody else has those of the wiki
    std::filesystem::path file_;
    std::filesystem::path work_;
    bool force_ = false;
    bulk::Threads threads_;
    checks::EngineOptions options_;
    std::atomic<bool> interrupted_{false};

    std::unique_ptr<bulk::DumpInput> input_;
    bulk::StageTimes times_;
    bulk::DumpCounts counts_;
    std::unique_ptr<bulk::DumpFacts> facts_;
    std::shared_ptr<source::EntitySource> other_;  ///< of wiki_.properties; or null
    std::unique_ptr<source::EntitySource> source_; ///< the dump and that one; null: the dump alone
    std::unique_ptr<checks::Engine> engine_;

    std::optional<source::BlockReader> reader_; ///< stands at …
    Place read_to_;                             ///< … this place
    std::future<Chunk> ahead_;                  ///< the chunk from …
    Place ahead_from_;                          ///< … this place
};

void DumpImporter::prepare() {
    std::filesystem::create_directories(work_);
    input_ = std::make_unique<bulk::DumpInput>(file_, work_, bulk::DumpKind::regular_file);
    const bulk::Progress stop = [this] { stop_if_interrupted(); };
    facts_ = std::make_unique<bulk::DumpFacts>(*input_, work_, wiki_, threads_,
                                               input_->identity() + "|" + wiki_.id, times_, counts_,
                                               stop);
    options_.values = facts_->values();
    if (other_ != nullptr) {
        source_ = std::make_unique<source::SplitSource>(
            std::shared_ptr<source::EntitySource>(std::shared_ptr<void>(), &facts_->files()),
            other_);
    } else {
        options_.property_cache_size = facts_->files().properties() + 1000;
        options_.property_cache_age = std::chrono::hours(24 * 365); // a dump does not change
        options_.entity_cache_age = std::chrono::hours(24 * 365);
        options_.class_age = std::chrono::milliseconds::max();
    }
    options_.titles = facts::make_title_cache(wiki_);
    engine_ = std::make_unique<checks::Engine>(wiki_, options_);
}

template <typename Work>
void DumpImporter::in_parallel(std::vector<Line>& lines, Work work) const {
    std::atomic<std::size_t> next{0};
    std::exception_ptr broken;
    std::mutex mutex;
    const auto run = [&] {
        try {
            for (std::size_t i = next++; i < lines.size(); i = next++) {
                stop_if_interrupted();
                work(lines[i]);
            }
        } catch (...) {
            const std::lock_guard lock(mutex);
            broken = std::current_exception();
            next = lines.size();
        }
    };
    base::in_threads(threads_.working, run);
    if (broken)
        std::rethrow_exception(broken);
}

Chunk DumpImporter::make(const Place& from, std::uint32_t size) {
    if (!reader_ || read_to_ != from) {
        reader_.emplace(input_->open(block_bytes));
        reader_->skip(from.bytes, from.lines);
        read_to_ = from;
    }
    Chunk chunk;
    std::vector<source::LineBlock> blocks;
    Place to = from;
    for (std::size_t bytes = 0; to.lines - from.lines < size && bytes < chunk_bytes;) {
        source::LineBlock block;
        if (!reader_->next(block)) {
            chunk.last = true;
            break;
        }
        bytes += block.text.size();
        to = {block.end, to.lines + block.lines};
        blocks.push_back(std::move(block));
    }
    read_to_ = to;

    std::vector<Line> lines; // refer to the blocks
    for (const source::LineBlock& block : blocks)
        source::for_each_line(block, [&](const source::InputLine& input) {
            Line line{input, 0, true, block.by_lines, input.problem, {}};
            if (input.kind != source::LineKind::problem)
                line.holds = facts_->files().position_of(input.id) == input.position;
            lines.push_back(std::move(line));
        });
    std::vector<entity::EntityId> ids;
    for (const Line& line : lines)
        ids.push_back(line.input.id);
    std::uint64_t check_number = 0;
    {
        const auto session = sessions_.borrow(std::chrono::seconds(30));
        check_number = store::ResultStore(*session).next_check();
        const auto stored = store::StoredEntities(*session).find(wiki_.id, ids);
        for (std::size_t i = 0; i < lines.size(); ++i)
            if (stored[i] && !stored[i]->incomplete)
                lines[i].stored = stored[i]->revision;
    }
    in_parallel(lines, [&](Line& line) { check(line, check_number); });
    if (options_.class_keeper != nullptr)
        options_.class_keeper->flush();

    count(lines, chunk);
    auto rows = std::make_unique<store::ResultRows>();
    for (Line& line : lines)
        if (line.completed)
            rows->results.push_back(std::move(*line.completed));
    chunk.rows = std::move(rows);
    chunk.cursor = to.text();
    chunk.sized = !chunk.last;
    if (!lines.empty())
        chunk.current = fmt::format("up to line {}", to.lines);
    return chunk;
}

void DumpImporter::check(Line& line, std::uint64_t check_number) {
    if (!line.problem.empty() || line.input.kind != source::LineKind::entity)
        return;
    const base::Stopwatch clock;
    try {
        const entity::EntityPtr document = bulk::parse_line(line.input);
        const std::uint64_t revision = document->entity().revision;
        if (!line.holds)
            return;
        if (keeps_documents_ && line.input.id.type == entity::EntityType::property)
            keep(line, revision);
        if (!force_ && line.stored != 0 && line.stored >= revision)
            return;
        bool lacks_properties = false;
        const auto check_one = [&](const entity::EntityId& id) {
            const auto gathered = engine_->gather(document, id, revision,
                                                  source_ != nullptr ? *source_ : facts_->files());
            for (const auto& property : gathered.properties)
                lacks_properties = lacks_properties || !property->exists();
            auto result = engine_->check(gathered);
            result.entity = id;
            return result;
        };
        store::Completed completed;
        completed.basis = wiki_.asks_wiki() ? store::Basis::document : store::Basis::files;
        completed.settings = fingerprint_;
        completed.result = check_one(line.input.id);
        for (const auto& parts : {document->entity().forms, document->entity().senses})
            for (const entity::Entity& part : parts)
                completed.parts.push_back(check_one(part.id));
        if (keeps_documents_ && lacks_properties) { // the database may have them, or will
            keep(line, revision);
            completed.compares_properties = true;
        }
        completed.result.duration_us = static_cast<std::uint64_t>(clock.elapsed().count());
        completed.lease.key = {wiki_.id, line.input.id};
        completed.lease.revision = revision;
        completed.check = check_number;
        line.completed = std::move(completed);
    } catch (const base::DataError& error) {
        line.problem = error.what();
    }
}

/// As app/kept_source.hpp does it with the documents of jobs.
void DumpImporter::keep(const Line& line, std::uint64_t revision) {
    const auto session = sessions_.borrow(std::chrono::seconds(30));
    store::KeptDocuments(*session).keep(wiki_.id,
                                        {line.input.id, revision, std::string(line.input.json)});
}

/// Every line of a chunk is counted once.
void DumpImporter::count(const std::vector<Line>& lines, Chunk& chunk) {
    const auto add = [&chunk](std::string_view name) { ++chunk.counts[std::string(name)]; };
    for (const Line& line : lines) {
        add(lines_read);
        if (!line.problem.empty()) {
            std::string reason = line.problem;
            if (line.input.id.valid())
                reason = line.input.id.to_string() + ": " + reason;
            std::string place = fmt::format("line {}", line.input.line);
            if (!line.has_own_line)
                place += fmt::format(", byte {}", line.input.position);
            chunk.problems.push_back(
                {0, "unreadable", std::move(place), std::move(reason), false, {}});
        } else if (!line.holds) {
            add(lines_repeated);
        } else if (line.input.kind == source::LineKind::redirect) {
            add(lines_redirect);
        } else if (line.input.kind == source::LineKind::missing) {
            add(lines_missing);
        } else {
            ++chunk.done;
            add(line.completed ? "entities_checked" : "entities_up_to_date");
        }
    }
}

/// The last chunk: all lines are counted, and a dump that is not whole ends as failed once
/// everything of it is stored.
void DumpImporter::end(const store::ImportLease& lease, const Place& from, Chunk& chunk) {
    source::LineCounts sum;
    const auto all = [&](std::string_view name) {
        std::int64_t n = 0;
        for (const store::ImportCounts* counts :
             {&std::as_const(lease.counts), &std::as_const(chunk.counts)})
            if (const auto at = counts->find(name); at != counts->end())
                n += at->second;
        return static_cast<std::uint64_t>(n);
    };
    sum.lines = all(lines_read);
    sum.entities = lease.done + chunk.done;
    sum.redirects = all(lines_redirect);
    sum.missing = all(lines_missing);
    sum.repeated = all(lines_repeated);
    sum.problems = lease.failed + chunk.problems.size();
    if (lease.counts.contains(lines_read)) { // else an older version began it
        sum.require_balance(input_->name());
        if (sum.lines != facts_->lines())
            throw Hopeless("changed_file",
                           fmt::format("{} lines of {} were imported, but it has {}: it was "
                                       "changed meanwhile, or this is a bug",
                                       sum.lines, file_.filename().string(), facts_->lines()));
    }
    if (facts_->cut().empty())
        return;
    if (Place::of(chunk.cursor) == from) {
        std::error_code ignored;
        std::filesystem::remove_all(work_, ignored);
        throw Hopeless("not_complete", fmt::format("{} is not complete: {}",
                                                   file_.filename().string(), facts_->cut()));
    }
    chunk.last = false;
}

} // namespace

void plan_dump(std::string_view text, const config::Settings& /*settings*/,
               const config::WikiSettings& /*wiki*/, store::NewImport& into) {
    const json::value value = json::parse(text);
    std::string file;
    bool force = false;
    for (const auto& field : value.as_object()) {
        if (field.key() == "file") {
            if (!field.value().is_string())
                throw BadRequest("file", "not a string");
            file = field.value().as_string();
        } else if (field.key() == "force") {
            if (!field.value().is_bool())
                throw BadRequest("force", "not true or false");
            force = field.value().as_bool();
        } else {
            throw BadRequest(std::string(field.key()), "there is no such field; there are "
                                                       "import_method, wiki, file and force");
        }
    }
    if (file.empty())
        throw BadRequest("file", "missing; the name of a file in imports.dump_folder");
    // the folder is what the operator opens; nothing beside it is anybody's business
    if (file.find('/') != std::string::npos || file.find('\0') != std::string::npos ||
        file.starts_with('.') || file.size() > 255)
        throw BadRequest("file", "not the name of a file in imports.dump_folder");
    into.subject = force ? file + ", forced" : file;
    into.parameters = json::serialize(json::object{{"file", file}, {"force", force}});
    into.counts = {{"entities_checked", 0},    {"entities_up_to_date", 0},
                   {"results_stored", 0},      {"results_outdated", 0},
                   {"violations_appeared", 0}, {"violations_disappeared", 0}};
    for (const std::string_view name : {lines_read, lines_redirect, lines_missing, lines_repeated})
        into.counts.emplace(name, 0);
}

std::unique_ptr<Importer> make_dump(const Context& context, const store::ImportLease& lease) {
    return std::make_unique<DumpImporter>(context, lease);
}

} // namespace runner::imports
