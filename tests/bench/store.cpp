// SPDX-License-Identifier: GPL-2.0-or-later
// What the store and the queue can do by themselves, without sockets and checks: storing results,
// accepting jobs, leasing and completing them. Against the (empty) database of
// RUNNER_TEST_DATABASE: `RUNNER_TEST_POSTGRES_OPTIONS= tests/store/run.sh build/…/bench-store`.
#include "base/clock.hpp"
#include "queue/acceptor.hpp"
#include "queue/queue.hpp"
#include "store/common/migrations.hpp"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace runner;

std::mt19937_64 random_number(42);

std::string hex(int digits) {
    static constexpr char alphabet[] = "0123456789abcdef";
    std::string text;
    for (int i = 0; i < digits; ++i)
        text += alphabet[random_number() % 16];
    return text;
}

std::string guid(const std::string& entity) {
    return entity + "$" + hex(8) + "-" + hex(4) + "-" + hex(4) + "-" + hex(4) + "-" + hex(12);
}

// statements as a wiki writes them: what repeats, and ids and hashes that do not
std::string document(const std::string& id, std::size_t bytes) {
    std::string json = R"({"type":"item","id":")" + id + R"(","labels":{},"claims":{"P31":[)";
    while (json.size() < bytes)
        json += R"({"mainsnak":{"snaktype":"value","property":"P31","hash":")" + hex(40) +
                R"(","datavalue":{"value":{"entity-type":"item","numeric-id":)" +
                std::to_string(random_number() % 99999999) +
                R"(},"type":"wikibase-entityid"},"datatype":"wikibase-item"},"type":"statement",)"
                R"("id":")" +
                guid(id) + R"(","rank":"normal"},)";
    json.back() = ']';
    return json + "}}";
}

std::string value(const std::string& id, std::size_t bytes) {
    std::string json = R"({"results":[)";
    while (json.size() < bytes)
        json += R"({"|":{"t":"Q1","s":")" + guid(id) + R"(","p":"P31","h":")" + hex(40) +
                R"("},"c":{"i":")" + guid("P31") +
                R"(","t":"Q21503250","p":"P31"},"s":"violation","m":{"k":"type","a":[]}},)";
    json.back() = ']';
    return json + R"(,"latestRevisionIds":{")" + id + R"(":1}})";
}

std::vector<results::StoredResult> make_results(std::size_t count) {
    std::vector<results::StoredResult> list(count);
    for (std::size_t i = 0; i < count; ++i) {
        auto& result = list[i];
        result.entity = {entity::EntityType::item, static_cast<std::uint32_t>(1000 + i), 0};
        const std::string id = result.entity.to_string();
        result.revision = 1;
        result.value = value(id, 4'000);
        for (int v = 0; v < 5; ++v) {
            results::Violation violation;
            violation.statement = guid(id);
            violation.constraint = guid("P31");
            violation.property.number = static_cast<std::uint32_t>(31 + v);
            violation.type = "Q21503250";
            violation.message_key = "type";
            result.violations.push_back(violation);
        }
        for (std::uint32_t d = 1; d <= 15; ++d)
            result.dependencies.push_back(
                {{entity::EntityType::property,
                  d * 100 + static_cast<std::uint32_t>(random_number() % 100), 0},
                 d});
    }
    return list;
}

void print(const char* what, double count, double seconds, const char* unit) {
    std::printf("%-58s %9.0f %s/s\n", what, count / seconds, unit);
    std::fflush(stdout);
}

template <typename Work>
double timed(Work work) {
    const base::Stopwatch watch;
    work();
    return watch.seconds();
}

struct Bench {
    store::DatabaseOptions database;
    std::vector<results::StoredResult> results;
    std::vector<store::DocumentPtr> documents;
    std::uint64_t revision = 1;

    std::vector<store::NewJob> jobs(std::size_t first, std::size_t count, bool with_document) {
        std::vector<store::NewJob> list(count);
        for (std::size_t i = 0; i < count; ++i) {
            list[i].key = {"benchwiki", results[first + i].entity};
            list[i].revision = revision;
            if (with_document)
                list[i].document = documents[(first + i) % documents.size()];
        }
        return list;
    }

    void store(const char* what, std::size_t batch_size) {
        store::Session session(database);
        store::ResultStore store(session);
        const double seconds = timed([&] {
            for (std::size_t i = 0; i < results.size(); i += batch_size) {
                std::vector<store::Completed> batch;
                for (std::size_t k = i; k < std::min(results.size(), i + batch_size); ++k) {
                    store::Completed completed;
                    completed.lease.key = {"benchwiki", results[k].entity};
                    completed.result = results[k];
                    completed.check = revision;
                    batch.push_back(std::move(completed));
                }
                (void)store.store(batch);
            }
        });
        print(what, static_cast<double>(results.size()), seconds, "entities");
    }

    // `at_once` requests of `size` jobs wait for their answers at any time
    void accept(const char* what, queue::DocumentCache& cache, std::size_t count, std::size_t size,
                int at_once, bool with_document, bool renew = true) {
        queue::AcceptorOptions options;
        options.database = database;
        queue::Acceptor acceptor(options, cache);
        std::atomic<std::size_t> next{0};
        const double seconds = timed([&] {
            std::vector<std::jthread> threads;
            for (int t = 0; t < at_once; ++t)
                threads.emplace_back([&] {
                    for (std::size_t i; (i = next.fetch_add(size)) + size <= count;)
                        (void)acceptor.submit(jobs(i, size, with_document)).get();
                });
        });
        print(what, static_cast<double>(count), seconds, "jobs");
        std::printf("%-58s %9.1f jobs\n", "  in one transaction on average",
                    static_cast<double>(acceptor.status().jobs) /
                        static_cast<double>(acceptor.status().transactions));
        if (renew) {
            complete(nullptr, cache, 1); // an empty queue for the next row
        }
    }

    void complete(const char* what, queue::DocumentCache& cache, int threads_count) {
        const auto before = cache.hits();
        std::atomic<std::size_t> done{0};
        const double seconds = timed([&] {
            std::vector<std::jthread> threads;
            for (int t = 0; t < threads_count; ++t)
                threads.emplace_back([&] {
                    store::Session session(database);
                    queue::Queue queue(session, cache, {});
                    const store::WikiShare share{"benchwiki", 200};
                    for (auto leases = queue.lease({&share, 1}); !leases.empty();
                         leases = queue.lease({&share, 1})) {
                        std::vector<store::Completed> batch;
                        for (auto& lease : leases) {
                            store::Completed completed;
                            completed.result = results[lease.key.entity.number - 1000];
                            completed.result.revision = lease.revision;
                            completed.lease = std::move(lease);
                            batch.push_back(std::move(completed));
                        }
                        done += queue.complete(batch).size();
                    }
                });
        });
        if (what == nullptr)
            return;
        print(what, static_cast<double>(done.load()), seconds, "entities");
        const auto hits = cache.hits().hits - before.hits;
        const auto misses = cache.hits().misses - before.misses;
        std::printf("%-58s %9zu of %zu\n", "  documents from memory", hits, hits + misses);
    }
};

} // namespace

int main(int argc, char** argv) try {
    const char* conninfo = std::getenv("RUNNER_TEST_DATABASE");
    if (conninfo == nullptr) {
        std::fputs("bench-store: RUNNER_TEST_DATABASE is not set\n", stderr);
        return static_cast<int>(base::ExitCode::usage);
    }
    const std::size_t count = argc > 1 ? std::stoul(argv[1]) : 10'000;
    Bench bench;
    bench.database.conninfo = conninfo;
    bench.results = make_results(count);
    for (int i = 0; i < 500; ++i)
        bench.documents.push_back(
            std::make_shared<const std::string>(document("Q" + std::to_string(i), 29'000)));
    store::Session session(bench.database);
    store::migrate(session);
    std::printf("PostgreSQL %s, %zu entities: 4 kB of value, 5 pairs, 15 dependencies\n",
                session.server_version().c_str(), count);

    bench.store("store, first time, batches of 200", 200);
    ++bench.revision;
    for (auto& result : bench.results)
        result.revision = bench.revision;
    bench.store("store again, pairs and dependencies unchanged", 200);
    ++bench.revision;
    for (auto& result : bench.results) {
        result.revision = bench.revision;
        result.violations.pop_back();
        result.dependencies.back().revision = 99;
    }
    bench.store("store again, one pair gone, one dependency changed", 200);

    queue::DocumentCache cache(std::size_t{1} << 30);
    bench.accept("accept, batches of 50, no document, 4 at once", cache, count, 50, 4, false);
    ++bench.revision;
    bench.accept("accept, one by one, no document, 16 at once", cache, count, 1, 16, false);
    ++bench.revision;
    bench.accept("accept, one by one, 29 kB document, 16 at once", cache, count / 2, 1, 16, true);
    ++bench.revision;
    bench.accept("accept, batches of 50, 29 kB document, 4 at once", cache, count, 50, 4, true,
                 false);
    bench.complete("lease and complete, documents in memory, 1 thread", cache, 1);
    ++bench.revision;
    bench.accept("accept, batches of 50, 29 kB document, 4 at once", cache, count, 50, 4, true,
                 false);
    bench.complete("lease and complete, documents in memory, 2 threads", cache, 2);
    ++bench.revision;
    queue::DocumentCache none(0);
    bench.accept("accept, batches of 50, 29 kB document, 4 at once", none, count, 50, 4, true,
                 false);
    bench.complete("lease and complete, documents from the database, 2 threads", none, 2);
    return 0;
} catch (const std::exception& error) {
    std::fprintf(stderr, "bench-store: %s\n", error.what());
    return 1;
}
