// SPDX-License-Identifier: GPL-2.0-or-later
// `constraint-runner check`: checks entities offline and writes one JSON line per entity, or a
// table on a terminal.
#include "base/error.hpp"
#include "base/file.hpp"
#include "base/in_threads.hpp"
#include "base/terminal.hpp"
#include "base/utf8.hpp"
#include "base/work_permits.hpp"
#include "checks/engine.hpp"
#include "checks/entity_check.hpp"
#include "checks/registry.hpp"
#include "cli/check_output.hpp"
#include "cli/commands.hpp"
#include "cli/commons_titles.hpp"
#include "cli/fail_on.hpp"
#include "cli/file_labels.hpp"
#include "cli/interrupt.hpp"
#include "cli/now_and_then.hpp"
#include "cli/printed_violations.hpp"
#include "cli/tell.hpp"
#include "constraints/vocabulary.hpp"
#include "facts/title_cache.hpp"
#include "source/ask_settings.hpp"
#include "source/entity_unavailable.hpp"
#include "source/file_source.hpp"
#include "source/files_then_wiki.hpp"
#include "source/source_factory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <sstream>
#include <thread>
#include <unistd.h>

namespace runner::cli {

namespace {

using entity::EntityId;

EntityId parse_id(std::string_view text, const std::string& where) {
    const auto id = EntityId::parse(text);
    if (!id || id->type == entity::EntityType::entity_schema)
        throw base::UsageError(where + ": \"" + std::string{base::utf8_prefix(text, 60)} +
                               "\" is not an entity ID");
    return *id;
}

void read_ids(std::istream& in, const std::string& name, std::vector<EntityId>& ids) {
    std::string line;
    for (std::size_t number = 1; std::getline(in, line); ++number) {
        while (!line.empty() && (line.back() == '\r' || line.back() == ' '))
            line.pop_back();
        if (!line.empty())
            ids.push_back(parse_id(line, name + ":" + std::to_string(number)));
    }
}

std::vector<EntityId> wanted_ids(const CheckOptions& options, const source::FileSource* files) {
    std::vector<EntityId> ids;
    for (const std::string& text : options.entities)
        ids.push_back(parse_id(text, "ID"));
    if (options.ids_from_stdin)
        read_ids(std::cin, "standard input", ids);
    if (options.ids) {
        std::istringstream in(base::read_file(*options.ids));
        read_ids(in, options.ids->string(), ids);
    }
    if (options.entities.empty() && !options.ids_from_stdin && !options.ids) {
        if (files == nullptr)
            throw base::UsageError("check: name the entities (ID, --ids), or give --from FILE");
        ids = files->ids();
    }
    return ids;
}

/// The names of the constraint types by their items, for people.
std::map<std::string, std::string> type_names(const config::WikiSettings& wiki) {
    std::map<std::string, std::string> names;
    for (const checks::CheckRow* row : checks::all_checks())
        if (!row->extra)
            names.emplace(wiki.ids[row->type], row->name);
    for (const checks::CheckRow* row : checks::all_checks())
        names.emplace(wiki.ids[row->type], row->name); // one that WBQC has is there already
    return names;
}

class Timer {
public:
    /// Nanoseconds since the start or the last call.
    std::int64_t restart() {
        const auto now = std::chrono::steady_clock::now();
        const auto passed = std::chrono::nanoseconds(now - start_).count();
        start_ = now;
        return passed;
    }

private:
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

checks::EngineOptions engine_options(const CheckOptions& options,
                                     const config::WikiSettings& wiki) {
    checks::EngineOptions out;
    out.now = options.now.value_or(0);
    if (options.titles)
        out.commons_titles = read_commons_titles(*options.titles);
    else
        out.titles = facts::make_title_cache(wiki);
    return out;
}

bool reads_files_alone(const CheckOptions& options) {
    return options.only_files && !options.from.empty();
}

/// The wiki's workers; null: it has none, or is asked for nothing.
std::shared_ptr<php::Pool> workers_of(const config::WikiSettings& wiki,
                                      const CheckOptions& options) {
    return reads_files_alone(options) ? nullptr : php::make_pool(wiki);
}

config::WikiSettings settings_of(const config::WikiSettings& wiki, const CheckOptions& options,
                                 const std::shared_ptr<php::Pool>& workers) {
    config::WikiSettings out =
        reads_files_alone(options) ? wiki : source::settings_from_wiki(wiki, workers.get());
    if (!options.extras.empty())
        out.extras = options.extras;
    return out;
}

constexpr std::size_t long_work = 1'000; ///< entities; says where it is

/// What --fail-on ends with; sysexits has no code for it.
constexpr auto found_failure = static_cast<base::ExitCode>(1);

class Checking {
public:
    Checking(const config::Settings& settings, const CheckOptions& options)
        : options_(options), workers_(workers_of(settings.wiki_for_command(options.wiki), options)),
          wiki_(settings_of(settings.wiki_for_command(options.wiki), options, workers_)),
          engine_(wiki_, engine_options(options, wiki_)), type_names_(type_names(wiki_)),
          table_(!options.json && !options.output && isatty(STDOUT_FILENO) == 1) {
        if (!options.from.empty()) {
            Timer timer;
            auto files = std::make_unique<source::FileSource>(options.from);
            files_ = files.get();
            report_input();
            if (options.only_files ||
                (wiki_.source == config::SourceKind::none && wiki_.properties.empty()))
                source_ = std::move(files);
            else
                source_ = std::make_unique<source::FilesThenWiki>(
                    std::move(files), [this, &settings] { return wiki_source(settings); });
            index_seconds_ = static_cast<double>(timer.restart()) / 1e9;
        } else {
            source_ = wiki_source(settings);
        }
        labels_.emplace(files_);
        threads_ = options.threads.value_or(settings.check.threads);
        if (threads_ == 0)
            threads_ = std::max(1U, std::thread::hardware_concurrency());
        permits_.emplace(threads_);
        waiters_ = options.titles ? 0 : facts::title_waiters(wiki_);
    }

    /// Before anything is checked: what can't be read, or is missing, is known now.
    void report_input() const {
        for (const std::string& warning : files_->warnings())
            note(fmt::format("warning: {}", warning));
        for (const std::string& problem : files_->problems())
            note(base::terminal_text(problem));
        const std::uint64_t problems = files_->counts().problems;
        if (problems > files_->problems().size())
            note(fmt::format("{} more lines can't be read", problems - files_->problems().size()));
        for (const std::string& cut : files_->cut())
            note(fmt::format("{}", cut));
    }

    /// Whether all of the input could be read.
    [[nodiscard]] bool input_is_whole() const {
        return files_ == nullptr || (files_->counts().problems == 0 && files_->cut().empty());
    }

    int run() {
        const auto ids = wanted_ids(options_, files_);
        // what there was of another day is better than nothing
        if (options_.output && ids.empty() && files_ != nullptr && files_->size() == 0) {
            note(fmt::format("--output: {} is not written", options_.output->string()));
            return static_cast<int>(end());
        }
        CheckOutput output(options_);
        std::optional<OnInterrupt> interrupt;
        if (ids.size() >= long_work)
            interrupt.emplace("constraint-runner: interrupted: repeating the command starts over "
                              "(only check --dump can be resumed)");
        constexpr std::size_t round = 512; // ids in flight; their lines stay in order
        std::vector<std::string> lines;
        for (std::size_t begin = 0; begin < ids.size(); begin += round) {
            const std::size_t count = std::min(round, ids.size() - begin);
            lines.assign(count, {});
            check_round({ids.data() + begin, count}, lines);
            for (const std::string& line : lines)
                output.write(line);
            progress(begin + count, ids.size());
        }
        const std::size_t entities = ids.size() + parts_;
        if (table_)
            output.write(summary(entities));
        output.finish();
        if (options_.stats)
            print_stats(entities);
        else
            print_summary(entities);
        if (incomplete_ != 0)
            note(fmt::format("{} of {} results are incomplete", incomplete_.load(), entities));
        if (failed_ != 0)
            note(fmt::format("{} of {} entities could not be checked", failed_.load(), entities));
        return static_cast<int>(end());
    }

private:
    [[nodiscard]] std::unique_ptr<source::EntitySource>
    wiki_source(const config::Settings& settings) const {
        // a command ends: a page that fails while others are answered is not waited for
        source::HttpOptions http;
        http.page_faults = {.failures = 1, .over = std::chrono::milliseconds(0)};
        return source::make_source(wiki_, workers_, settings.find_wiki(wiki_.properties), nullptr,
                                   http);
    }

    /// Input that can't be read goes before ids that are nowhere, and these before what was found.
    [[nodiscard]] base::ExitCode end() const {
        if (failed_ != 0 || incomplete_ != 0 || !input_is_whole())
            return base::ExitCode::data;
        if (missing_ != 0 && !options_.entities.empty())
            return base::ExitCode::no_input;
        return fails_ ? found_failure : base::ExitCode::ok;
    }

    /// The counts of all checks, after the list.
    [[nodiscard]] std::string summary(std::size_t entities) const {
        std::string line = fmt::format("{} {}:", entities, entities == 1 ? "entity" : "entities");
        std::string out;
        for (std::size_t i = 0; i < counts_.size(); ++i) {
            if (counts_[i] == 0)
                continue;
            const std::string word =
                fmt::format(" {} {},", counts_[i].load(), results::status_names[i]);
            if (line.size() + word.size() > list_columns) {
                out += line + '\n';
                line = " ";
            }
            line += word;
        }
        line.pop_back();
        return out + line + '\n';
    }

    void note_counts(const std::array<std::uint32_t, results::status_count>& counts) {
        for (std::size_t i = 0; i < counts.size(); ++i) {
            counts_[i] += counts[i];
            if (counts[i] != 0 && fails_on(options_.fail_on, static_cast<results::Status>(i)))
                fails_ = true;
        }
    }

    void print_stats(std::size_t entities) const {
        std::string lines;
        if (files_ != nullptr) {
            const source::LineCounts& counts = files_->counts();
            lines = fmt::format("\"lines\":{},\"redirects\":{},\"missing\":{},\"repeated\":{},"
                                "\"problems\":{},",
                                counts.lines, counts.redirects, counts.missing, counts.repeated,
                                counts.problems);
        }
        fmt::print(stderr,
                   "{{{}\"entities\":{},\"failed\":{},\"threads\":{},\"index_seconds\":{:.6f},"
                   "\"load_seconds\":{:.6f},\"check_seconds\":{:.6f},\"write_seconds\":{:.6f}}}\n",
                   lines, entities, failed_.load(), threads_, index_seconds_,
                   static_cast<double>(load_ns_) / 1e9, static_cast<double>(check_ns_) / 1e9,
                   static_cast<double>(write_ns_) / 1e9);
    }

    void check_round(std::span<const EntityId> ids, std::vector<std::string>& lines) {
        std::atomic<std::size_t> next{0};
        std::exception_ptr broken;
        std::mutex mutex;
        const auto work = [&] {
            try {
                const base::Working working(*permits_);
                for (std::size_t i = next++; i < ids.size(); i = next++)
                    check_one(ids[i], lines[i]);
            } catch (...) {
                const std::lock_guard lock(mutex);
                broken = std::current_exception();
                next = ids.size();
            }
        };
        base::in_threads(threads_ + waiters_, work);
        if (broken)
            std::rethrow_exception(broken);
    }

    void check_one(const EntityId& id, std::string& line) {
        try {
            Timer timer;
            auto found = source_->load({&id, 1}).front();
            EntityId actual = id;
            if (found.state == source::State::redirect) {
                actual = found.redirect_target; // one hop, as in Wikibase
                found = source_->load({&actual, 1}).front();
            }
            if (found.state != source::State::found || found.document->find(actual) == nullptr) {
                note_missing(id);
                if (!table_) {
                    checks::Engine::missing_to_line(id, line);
                    line += '\n';
                }
                return;
            }
            check_entity(found, actual, id, timer, line);
            // of entities that were named each has one line, and nothing else has
            if (actual.page() != actual || (are_named_ && !table_))
                return;
            for (const auto& parts :
                 {found.document->entity().forms, found.document->entity().senses})
                for (const entity::Entity& part : parts) {
                    ++parts_;
                    check_entity(found, part.id, part.id, timer, line);
                }
        } catch (const base::DataError& error) {
            note_failed(id, error, line);
        } catch (const source::EntityUnavailable& error) {
            note_failed(id, error, line);
        }
    }

    /// An entity of a page: the forms and senses of a lexeme follow it.
    void check_entity(const source::Lookup& page, const EntityId& id, const EntityId& asked,
                      Timer& timer, std::string& line) {
        auto gathered = engine_.gather(page.document, id, page.revision, *source_);
        gathered.asked = asked;
        load_ns_ += timer.restart();
        if (table_) {
            const auto result = engine_.check(gathered);
            note_incomplete(asked, result.incomplete);
            note_counts(result.counts);
            append_violations(
                result, *gathered.entity, type_names_,
                [this](std::string_view name) { return labels_->of(name); }, line);
            return;
        }
        const auto check = engine_.run(gathered);
        note_incomplete(asked, check.incomplete);
        note_counts(check.counts);
        check_ns_ += timer.restart();
        checks::Engine::append_line(check, line);
        line += '\n';
        write_ns_ += timer.restart();
    }

    void note_failed(const EntityId& id, const base::Error& error, std::string& line) {
        ++failed_;
        line.clear();
        note(id.to_string() + ": " + base::terminal_text(error.what()));
    }

    /// The first few by name, all of them in the end.
    void note_incomplete(const EntityId& id, const std::vector<std::string>& reasons) {
        constexpr std::size_t by_name = 10;
        if (reasons.empty() || incomplete_++ >= by_name)
            return;
        for (const std::string& reason : reasons)
            note(id.to_string() + " is incomplete: " + base::terminal_text(reason));
    }

    void note_missing(const EntityId& id) {
        constexpr std::size_t by_name = 10;
        if (!options_.entities.empty() && missing_++ < by_name)
            note(fmt::format("{}: no such entity", id.to_string()));
    }

    /// A line that changes, on a terminal; else one now and then.
    void progress(std::size_t done, std::size_t total) {
        if (table_ || total < long_work)
            return;
        const auto now = std::chrono::steady_clock::now();
        const bool terminal = isatty(STDERR_FILENO) == 1;
        if (terminal ? done < total && now - shown_ < std::chrono::milliseconds(200)
                     : done == total || !lines_.due())
            return;
        shown_ = now;
        std::fprintf(stderr, "%s%zu of %zu entities, %.0f/s%s", terminal ? "\r" : "", done, total,
                     static_cast<double>(done) / std::max(seconds_since_start(), 0.001),
                     done == total || !terminal ? "\n" : "");
    }

    /// The end of what said where it was.
    void print_summary(std::size_t entities) const {
        if (shown_ == std::chrono::steady_clock::time_point())
            return;
        const auto count = [&](results::Status status) {
            return counts_[static_cast<std::size_t>(status)].load();
        };
        note(fmt::format("{} entities checked in {:.0f} s: {} violations, {} warnings, "
                         "{} suggestions",
                         entities - failed_, seconds_since_start(),
                         count(results::Status::violation), count(results::Status::warning),
                         count(results::Status::suggestion)));
    }

    [[nodiscard]] double seconds_since_start() const {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count();
    }

    const CheckOptions& options_;
    const std::shared_ptr<php::Pool> workers_; ///< null: there are none
    const config::WikiSettings wiki_;
    checks::Engine engine_;
    const std::map<std::string, std::string> type_names_;
    const bool table_;
    const bool are_named_ = !options_.entities.empty() || options_.ids_from_stdin || options_.ids;
    std::unique_ptr<source::EntitySource> source_;
    const source::FileSource* files_ = nullptr;
    std::optional<FileLabels> labels_;         ///< for the table
    unsigned threads_ = 1;                     ///< that work at once
    unsigned waiters_ = 0;                     ///< more, that wait for titles
    std::optional<base::WorkPermits> permits_; ///< of all of them
    std::atomic<std::size_t> parts_{0};        ///< forms and senses, checked with their lexemes
    std::atomic<std::size_t> failed_{0};
    std::atomic<std::size_t> incomplete_{0};
    std::atomic<std::size_t> missing_{0}; ///< of the ids that were named
    std::array<std::atomic<std::uint64_t>, results::status_count> counts_{}; ///< of all checks
    std::atomic<bool> fails_{false}; ///< a result as --fail-on names it
    double index_seconds_ = 0;
    std::atomic<std::int64_t> load_ns_{0}; ///< reading, parsing, gathering
    std::atomic<std::int64_t> check_ns_{0};
    std::atomic<std::int64_t> write_ns_{0}; ///< making the lines
    std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
    std::chrono::steady_clock::time_point shown_{};
    NowAndThen lines_;
};

} // namespace

int run_check(const config::Settings& settings, const CheckOptions& options) {
    require_apart(options);
    return Checking{settings, options}.run();
}

} // namespace runner::cli
