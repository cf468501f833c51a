// SPDX-License-Identifier: GPL-2.0-or-later
#include "bulk/dump_facts.hpp"

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/part_file.hpp"
#include "source/entity_line.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <sstream>
#include <utility>
#include <vector>

namespace runner::bulk {
namespace {

entity::DigestOptions digest_options(const config::WikiSettings& wiki) {
    entity::DigestOptions options;
    for (const auto* list : {&wiki.start_time_properties, &wiki.end_time_properties})
        for (const std::string& text : *list)
            if (const auto id = entity::PropertyId::parse(text))
                options.whole_values.push_back(*id);
    std::sort(options.whole_values.begin(), options.whole_values.end());
    return options;
}

struct PropertyLine {
    entity::PropertyId id;
    source::LineKind kind = source::LineKind::entity;
    source::Standing standing;
    std::string text; ///< JSON, or why it can't be read
};

/// What is wrong with a line, with its place.
std::string at_line(const std::string& name, const source::InputLine& line,
                    const base::DataError& error) {
    return fmt::format("{}:{}: {}", name, line.line, error.what());
}

PropertyLine property_of(const std::string& name, const source::InputLine& line) {
    PropertyLine out{{line.id.number}, line.kind, {true, false, 0}, {}};
    if (line.kind != source::LineKind::entity)
        return out;
    try {
        const auto document = parse_line(line);
        out.standing = {true, true, document->entity().revision};
        out.text = line.json;
    } catch (const base::DataError& error) {
        out.kind = source::LineKind::problem;
        out.standing = {false, true, 0};
        out.text = at_line(name, line, error);
    }
    return out;
}

checks::EngineOptions engine_options(std::size_t property_cache_size) {
    checks::EngineOptions options;
    options.property_cache_size = property_cache_size;
    options.property_cache_age = std::chrono::hours(24 * 365);
    return options;
}

} // namespace

entity::EntityPtr parse_line(const source::InputLine& line) {
    auto document = entity::parse_entity(line.json);
    if (document->entity().id != line.id)
        throw base::DataError("\"id\" occurs twice");
    return document;
}

DumpFacts::DumpFacts(DumpInput& input, const std::filesystem::path& folder,
                     const config::WikiSettings& wiki, const Threads& threads,
                     const std::string& key, StageTimes& times, DumpCounts& counts,
                     const Progress& progress)
    : input_(input), folder_(folder), wiki_(wiki), threads_(threads), times_(times),
      counts_(counts), progress_(progress) {
    const auto done = folder_ / "facts-whole";
    const bool have = take_kept(done, key);
    if (!have)
        std::filesystem::remove(done);
    files_ = std::make_unique<facts::FactFiles>(folder_, digest_options(wiki), !have);
    if (!have) {
        read_properties();
        read_facts();
        counts_.entities = files_->entities();
        warning_ = input_.warning();
        if (cut_.empty() && counts_.entities == 0)
            cut_ = "it holds no entity";
        keep(done, key);
    }
    files_->set_cut(cut_);
    files_->set_nameless(nameless_);
    counts_.properties = files_->properties();
    if (wiki.distinct_values)
        values_ = std::make_shared<facts::SharedValues>(folder_);
}

/// Counts, reasons (each on a line), then the key, which may have line feeds.
void DumpFacts::keep(const std::filesystem::path& file, const std::string& key) const {
    base::write_whole_file(file,
                           fmt::format("{}\n{}\n{}\n{}\n{}\n{}\n{}", lines_, problems_.load(),
                                       counts_.entities.load(), cut_, nameless_, warning_, key));
}

bool DumpFacts::take_kept(const std::filesystem::path& file, const std::string& key) {
    if (!std::filesystem::exists(file))
        return false;
    std::istringstream in(base::read_file(file));
    std::string lines;
    std::string problems;
    std::string entities;
    std::string kept_key;
    std::getline(in, lines);
    std::getline(in, problems);
    std::getline(in, entities);
    std::getline(in, cut_);
    std::getline(in, nameless_);
    std::getline(in, warning_);
    std::getline(in, kept_key, '\0');
    if (kept_key != key) {
        cut_.clear();
        nameless_.clear();
        warning_.clear();
        return false;
    }
    lines_ = std::strtoull(lines.c_str(), nullptr, 10);
    problems_ = std::strtoull(problems.c_str(), nullptr, 10);
    counts_.entities = std::strtoull(entities.c_str(), nullptr, 10);
    return true;
}

void DumpFacts::read_properties() {
    auto reader = input_.open();
    struct Found {
        std::vector<PropertyLine> properties;
        std::string nameless; ///< the first line that can't be read and may be any entity
        std::uint64_t lines = 0;
    };
    times_.read += for_each_block<Found>(
        reader, {threads_.working, 0},
        [&](const source::LineBlock& block) {
            const std::int64_t began = thread_time();
            Found found;
            source::for_each_line(block, [&](const source::InputLine& line) {
                ++found.lines;
                if (line.kind == source::LineKind::problem && found.nameless.empty())
                    found.nameless =
                        fmt::format("{}:{}: {}", input_.name(), line.line, line.problem);
                if ((line.kind == source::LineKind::entity ||
                     line.kind == source::LineKind::missing) &&
                    line.id.type == entity::EntityType::property)
                    found.properties.push_back(property_of(input_.name(), line));
            });
            counts_.lines += block.lines;
            times_.parse += thread_time() - began;
            progress_();
            return found;
        },
        [&](std::uint64_t, Found found) {
            const std::int64_t began = thread_time();
            lines_ += found.lines;
            if (nameless_.empty())
                nameless_ = std::move(found.nameless);
            for (const PropertyLine& each : found.properties)
                files_->add_property(each.id, each.standing, each.kind, each.text);
            times_.collect += thread_time() - began;
            return true;
        });
    cut_ = reader.cut();
    counts_.lines = 0;
}

void DumpFacts::add_facts(const source::InputLine& line, facts::FactFiles::Batch& batch,
                          checks::Engine& engine, facts::ValueCollector* values) {
    const std::int64_t began = thread_time();
    switch (line.kind) {
    case source::LineKind::problem: ++problems_; return;
    case source::LineKind::redirect:
        facts::FactFiles::add_redirect(batch, line.position, line.id, line.target);
        return;
    case source::LineKind::missing:
        facts::FactFiles::add_missing(batch, line.position, line.id);
        return;
    case source::LineKind::entity: break;
    }
    entity::EntityPtr document;
    try {
        document = parse_line(line);
    } catch (const base::DataError& error) {
        facts::FactFiles::add_unreadable(batch, line.position, line.id,
                                         at_line(input_.name(), line, error));
        ++problems_;
        return;
    }
    const std::int64_t parsed = thread_time();
    times_.parse += parsed - began;
    const entity::Entity& entity = document->entity();
    files_->add(batch, line.position, entity);
    if (values != nullptr)
        add_values(document, engine, *values);
    times_.collect += thread_time() - parsed;
}

void DumpFacts::add_values(const entity::EntityPtr& document, checks::Engine& engine,
                           facts::ValueCollector& values) {
    const entity::Entity& entity = document->entity();
    values.add(entity.id, engine.values_of(document, entity, *files_));
    for (const auto* parts : {&entity.forms, &entity.senses})
        for (const entity::Entity& part : *parts)
            values.add(part.id, engine.values_of(document, part, *files_));
}

/// What lines had that do not hold is not shared with anything: only now it is known which do.
void DumpFacts::read_values_again() {
    auto reader = input_.open();
    checks::Engine engine(wiki_, engine_options(files_->properties() + 1000));
    facts::ValueCollector values(folder_);
    times_.read += for_each_block<int>(
        reader, {threads_.working, 0},
        [&](const source::LineBlock& block) {
            const std::int64_t began = thread_time();
            source::for_each_line(block, [&](const source::InputLine& line) {
                if (line.kind != source::LineKind::entity ||
                    files_->position_of(line.id) != line.position)
                    return;
                try {
                    add_values(parse_line(line), engine, values);
                } catch (const base::DataError&) { // reported when it is checked
                }
            });
            times_.collect += thread_time() - began;
            progress_();
            return 0;
        },
        [](std::uint64_t, int) { return true; });
    values.finish();
}

void DumpFacts::read_facts() {
    auto reader = input_.open();
    checks::Engine engine(wiki_, engine_options(files_->properties() + 1000));
    std::optional<facts::ValueCollector> values;
    if (wiki_.distinct_values)
        values.emplace(folder_);
    using Batch = facts::FactFiles::Batch;
    times_.read += for_each_block<Batch>(
        reader, {threads_.working, 0},
        [&](const source::LineBlock& block) {
            Batch batch;
            source::for_each_line(block, [&](const source::InputLine& line) {
                add_facts(line, batch, engine, values ? &*values : nullptr);
            });
            counts_.lines += block.lines;
            progress_();
            return batch;
        },
        [&](std::uint64_t, const Batch& batch) {
            const std::int64_t began = thread_time();
            files_->write(batch);
            times_.collect += thread_time() - began;
            return true;
        });
    if (values) {
        const std::int64_t began = thread_time();
        values->finish();
        times_.collect += thread_time() - began;
        values.reset();
        if (files_->repeated() > 0)
            read_values_again();
    }
    counts_.lines = 0;
}

} // namespace runner::bulk
