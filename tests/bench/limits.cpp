// SPDX-License-Identifier: GPL-2.0-or-later
// What entities that are made to be slow cost: processor time and memory of loading, checking and
// writing the stored value, each measured in a process of its own. Prints a table; fails when one
// of them costs more than 2 s or 200 MB.
#include "checks/engine.hpp"
#include "config/wiki_settings.hpp"
#include "hostile_entities.hpp"

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

using namespace runner;
namespace hostile = test::hostile;

struct Cost {
    double gather_ms = 0; ///< parsing the entity and loading what it needs
    double check_ms = 0;
    double memory_mb = 0; ///< more at the peak than before
    std::size_t results = 0;
    std::size_t bytes = 0; ///< of the stored value
};

double cpu_ms() {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

/// A line of /proc/self/status, in MB.
double memory_mb(const std::string& name) {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.rfind(name + ":", 0) == 0)
            return std::strtod(line.c_str() + name.size() + 1, nullptr) / 1024;
    return 0;
}

Cost measure(const hostile::Scenario& scenario) {
    hostile::World world;
    scenario.make(world, scenario.size);
    std::ofstream("/proc/self/clear_refs") << 5; // the peak begins again
    const double before = memory_mb("VmRSS");
    Cost cost;
    config::WikiSettings wiki;
    checks::Engine engine(wiki, {.now = 1'767'225'600});
    const double start = cpu_ms();
    const auto gathered =
        engine.gather(entity::parse_entity(world.entity), test::id("Q1"), 1, world.source);
    const double loaded = cpu_ms();
    results::StoredResult stored;
    try {
        stored = engine.check(gathered);
    } catch (const base::DataError&) { // larger than a result may be
    }
    cost.check_ms = cpu_ms() - loaded;
    cost.gather_ms = loaded - start;
    cost.memory_mb = memory_mb("VmHWM") - before;
    for (const auto count : stored.counts)
        cost.results += count;
    cost.bytes = stored.value.size();
    return cost;
}

/// In its own child, so that none sees the memory of the one before.
Cost measure_apart(const hostile::Scenario& scenario) {
    int ends[2];
    if (pipe(ends) != 0)
        std::exit(EXIT_FAILURE);
    const pid_t child = fork();
    if (child == 0) {
        const rlimit cpu{120, 120};
        setrlimit(RLIMIT_CPU, &cpu);
        const Cost cost = measure(scenario);
        _exit(write(ends[1], &cost, sizeof cost) == sizeof cost ? 0 : 1);
    }
    close(ends[1]);
    Cost cost;
    if (read(ends[0], &cost, sizeof cost) != sizeof cost)
        cost = {-1, -1, -1, 0, 0}; // it was ended
    close(ends[0]);
    waitpid(child, nullptr, 0);
    return cost;
}

} // namespace

int main(int argc, char** argv) {
    std::printf("| entity | checks | stored MB | load ms | check ms | memory MB |\n"
                "|---|---:|---:|---:|---:|---:|\n");
    bool sound = true;
    for (const auto& scenario : hostile::scenarios()) {
        if (argc > 1 && scenario.name.find(argv[1]) == std::string_view::npos)
            continue;
        const Cost cost = measure_apart(scenario);
        const bool good =
            cost.check_ms >= 0 && cost.gather_ms + cost.check_ms <= 2000 && cost.memory_mb <= 200;
        sound = sound && good;
        std::printf("| %s | %zu | %.1f | %.0f | %.0f | %.0f |%s\n",
                    std::string{scenario.name}.c_str(), cost.results,
                    static_cast<double>(cost.bytes) / 1e6, cost.gather_ms, cost.check_ms,
                    cost.memory_mb, good ? "" : " TOO MUCH");
        std::fflush(stdout);
    }
    return sound ? EXIT_SUCCESS : EXIT_FAILURE;
}
