// SPDX-License-Identifier: GPL-2.0-or-later
// See readiness.hpp. A wiki is probed at startup and while it does not answer; otherwise its jobs
// show its state.
#include "app/upkeep/readiness.hpp"

#include "app/line/wiki.hpp"
#include "base/log_fields.hpp"
#include "source/probe.hpp"
#include "store/common/requirements.hpp"
#include "store/jobs/pause_table.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <sys/statvfs.h>
#include <utility>

namespace runner::app {

namespace {

using namespace std::chrono_literals;

constexpr const char* pauses_part = "paused";
constexpr auto interval = 5s;
constexpr auto probe_interval = 30s;
constexpr auto probe_time = 5s; // then the database is looked at first
constexpr std::uint64_t least_free_bytes = std::uint64_t{256} << 20U;

} // namespace

void note_unreadable_files(const config::Settings& settings, ops::Health& health) {
    for (const config::WikiSettings& wiki : settings.wikis)
        if (wiki.source == config::SourceKind::file)
            if (const std::string problem = source::probe(wiki); !problem.empty())
                health.warning(source_part(wiki.id), problem);
}

Readiness::Readiness(const config::Settings& settings, const store::DatabaseOptions& database,
                     std::string runner, ops::Health& health)
    : settings_(settings), database_(database), runner_(std::move(runner)), health_(health) {
    look_at_disk(); // the first answer of /readyz has it
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

Readiness::~Readiness() { thread_.request_stop(); }

void Readiness::run(const std::stop_token& stop) {
    store::Session session(database_);
    auto probe_at = std::chrono::steady_clock::now();
    while (!stop.stop_requested()) {
        look_at_database(session);
        look_at_pauses(session);
        look_at_disk();
        if (std::chrono::steady_clock::now() >= probe_at && look_at_sources(stop))
            probe_at = std::chrono::steady_clock::now() + probe_interval;
        std::unique_lock lock(mutex_);
        stopped_.wait_for(lock, stop, interval, [] { return false; });
    }
}

void Readiness::look_at_database(store::Session& session) {
    try {
        store::require_schema_and_rights(session);
        store::require_writable(session, runner_);
        if (health_.good("requirements"))
            spdlog::info("the database meets the runner's requirements again");
    } catch (const std::exception& error) {
        if (health_.problem("requirements", error.what()))
            spdlog::warn("requirements: {}", error.what());
    }
}

/// A pause that someone forgets lets the queue grow until it is full.
void Readiness::look_at_pauses(store::Session& session) {
    try {
        std::string text;
        for (const store::Pause& pause : store::PauseTable(session).list())
            text += fmt::format("{}{} since {}{}", text.empty() ? "" : "; ",
                                pause.wiki.empty() ? "all wikis" : pause.wiki, pause.since,
                                pause.reason.empty() ? "" : " (" + pause.reason + ")");
        if (text.empty()) {
            if (health_.good(pauses_part))
                spdlog::info("no wiki is paused any more");
        } else if (health_.warning(pauses_part, text)) {
            spdlog::warn("paused: {}", text);
        }
    } catch (const std::exception&) { // look_at_database() says why
    }
}

/// Where imports of dumps keep what they collect.
void Readiness::look_at_disk() {
    if (settings_.imports.dump_folder.empty())
        return;
    std::error_code none;
    const std::filesystem::path folder = settings_.imports.work_folder.empty()
                                             ? std::filesystem::temp_directory_path(none)
                                             : settings_.imports.work_folder;
    struct statvfs disk {};
    std::string problem;
    if (::statvfs(folder.c_str(), &disk) != 0)
        problem = fmt::format("{}: {}", folder.string(), std::strerror(errno));
    else if (const std::uint64_t free = std::uint64_t{disk.f_bavail} * disk.f_frsize;
             free < least_free_bytes)
        problem =
            fmt::format("{} has {} MB left for imports of dumps", folder.string(), free >> 20U);
    if (problem.empty())
        health_.good("disk");
    else if (health_.warning("disk", problem))
        spdlog::warn("disk: {}", problem);
}

/// False when it is to go on where it ended: thousands of wikis, or some that do not answer, take
/// their time.
bool Readiness::look_at_sources(const std::stop_token& stop) {
    const auto end = std::chrono::steady_clock::now() + probe_time;
    for (; next_probe_ < settings_.wikis.size(); ++next_probe_) {
        if (stop.stop_requested() || std::chrono::steady_clock::now() >= end)
            return false;
        const config::WikiSettings& wiki = settings_.wikis[next_probe_];
        const std::string part = source_part(wiki.id);
        if (!health_.has(part) && probed_.contains(wiki.id))
            continue;
        const base::LogFields fields{{"wiki", wiki.id}};
        probed_.insert(wiki.id);
        const std::string problem = source::probe(wiki);
        if (problem.empty()) {
            if (health_.good(part))
                spdlog::info("wiki {}: the wiki answers again", wiki.id);
        } else if (health_.warning(part, problem)) {
            spdlog::warn("wiki {}: {}", wiki.id, problem);
        }
    }
    next_probe_ = 0;
    return true;
}

} // namespace runner::app
