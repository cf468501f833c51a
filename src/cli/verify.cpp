// SPDX-License-Identifier: GPL-2.0-or-later
// `constraint-runner verify`: compares stored results with fresh ones; and `reset`, which asks the
// running daemon to forget what it knows of entities and to check them anew.
#include "app/verify_store.hpp"
#include "base/error.hpp"
#include "base/log.hpp"
#include "cli/ask_runner.hpp"
#include "cli/commands.hpp"

#include <fmt/format.h>

#include <cstdio>

namespace runner::cli {

namespace {

constexpr int differences_found = 1;

void tell(const store::EntityKey& key, const std::string& what, bool json) {
    if (!json) {
        fmt::print("{}: {}\n", key.entity.to_string(), what);
        return;
    }
    std::string line = fmt::format(R"({{"entity":"{}","difference":")", key.entity.to_string());
    base::append_json_escaped(line, what);
    fmt::print("{}\"}}\n", line);
}

} // namespace

int run_verify(const config::Settings& settings, const VerifyOptions& options) {
    const config::WikiSettings wiki = settings.wiki_for_command(options.wiki);
    const auto counts = app::verify_store(
        settings, wiki, {options.sample, options.queue},
        [&](const store::EntityKey& key, const std::string& what) {
            tell(key, what, options.json);
        });
    if (options.json)
        fmt::print(R"({{"compared":{},"different":{},"pending":{},"unreadable":{},"queued":{}}})"
                   "\n",
                   counts.compared, counts.different, counts.pending, counts.unreadable,
                   counts.queued);
    else
        fmt::print("{} compared, {} different, {} pending, {} unreadable, {} queued\n",
                   counts.compared, counts.different, counts.pending, counts.unreadable,
                   counts.queued);
    if (counts.unreadable > 0)
        return static_cast<int>(base::ExitCode::temp_fail);
    return counts.different > 0 ? differences_found : 0;
}

int run_reset(const config::Settings& settings, const ResetOptions& options) {
    const config::WikiSettings wiki = settings.wiki_for_command(options.wiki);
    for (const std::string& name : options.entities)
        if (!entity::EntityId::parse(name))
            throw base::UsageError(fmt::format("reset: \"{}\" is not an entity ID", name));
    for (const std::string& name : options.entities) {
        (void)ask_runner(settings, "POST",
                         fmt::format("/v1/results/{}/{}/reset", wiki.id, name), "{}");
        fmt::print("{}: forgotten, its check is queued\n", name);
    }
    return 0;
}

} // namespace runner::cli
