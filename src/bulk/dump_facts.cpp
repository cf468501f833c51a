// SPDX-License-Identifier: GPL-2.0-or-later
#include "bulk/dump_facts.hpp"

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/part_file.hpp"
#include "source/entity_line.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
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

/// Lines of a dump are read for the second time here: a bad one is told of when it is checked.
std::optional<source::LineHead> head_of(std::string_view json) {
    try {
        return source::read_line_head(json);
    } catch (const base::DataError&) {
        return std::nullopt;
    }
}

struct PropertyLine {
    entity::PropertyId id;
    std::uint64_t line = 0;
    std::string json;
};

checks::EngineOptions engine_options(std::size_t property_cache_size) {
    checks::EngineOptions options;
    options.property_cache_size = property_cache_size;
    options.property_cache_age = std::chrono::hours(24 * 365);
    return options;
}

} // namespace

DumpFacts::DumpFacts(DumpInput& input, const std::filesystem::path& folder,
                     const config::WikiSettings& wiki, const Threads& threads,
                     const std::string& key, StageTimes& times, DumpCounts& counts,
                     const Progress& progress)
    : input_(input), folder_(folder), wiki_(wiki), threads_(threads), times_(times),
      counts_(counts), progress_(progress) {
    const auto done = folder_ / "facts-complete";
    const bool have = std::filesystem::exists(done) && base::read_file(done) == key;
    if (!have)
        std::filesystem::remove(done);
    files_ = std::make_unique<facts::FactFiles>(folder_, digest_options(wiki), !have);
    if (!have) {
        read_properties();
        read_facts();
        base::write_whole_file(done, key);
    }
    counts_.properties = files_->properties();
    if (wiki.distinct_values)
        values_ = std::make_shared<facts::SharedValues>(folder_);
}

void DumpFacts::read_properties() {
    auto reader = input_.open();
    using Found = std::vector<PropertyLine>;
    times_.read += for_each_block<Found>(
        reader, {threads_.working, 0},
        [&](const source::LineBlock& block) {
            const std::int64_t began = thread_time();
            Found found;
            source::for_each_line(block, [&](std::uint64_t line, std::string_view json) {
                const auto head = head_of(json);
                if (head && !head->redirect && head->id.type == entity::EntityType::property)
                    found.push_back({{head->id.number}, line, std::string(json)});
            });
            counts_.lines += block.lines;
            times_.parse += thread_time() - began;
            progress_();
            return found;
        },
        [&](std::uint64_t, Found found) {
            const std::int64_t began = thread_time();
            for (const PropertyLine& property : found)
                files_->add_property(property.id, property.line, property.json);
            times_.collect += thread_time() - began;
            return true;
        });
    counts_.lines = 0;
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
            source::for_each_line(block, [&](std::uint64_t line, std::string_view json) {
                const std::int64_t began = thread_time();
                const auto head = head_of(json);
                if (!head)
                    return;
                if (head->redirect) {
                    facts::FactFiles::add_redirect(batch, line, head->id, *head->redirect);
                    return;
                }
                entity::EntityPtr document;
                try {
                    document = entity::parse_entity(json);
                } catch (const base::DataError&) {
                    return;
                }
                const std::int64_t parsed = thread_time();
                times_.parse += parsed - began;
                files_->add(batch, line, document->entity());
                ++counts_.entities;
                if (values) {
                    const auto keys = engine.values_of(document, *files_);
                    values->add(document->entity().id, keys);
                }
                times_.collect += thread_time() - parsed;
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
    }
    counts_.lines = 0;
}

} // namespace runner::bulk
