// SPDX-License-Identifier: GPL-2.0-or-later
// The graph of classes, a million edges of it: written to the database, loaded at start, walked.
// Against the (empty) database of RUNNER_TEST_DATABASE:
// `RUNNER_TEST_POSTGRES_OPTIONS= tests/store/run.sh build/tests/bench/bench-classes [EDGES]`.
#include "base/clock.hpp"
#include "facts/class_graph.hpp"
#include "store/common/migrations.hpp"
#include "store/results/class_store.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <malloc.h>
#include <random>
#include <string>
#include <unordered_set>
#include <vector>

namespace {

using namespace runner;
using entity::EntityId;

/// Everything is known already.
class NoWiki final : public source::EntitySource {
public:
    std::vector<source::Lookup> load(std::span<const EntityId>, std::uint64_t) override {
        throw source::SourceUnavailable("asked the wiki");
    }
};

/// Like Wikidata: ids all over the place, 1.3 superclasses a class, most of them near the top.
std::vector<store::ClassRow> make_classes(std::size_t edges) {
    std::mt19937_64 random(42);
    std::unordered_set<std::uint32_t> used;
    std::vector<EntityId> ids;
    std::vector<store::ClassRow> rows;
    for (std::size_t made = 0; made < edges;) {
        std::uint32_t number = 0;
        do
            number = static_cast<std::uint32_t>(random() % 130'000'000 + 1);
        while (!used.insert(number).second);
        ids.push_back({entity::EntityType::item, number, 0});
        results::ClassNode node{ids.back(), 2'000'000'000 + made, {}, {}};
        const std::size_t above = ids.size() == 1 ? 0 : 1 + (ids.size() % 10 < 3 ? 1 : 0);
        for (std::size_t i = 0; i < above; ++i, ++made) {
            const double share = std::uniform_real_distribution<double>(0, 1)(random);
            const auto at = static_cast<std::size_t>(static_cast<double>(ids.size() - 1) * share *
                                                     share * share);
            node.superclasses.push_back(ids[at]);
        }
        rows.push_back({"bench", {std::move(node), {}}});
    }
    return rows;
}

std::size_t heap_bytes() {
    const auto info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

double seconds(const base::Stopwatch& time) {
    return static_cast<double>(time.elapsed().count()) / 1e6;
}

int run(int argc, char** argv) {
    const char* conninfo = std::getenv("RUNNER_TEST_DATABASE");
    if (conninfo == nullptr || argc > 2) {
        std::fputs("usage: RUNNER_TEST_DATABASE=CONNINFO bench-classes [EDGES]\n", stderr);
        return static_cast<int>(base::ExitCode::usage);
    }
    const std::size_t edges = argc == 2 ? std::stoul(argv[1]) : 1'000'000;
    store::DatabaseOptions options;
    options.conninfo = conninfo;
    store::Session session(options);
    store::migrate(session);
    store::ClassStore classes(session);

    auto rows = make_classes(edges);
    std::vector<EntityId> some;
    for (std::size_t i = 0; i < 20'000; ++i)
        some.push_back(rows[i * 7'919 % rows.size()].kept.node.id);
    const std::size_t count = rows.size();
    std::printf("%zu classes, %zu edges\n", count, edges);
    const base::Stopwatch write;
    for (std::span<const store::ClassRow> left = rows; !left.empty();) {
        const auto batch = left.first(std::min<std::size_t>(2'000, left.size()));
        classes.keep(batch);
        left = left.subspan(batch.size());
    }
    std::printf("write   %8.2f s, %9.0f classes/s, 2,000 a transaction\n", seconds(write),
                static_cast<double>(count) / seconds(write));
    rows.clear();
    rows.shrink_to_fit();

    const std::size_t before = heap_bytes();
    facts::ClassGraph graph({279}, std::chrono::hours(1));
    double taking = 0;
    const base::Stopwatch load;
    const std::size_t loaded =
        classes.load("bench", [&](std::span<const results::KeptClass> piece) {
            const base::Stopwatch take;
            graph.take(piece);
            taking += seconds(take);
        });
    const double took = seconds(load);
    const std::size_t after = heap_bytes();
    std::printf("load    %8.2f s, %9.0f classes/s, %.2f s of it with the graph locked\n", took,
                static_cast<double>(loaded) / took, taking);
    std::printf("memory  %8.1f MB, %.1f bytes a class, %.1f MB per million edges\n",
                static_cast<double>(after - before) / 1e6,
                static_cast<double>(after - before) / static_cast<double>(count),
                static_cast<double>(after - before) / static_cast<double>(edges));

    NoWiki wiki;
    std::size_t superclasses = 0;
    for (const char* what : {"walk   ", "again  "}) {
        const base::Stopwatch walk;
        superclasses = 0;
        facts::Walked walked;
        for (const EntityId& id : some)
            superclasses += graph.superclasses({&id, 1}, wiki, walked).front()->size();
        std::printf("%s %8.2f us a class, %.1f superclasses\n", what,
                    seconds(walk) * 1e6 / static_cast<double>(some.size()),
                    static_cast<double>(superclasses) / static_cast<double>(some.size()));
    }
    return loaded == count ? EXIT_SUCCESS : EXIT_FAILURE;
}

} // namespace

int main(int argc, char** argv) try {
    return run(argc, argv);
} catch (const std::exception& error) {
    std::fprintf(stderr, "bench-classes: %s\n", error.what());
    return EXIT_FAILURE;
}
