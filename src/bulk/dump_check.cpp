// SPDX-License-Identifier: GPL-2.0-or-later
#include "bulk/dump_check.hpp"

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/log.hpp"
#include "base/part_file.hpp"
#include "publish/rows.hpp"
#include "results/sentence.hpp"
#include "source/entity_line.hpp"

#include <fmt/format.h>

#include <chrono>
#include <mutex>
#include <utility>

namespace runner::bulk {
namespace {

/// All that the results depend on.
std::string key_of(const config::WikiSettings& wiki, const std::string& identity,
                   std::int64_t now) {
    std::string key = fmt::format(
        "3|{}|{}|{}|{}|{}{}{}{}{}|{}|{}|{}", identity, wiki.id, wiki.dialect().version,
        wiki.concept_base_uri, wiki.check_qualifiers, wiki.check_references,
        wiki.check_format_constraint, wiki.distinct_values,
        wiki.enable_suggestion_constraint_status, wiki.year_unit, wiki.second_unit, now);
    for (const auto* list : {&wiki.properties_with_violating_qualifiers,
                             &wiki.start_time_properties, &wiki.end_time_properties, &wiki.extras})
        for (const std::string& text : *list)
            key += "|" + text;
    for (std::size_t i = 0; i < config::constraint_id_table.size(); ++i)
        key += "|" + wiki.ids[static_cast<config::ConstraintId>(i)];
    return key;
}

class Checking {
public:
    Checking(const DumpCheckOptions& options, checks::Engine& engine, facts::FactFiles& facts,
             StageTimes& times, std::int64_t began)
        : options_(options), engine_(engine), facts_(facts), times_(times),
          checked_at_(base::iso8601(std::chrono::system_clock::from_time_t(began))) {}

    CheckedBlock run(const source::LineBlock& block) {
        CheckedBlock out;
        out.lines = block.lines;
        out.end = block.end;
        std::array<std::string, file_kinds> texts;
        source::for_each_line(block, [&](const source::InputLine& line) {
            ++out.counts.lines.lines;
            try {
                check(line, out.counts, texts);
            } catch (const base::DataError& error) {
                ++out.counts.lines.problems;
                auto& text = texts[static_cast<std::size_t>(FileKind::problems)];
                text += fmt::format("{{\"line\":{},\"byte\":{},", line.line, line.position);
                if (line.id.valid())
                    text += fmt::format("\"entity\":\"{}\",", line.id.to_string());
                text += "\"reason\":\"";
                base::append_json_escaped(text, error.what());
                text += "\"}\n";
            }
        });
        const std::int64_t began = thread_time();
        for (std::size_t kind = 0; kind < file_kinds; ++kind)
            base::pack(options_.files.packing, texts[kind], out.packed[kind]);
        times_.write += thread_time() - began;
        return out;
    }

private:
    [[nodiscard]] bool wants(FileKind kind) const {
        return options_.files.wanted[static_cast<std::size_t>(kind)];
    }

    /// Counts the line once, or throws base::DataError before.
    void check(const source::InputLine& line, CheckedCounts& counts,
               std::array<std::string, file_kinds>& texts) {
        if (line.kind == source::LineKind::problem)
            throw base::DataError(line.problem);
        const bool holds = facts_.position_of(line.id) == line.position;
        if (line.kind != source::LineKind::entity) {
            ++(!holds                                    ? counts.lines.repeated
               : line.kind == source::LineKind::redirect ? counts.lines.redirects
                                                         : counts.lines.missing);
            return;
        }
        Stage stage;
        const entity::EntityPtr document = parse_line(line);
        stage.took(times_.parse);
        if (!holds) {
            ++counts.lines.repeated;
            return;
        }
        const entity::Entity& entity = document->entity();
        check_entity(document, entity.id, stage, counts, texts);
        for (const auto* parts : {&entity.forms, &entity.senses})
            for (const entity::Entity& part : *parts)
                if (!part.statements.empty()) {
                    check_entity(document, part.id, stage, counts, texts);
                    ++counts.parts;
                }
        ++counts.lines.entities;
    }

    /// Adds what a thread works to the times of its stages.
    class Stage {
    public:
        void took(std::atomic<std::int64_t>& stage) {
            const std::int64_t now = thread_time();
            stage += now - std::exchange(at_, now);
        }

    private:
        std::int64_t at_ = thread_time();
    };

    void check_entity(const entity::EntityPtr& document, const entity::EntityId& id, Stage& stage,
                      CheckedCounts& counts, std::array<std::string, file_kinds>& texts) {
        const auto gathered = engine_.gather(document, id, document->entity().revision, facts_);
        stage.took(times_.gather);
        const results::StoredResult result = engine_.check(gathered);
        stage.took(times_.check);
        if (!result.incomplete.empty())
            ++counts.incomplete;
        for (std::size_t i = 0; i < result.counts.size(); ++i)
            counts.checks[i] += result.counts[i];
        write(result, counts, texts);
        stage.took(times_.write);
    }

    void write(const results::StoredResult& result, CheckedCounts& counts,
               std::array<std::string, file_kinds>& texts) {
        const std::string entity = result.entity.to_string();
        const bool rows = wants(FileKind::csv) || wants(FileKind::tsv);
        results::Sentences sentences;
        if (rows && options_.files.sentences && !result.violations.empty())
            sentences = results::sentences_of(result.value, {}, result.own);
        for (const results::Violation& violation : result.violations) {
            ++counts.violations[static_cast<std::size_t>(violation.status)];
            const publish::ViolationRow row{entity,
                                            violation.statement,
                                            violation.constraint,
                                            violation.property.number,
                                            violation.type,
                                            violation.status,
                                            violation.message_key,
                                            result.revision,
                                            checked_at_,
                                            results::sentence_or_key(sentences, violation.statement,
                                                                     violation.constraint,
                                                                     violation.message_key),
                                            violation.own,
                                            violation.fix,
                                            violation.own_status};
            if (wants(FileKind::csv))
                publish::append_csv(texts[static_cast<std::size_t>(FileKind::csv)], row,
                                    options_.files.sentences, options_.files.own);
            if (wants(FileKind::tsv))
                publish::append_tsv(texts[static_cast<std::size_t>(FileKind::tsv)], row,
                                    options_.files.sentences, options_.files.own);
        }
        if (wants(FileKind::results))
            publish::append_json_line(texts[static_cast<std::size_t>(FileKind::results)],
                                      {options_.wiki.id,
                                       entity,
                                       result.revision,
                                       {},
                                       result.engine,
                                       result.counts,
                                       result.incomplete,
                                       result.value,
                                       options_.wiki.dialect().version,
                                       result.own});
    }

    const DumpCheckOptions& options_;
    checks::Engine& engine_;
    facts::FactFiles& facts_;
    StageTimes& times_;
    const std::string checked_at_;
};

void write_manifest(const DumpCheckOptions& options, const DumpInput& input,
                    const CheckedFiles& files, const DumpReport& report) {
    std::string out = "{\"format\":1,\"program\":\"constraint-runner ";
    base::append_json_escaped(out, options.version);
    out += "\",\"wiki\":\"";
    base::append_json_escaped(out, options.wiki.id);
    out += fmt::format("\",\"wbqc\":\"{}\",\"dump\":\"", options.wiki.dialect().version);
    base::append_json_escaped(out, input.name());
    const CheckedCounts& counts = report.counts;
    const source::LineCounts& lines = counts.lines;
    out += fmt::format("\",\"completed_at\":\"{}\",\"complete\":{},",
                       base::iso8601_milliseconds(std::chrono::system_clock::now()),
                       report.cut.empty());
    const auto add_text = [&out](const char* key, const std::string& text) {
        if (text.empty())
            return;
        out += fmt::format("\"{}\":\"", key);
        base::append_json_escaped(out, text);
        out += "\",";
    };
    add_text("reason", report.cut);
    add_text("warning", report.warning);
    out += fmt::format("\"lines\":{},\"entities\":{},\"redirects\":{},\"missing\":{},"
                       "\"repeated\":{},\"failed\":{},\"properties\":{},\"parts\":{},"
                       "\"incomplete\":{},\"checks\":{},\"violations\":{},\"files\":[",
                       lines.lines, lines.entities, lines.redirects, lines.missing, lines.repeated,
                       lines.problems, report.properties, counts.parts, counts.incomplete,
                       counts_json(counts.checks, false), counts_json(counts.violations, true));
    const char* separator = "";
    for (const ShardFile& file : files.files())
        out += fmt::format("{}\n{{\"name\":\"{}\",\"bytes\":{},\"sha256\":\"{}\"}}",
                           std::exchange(separator, ","), file.name, file.bytes, file.sha256);
    out += "\n]}\n";
    base::write_whole_file(options.files.folder / "manifest.json", out);
}

} // namespace

DumpReport check_dump(const DumpCheckOptions& options, StageTimes& times,
                      const std::function<void(const DumpProgress&)>& progress) {
    std::error_code made;
    std::filesystem::create_directories(options.files.folder, made);
    if (made)
        throw base::Error(
            base::ExitCode::cant_create,
            fmt::format("--output: {}: {}", options.files.folder.string(), made.message()));
    CheckedFilesOptions file_options = options.files;
    std::filesystem::create_directories(file_options.folder / ".work");
    DumpInput input(options.dump, file_options.folder / ".work");
    const std::string facts_key = key_of(options.wiki, input.identity(), options.engine.now);
    file_options.began = options.engine.now != 0 ? options.engine.now : base::unix_seconds();
    file_options.key =
        fmt::format("{}|{}{}{}{}|{}|{}", facts_key, file_options.wanted[0], file_options.wanted[1],
                    file_options.wanted[2], file_options.sentences,
                    base::extension_of(file_options.packing), file_options.shard_entities);
    CheckedFiles files(file_options);

    DumpReport report;
    report.resumed = files.done_bytes() > 0;
    std::mutex telling;
    DumpProgress at;
    const auto tell = [&] {
        const std::unique_lock lock(telling, std::try_to_lock);
        if (!lock)
            return;
        at.raw_bytes = input.raw_bytes();
        at.raw_size = input.raw_size();
        progress(at);
    };
    base::Stopwatch clock;
    DumpCounts counts;
    DumpFacts facts(input, files.work_folder(), options.wiki, options.threads, facts_key, times,
                    counts, tell);
    report.properties = facts.files().properties();
    report.cut = facts.cut();
    report.warning = facts.warning();
    report.facts_seconds = clock.seconds();

    clock = base::Stopwatch();
    checks::EngineOptions engine_options = options.engine;
    engine_options.values = facts.values();
    engine_options.property_cache_size = facts.files().properties() + 1000;
    // a dump does not change: nothing in it grows old
    engine_options.property_cache_age = std::chrono::hours(24 * 365);
    engine_options.entity_cache_age = std::chrono::hours(24 * 365);
    engine_options.class_age = std::chrono::milliseconds::max();
    checks::Engine engine(options.wiki, engine_options);
    Checking checking(options, engine, facts.files(), times, files.began());
    at.reading = Reading::checks;
    at.entities = files.counts().lines.entities;
    source::BlockReader reader = input.open();
    reader.skip(files.done_bytes(), files.done_lines());
    times.read += for_each_block<CheckedBlock>(
        reader, options.threads,
        [&](const source::LineBlock& block) { return checking.run(block); },
        [&](std::uint64_t, const CheckedBlock& block) {
            const std::int64_t began = thread_time();
            files.add(block);
            times.write += thread_time() - began;
            at.entities = files.counts().lines.entities;
            tell();
            return true;
        });
    files.finish();
    report.counts = files.counts();
    report.counts.lines.require_balance(input.name());
    if (report.counts.lines.lines != facts.lines())
        throw base::Error(base::ExitCode::software,
                          fmt::format("{}: bug: read {} lines first, then {}", input.name(),
                                      facts.lines(), report.counts.lines.lines));
    report.check_seconds = clock.seconds();
    write_manifest(options, input, files, report);
    std::error_code ignored;
    std::filesystem::remove_all(files.work_folder(), ignored);
    return report;
}

} // namespace runner::bulk
