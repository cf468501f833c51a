// SPDX-License-Identifier: GPL-2.0-or-later
// Where the time of a check goes: parsing, gathering, each constraint type, writing the stored
// value; entities per second by the size of the entity, on two threads, and in each dialect of
// WBQC. Times are processor time of the thread. Entities' JSON is in memory and parsed again in
// every round; properties and other entities are loaded before the clock runs.
#include "base/error.hpp"
#include "checks/engine.hpp"
#include "checks/entity_check.hpp"
#include "checks/entity_index.hpp"
#include "checks/registry.hpp"
#include "checks/unit_converter.hpp"
#include "config/load.hpp"
#include "source/file_source.hpp"

#include <boost/json.hpp>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <malloc.h>
#include <map>
#include <memory>
#include <string>
#include <sys/resource.h>
#include <thread>
#include <vector>

namespace {

using namespace runner;

constexpr int rounds = 5;

/// Processor time of this thread, in microseconds.
double now_us() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

struct Document {
    entity::EntityId id;
    std::string json;
    double best_us = 1e12; ///< all of it, in the best round
};

/// Microseconds of each part.
struct Times {
    double parse = 0;
    double gather = 0;
    double check = 0;
    double store = 0; ///< check again, and make the stored value
    std::size_t results = 0;
    std::size_t bytes = 0;
    [[nodiscard]] double all() const { return parse + gather + store; }
};

Times round_of(checks::Engine& engine, source::FileSource& files, std::vector<Document>& documents,
               bool apart) {
    Times sum;
    for (Document& each : documents) {
        const double a = now_us();
        auto document = entity::parse_entity(each.json);
        const double b = now_us();
        const auto revision = document->entity().revision;
        const auto gathered = engine.gather(std::move(document), each.id, revision, files);
        const double c = now_us();
        const auto stored = engine.check(gathered);
        const double d = now_us();
        if (apart) {
            (void)engine.run(gathered);
            sum.check += now_us() - d;
        }
        sum.parse += b - a;
        sum.gather += c - b;
        sum.store += d - c;
        each.best_us = std::min(each.best_us, d - a);
        for (const auto count : stored.counts)
            sum.results += count;
        sum.bytes += stored.value.size();
    }
    return sum;
}

template <typename Parse>
double parse_only(const std::vector<Document>& documents, Parse parse) {
    double best = 1e12;
    for (int round = 0; round < rounds; ++round) {
        const double start = now_us();
        for (const Document& each : documents)
            parse(each.json);
        best = std::min(best, now_us() - start);
    }
    return best;
}

/// Each check of each type by itself: calls it again for every result that it gave.
void print_types(checks::Engine& engine, source::FileSource& files,
                 const config::WikiSettings& wiki, const std::vector<Document>& documents) {
    struct Cost {
        double us = 0;
        std::size_t calls = 0;
    };
    std::map<std::string_view, Cost> costs;
    const constraints::Vocabulary vocabulary(wiki.ids);
    const checks::UnitConverter units(wiki.unit_conversion, wiki.concept_base_uri);
    const checks::CheckSettings settings{wiki, vocabulary, units, 1'767'225'600};
    timespec tick{};
    const double empty = [&] {
        const double start = now_us();
        for (int i = 0; i < 10'000; ++i)
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &tick);
        return (now_us() - start) / 10'000;
    }();
    for (const Document& each : documents) {
        auto document = entity::parse_entity(each.json);
        const auto gathered = engine.gather(std::move(document), each.id, 1, files);
        const auto check = engine.run(gathered);
        const checks::EntityIndex index(*gathered.entity);
        checks::TimeBudget budget(std::chrono::seconds(10));
        for (const auto& result : check.results) {
            if (result.constraint == nullptr || result.constraint->row == nullptr ||
                !result.has_metadata || result.constraint->bad_scope ||
                result.status == results::Status::not_in_scope)
                continue;
            checks::Context context = check.contexts[result.context];
            context.index = &index;
            context.budget = &budget;
            const double start = now_us();
            (void)result.constraint->row->run(context, result.constraint->constraint,
                                              result.constraint->parameters.get(), settings);
            Cost& cost = costs[result.constraint->row->name];
            cost.us += now_us() - start - empty;
            ++cost.calls;
        }
    }
    const auto n = static_cast<double>(documents.size());
    std::printf(
        "\n| check | calls per entity | ns per call | us per entity |\n|---|---:|---:|---:|\n");
    for (const checks::CheckRow* row : checks::all_checks()) {
        const Cost cost = costs[row->name];
        const auto calls = static_cast<double>(cost.calls);
        std::printf("| %s | %.1f | %.0f | %.2f |\n", std::string{row->name}.c_str(), calls / n,
                    cost.calls == 0 ? 0 : std::max(0.0, cost.us / calls * 1e3),
                    std::max(0.0, cost.us / n));
    }
}

void print_sizes(const std::vector<Document>& documents) {
    constexpr std::array<std::size_t, 6> ends{3'000, 10'000, 30'000, 100'000, 300'000, SIZE_MAX};
    std::printf("\n| JSON of the entity | entities | us each | entities/s | MB/s "
                "|\n|---|---:|---:|---:|---:|\n");
    std::size_t begin = 0;
    for (const std::size_t end : ends) {
        double us = 0;
        std::size_t bytes = 0;
        std::size_t count = 0;
        for (const Document& each : documents)
            if (each.json.size() >= begin && each.json.size() < end) {
                us += each.best_us;
                bytes += each.json.size();
                ++count;
            }
        if (count != 0)
            std::printf("| %s | %zu | %.0f | %.0f | %.0f |\n",
                        (end == SIZE_MAX ? "from " + std::to_string(begin / 1000) + " kB"
                                         : "below " + std::to_string(end / 1000) + " kB")
                            .c_str(),
                        count, us / static_cast<double>(count),
                        1e6 * static_cast<double>(count) / us, static_cast<double>(bytes) / us);
        begin = end;
    }
}

struct Speed {
    double by_wall = 0;   ///< entities per second
    double cpu_us = 1e12; ///< processor time of an entity
    double waits = 0;     ///< how often a thread waited for another, per entity
};

Speed on_threads(checks::Engine& engine, source::FileSource& files,
                 const std::vector<Document>& documents, unsigned count) {
    Speed best;
    const auto n = static_cast<double>(documents.size() * count);
    for (int round = 0; round < rounds; ++round) {
        std::vector<std::thread> threads;
        rusage before{};
        rusage after{};
        getrusage(RUSAGE_SELF, &before);
        const auto start = std::chrono::steady_clock::now();
        const auto cpu = std::clock();
        for (unsigned t = 0; t < count; ++t)
            threads.emplace_back(
                [&, mine = documents]() mutable { (void)round_of(engine, files, mine, false); });
        for (auto& thread : threads)
            thread.join();
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
        getrusage(RUSAGE_SELF, &after);
        best.by_wall = std::max(best.by_wall, n / took.count());
        best.cpu_us = std::min(best.cpu_us, static_cast<double>(std::clock() - cpu) *
                                                (1e6 / CLOCKS_PER_SEC) / n);
        best.waits = static_cast<double>(after.ru_nvcsw - before.ru_nvcsw) / n;
    }
    return best;
}

/// Gathering and checking in each dialect, round by round in turn so that both have the same
/// machine.
void print_dialects(const config::WikiSettings& wiki, const checks::EngineOptions& options,
                    source::FileSource& files, const std::vector<Document>& documents) {
    struct Run {
        std::unique_ptr<checks::Engine> engine;
        double best_us = 1e12;
    };
    std::array<Run, config::dialects.size()> runs;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        config::WikiSettings with = wiki;
        with.wbqc = static_cast<config::WbqcVersion>(i);
        runs[i].engine = std::make_unique<checks::Engine>(with, options);
    }
    auto mine = documents;
    for (int round = 0; round <= 2 * rounds; ++round)
        for (Run& run : runs) {
            const Times times = round_of(*run.engine, files, mine, false);
            if (round > 0) // the first fills the caches
                run.best_us = std::min(run.best_us, times.gather + times.store);
        }
    std::printf(
        "\n| dialect | us per entity (gather, check, serialize) | of %s |\n|---|---:|---:|\n",
        std::string{config::dialects.front().version}.c_str());
    for (std::size_t i = 0; i < runs.size(); ++i)
        std::printf("| %s | %.1f | %.3f |\n", std::string{config::dialects[i].version}.c_str(),
                    runs[i].best_us / static_cast<double>(documents.size()),
                    runs[i].best_us / runs.front().best_us);
}

} // namespace

int main(int argc, char** argv) try {
    if (argc != 4) {
        std::fputs("usage: bench-check CONFIG ENTITIES.ndjson IDS\n", stderr);
        return static_cast<int>(base::ExitCode::usage);
    }
    mallopt(M_MMAP_THRESHOLD, 512 * 1024); // as serve does
    mallopt(M_TRIM_THRESHOLD, 32 * 1024 * 1024);
    config::Sources sources;
    sources.file = argv[1];
    const auto settings = config::load(sources).settings;
    const auto& wiki = settings.wiki_for_command("");
    checks::EngineOptions options;
    options.property_cache_age = std::chrono::hours(9); // nothing is loaded again
    options.entity_cache_age = std::chrono::hours(9);
    options.class_age = std::chrono::hours(9);
    checks::Engine engine(wiki, options);
    source::FileSource files({argv[2]});
    std::vector<Document> documents;
    std::ifstream in(argv[3]);
    for (std::string line; std::getline(in, line);) {
        const auto id = entity::EntityId::parse(line).value();
        documents.push_back({id, std::string{files.json(id)}});
    }

    (void)round_of(engine, files, documents, false); // fills the caches
    Times best;
    for (int round = 0; round < rounds; ++round) {
        const Times times = round_of(engine, files, documents, true);
        if (round == 0 || times.all() < best.all())
            best = times;
    }
    simdjson::dom::parser parser;
    const double simdjson_us = parse_only(documents, [&](const std::string& json) {
        return parser.parse(json).error() == simdjson::SUCCESS;
    });
    const double boost_us = parse_only(
        documents, [](const std::string& json) { return boost::json::parse(json).kind(); });

    const auto n = static_cast<double>(documents.size());
    const auto row = [&](const char* what, double us) {
        std::printf("| %s | %.1f | %.0f %% |\n", what, us / n, 100 * us / best.all());
    };
    std::printf("%zu entities, %.0f checks and %.0f bytes stored each\n\n", documents.size(),
                static_cast<double>(best.results) / n, static_cast<double>(best.bytes) / n);
    std::printf("| part | us per entity | share |\n|---|---:|---:|\n");
    row("parse (Wikibase JSON to the data model)", best.parse);
    row("gather", best.gather);
    row("check and sort", best.check);
    row("serialize the stored value", best.store - best.check);
    row("all", best.all());
    std::printf("\none thread: %.0f entities/s\n", 1e6 * n / best.all());
    std::printf("the JSON alone, read with Boost.JSON into its values: %.1f us, so all is %.2f "
                "times that\n",
                boost_us / n, best.all() / boost_us);
    std::printf("the JSON alone, simdjson's DOM: %.1f us, so all is %.2f times that\n",
                simdjson_us / n, best.all() / simdjson_us);
    print_types(engine, files, wiki, documents);
    print_sizes(documents);
    std::printf("\n| threads | entities/s by the wall clock | us of processor per entity | waits "
                "per entity |\n"
                "|---|---:|---:|---:|\n");
    for (const unsigned threads : {1U, 2U}) {
        const Speed speed = on_threads(engine, files, documents, threads);
        std::printf("| %u | %.0f | %.1f | %.4f |\n", threads, speed.by_wall, speed.cpu_us,
                    speed.waits);
    }
    print_dialects(wiki, options, files, documents);
    return 0;
} catch (const std::exception& error) {
    std::fprintf(stderr, "bench-check: %s\n", error.what());
    return EXIT_FAILURE;
}
