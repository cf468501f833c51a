// SPDX-License-Identifier: GPL-2.0-or-later
// `constraint-runner verify`: compares stored results with fresh ones; and `reset`, which asks the
// running daemon to forget what it knows of entities and to check them again.
#include "app/upkeep/verify_store.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/log.hpp"
#include "cli/ask_runner.hpp"
#include "cli/commands.hpp"
#include "cli/interrupt.hpp"
#include "cli/now_and_then.hpp"
#include "cli/tell.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <unistd.h>

namespace runner::cli {

namespace {

constexpr int differences_found = 1;

void tell(const store::EntityKey& key, const std::string& what, bool json) {
    if (!json) {
        fmt::print("{}: {}\n", key.entity.to_string(), what);
        std::fflush(stdout); // an interrupt must not take it away
        return;
    }
    std::string line = fmt::format(R"({{"entity":"{}","difference":")", key.entity.to_string());
    base::append_json_escaped(line, what);
    fmt::print("{}\"}}\n", line);
    std::fflush(stdout);
}

/// Standard error says how far it is: a line that changes, on a terminal, else one now and then.
/// What to do after Ctrl-C changes with it.
class Progress {
public:
    explicit Progress(const VerifyOptions& options)
        : options_(options), interrupt_(message(options.after)) {}
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;
    ~Progress() {
        if (shown_)
            std::fputc('\n', stderr);
    }

    void show(const app::VerifyStoreCounts& counts, const std::string& done, std::uint64_t total) {
        if (done != done_) {
            done_ = done;
            interrupt_.say(message(done));
        }
        if (!lines_.due() && !(terminal_ && since_.elapsed() > std::chrono::milliseconds(200)))
            return;
        const std::uint64_t looked_at = counts.compared + counts.pending + counts.unreadable;
        std::string line = std::to_string(looked_at);
        if (total != 0)
            line += fmt::format(" of {}", total);
        line += fmt::format(" entities, {:.0f}/s, {} different",
                            static_cast<double>(looked_at) / std::max(clock_.seconds(), 0.001),
                            counts.different);
        if (!done.empty())
            line += ", compared up to " + done;
        since_ = base::Stopwatch();
        shown_ = terminal_;
        if (terminal_)
            tell_progress(line);
        else
            fmt::print(stderr, "{}\n", line);
    }

private:
    [[nodiscard]] std::string message(const std::string& done) const {
        const std::string begin = "constraint-runner: interrupted: ";
        if (options_.sample)
            return begin + "repeating the command picks another sample";
        if (done.empty())
            return begin + "repeating the command starts over";
        return begin + "repeating the command starts over; --after " + done + " continues";
    }

    const VerifyOptions& options_;
    const bool terminal_ = isatty(STDERR_FILENO) == 1;
    OnInterrupt interrupt_;
    NowAndThen lines_;
    const base::Stopwatch clock_;
    base::Stopwatch since_; ///< the line was written
    std::string done_;
    bool shown_ = false;
};

void check_after(const VerifyOptions& options) {
    if (!options.after.empty() && !entity::EntityId::parse(options.after))
        throw base::UsageError("verify: --after: \"" + options.after + "\" is not an entity ID");
}

} // namespace

int run_verify(const config::Settings& settings, const VerifyOptions& options) {
    const config::WikiSettings wiki = settings.wiki_for_command(options.wiki);
    check_after(options);
    app::VerifyStoreCounts counts;
    {
        Progress progress(options);
        counts = app::verify_store(
            settings, wiki, {options.sample, options.queue, options.after},
            [&](const store::EntityKey& key, const std::string& what) {
                tell(key, what, options.json);
            },
            [&](const app::VerifyStoreCounts& at, const std::string& done, std::uint64_t total) {
                progress.show(at, done, total);
            });
    }
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
        (void)ask_runner(settings, "POST", fmt::format("/v1/results/{}/{}/reset", wiki.id, name),
                         "{}");
        fmt::print("{}: forgotten, and queued for a check\n", name);
    }
    return 0;
}

} // namespace runner::cli
