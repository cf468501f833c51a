// SPDX-License-Identifier: GPL-2.0-or-later
// Where the time of a check goes, on one thread: parsing, gathering, checking, writing the stored
// value. The entities are parsed again in every round; properties are loaded before the clock runs.
#include "base/error.hpp"
#include "checks/engine.hpp"
#include "config/load.hpp"
#include "source/file_source.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

namespace {

using namespace runner;
using Clock = std::chrono::steady_clock;

double seconds(Clock::duration time) {
    return std::chrono::duration<double>(time).count();
}

} // namespace

int main(int argc, char** argv) try {
    if (argc != 4) {
        std::fputs("usage: bench-check CONFIG ENTITIES.ndjson IDS\n", stderr);
        return static_cast<int>(base::ExitCode::usage);
    }
    config::Sources sources;
    sources.file = argv[1];
    const auto settings = config::load(sources).settings;
    checks::Engine engine(settings.wiki_for_command(""));
    source::FileSource files({argv[2]});
    std::vector<entity::EntityId> ids;
    std::ifstream in(argv[3]);
    for (std::string line; std::getline(in, line);)
        ids.push_back(entity::EntityId::parse(line).value());

    std::size_t results = 0;
    std::size_t bytes = 0;
    double parse = 0;
    double gather = 0;
    double check = 0;
    constexpr int rounds = 3;
    for (int round = 0; round < rounds + 1; ++round) {
        if (round == 1) // the first one fills the cache of properties
            parse = gather = check = 0, results = 0, bytes = 0;
        for (const auto& id : ids) {
            const auto a = Clock::now();
            auto document = entity::parse_entity(files.json(id));
            const auto b = Clock::now();
            const auto revision = document->entity().revision;
            const auto gathered = engine.gather(std::move(document), id, revision, files);
            const auto c = Clock::now();
            const auto stored = engine.check(gathered);
            const auto d = Clock::now();
            parse += seconds(b - a);
            gather += seconds(c - b);
            check += seconds(d - c);
            for (const auto count : stored.counts)
                results += count;
            bytes += stored.value.size();
        }
    }
    const auto n = static_cast<double>(ids.size() * rounds);
    std::printf("%zu entities, %.0f checks and %.0f bytes stored each\n", ids.size(),
                static_cast<double>(results) / n, static_cast<double>(bytes) / n);
    std::printf("parse  %7.1f us, %8.0f entities/s\n", parse / n * 1e6, n / parse);
    std::printf("gather %7.1f us\n", gather / n * 1e6);
    std::printf("check  %7.1f us, %8.0f entities/s\n", check / n * 1e6, n / check);
    std::printf("all    %7.1f us, %8.0f entities/s\n", (parse + gather + check) / n * 1e6,
                n / (parse + gather + check));
    return 0;
} catch (const std::exception& error) {
    std::fprintf(stderr, "bench-check: %s\n", error.what());
    return EXIT_FAILURE;
}
