// SPDX-License-Identifier: GPL-2.0-or-later
// The limit for everything that reads entities: parsing the lines of an NDJSON file on one thread
// and doing nothing with them. Prints the entities and bytes per second of the best round.
#include "base/error.hpp"
#include "entity/entity.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

int main(int argc, char** argv) try {
    if (argc != 2) {
        std::fputs("usage: bench-parse FILE.ndjson\n", stderr);
        return static_cast<int>(runner::base::ExitCode::usage);
    }
    std::ifstream file(argv[1], std::ios::binary);
    if (!file) {
        std::fprintf(stderr, "%s: can't be read\n", argv[1]);
        return static_cast<int>(runner::base::ExitCode::no_input);
    }
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    std::vector<std::string_view> lines;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        if (end > at)
            lines.push_back(std::string_view(text).substr(at, end - at));
        at = end + 1;
    }
    double best = 0;
    std::size_t statements = 0;
    for (int round = 0; round < 5; ++round) {
        const auto began = std::chrono::steady_clock::now();
        for (const std::string_view line : lines)
            statements += runner::entity::parse_entity(line)->entity().statements.size();
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
        best = std::max(best, static_cast<double>(lines.size()) / took.count());
    }
    std::printf("%.0f entities/s, %.0f MB/s, %zu statements\n", best,
                best * static_cast<double>(text.size()) / static_cast<double>(lines.size()) / 1e6,
                statements / 5);
    return 0;
} catch (const std::exception& error) {
    std::fprintf(stderr, "bench-parse: %s\n", error.what());
    return EXIT_FAILURE;
}
