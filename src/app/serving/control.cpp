// SPDX-License-Identifier: GPL-2.0-or-later
// See control.hpp.
#include "app/serving/control.hpp"

#include "app/serving/ask_database.hpp"
#include "base/log_fields.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <csignal>
#include <initializer_list>
#include <optional>
#include <unistd.h>
#include <utility>

namespace runner::app {

namespace {

constexpr std::uint32_t reprioritised_at_once = 10'000; // a transaction of a second or less

std::string jobs_of(const std::string& wiki) {
    return wiki.empty() ? "the jobs of all wikis" : "the jobs of " + wiki;
}

void say_of(const std::string& wiki, const std::string& text) {
    std::optional<base::LogFields> fields;
    if (!wiki.empty())
        fields.emplace(std::initializer_list<base::LogField>{{"wiki", wiki}});
    spdlog::info("{}", text);
}

std::exception_ptr stopping() {
    return std::make_exception_ptr(api::ApiError{503, "stopping", "the runner stops", {}, 5});
}

} // namespace

void Control::pause(std::string wiki, std::string reason,
                    api::Reply<std::vector<store::Pause>> reply) {
    require_open_();
    ask_database<std::vector<store::Pause>>(
        pool_, sessions_, std::move(reply),
        [wiki = std::move(wiki), reason = std::move(reason)](store::Session& session) {
            store::PauseTable table(session);
            table.pause(wiki, reason);
            say_of(wiki, fmt::format("{} are paused on request{}{}", jobs_of(wiki),
                                     reason.empty() ? "" : ": ", reason));
            return table.list();
        });
}

void Control::resume(std::string wiki, api::Reply<std::vector<store::Pause>> reply) {
    require_open_();
    ask_database<std::vector<store::Pause>>(
        pool_, sessions_, std::move(reply), [wiki = std::move(wiki)](store::Session& session) {
            store::PauseTable table(session);
            if (table.resume(wiki))
                say_of(wiki, jobs_of(wiki) + " go on, on request");
            return table.list();
        });
}

void Control::reprioritise(store::NewPriority wanted, api::Reply<std::uint64_t> reply) {
    require_open_();
    ask_database<std::uint64_t>(
        pool_, sessions_, std::move(reply), [wanted = std::move(wanted)](store::Session& session) {
            store::JobTable table(session);
            std::uint64_t all = 0;
            for (std::uint64_t some = reprioritised_at_once; some == reprioritised_at_once;) {
                some = table.reprioritise(wanted, reprioritised_at_once);
                all += some;
            }
            say_of(wanted.wiki, fmt::format("{} jobs of {} have the priority {} on request", all,
                                            wanted.wiki, wanted.priority));
            return all;
        });
}

void Control::reload(api::Reply<api::Reloaded> reply) {
    std::unique_lock lock(mutex_);
    if (over_) {
        lock.unlock();
        reply({}, stopping());
        return;
    }
    want_reload_.push_back(std::move(reply));
    lock.unlock();
    ::kill(::getpid(), SIGHUP);
}

void Control::drain(api::Reply<bool> reply) {
    std::unique_lock lock(mutex_);
    if (over_) {
        lock.unlock();
        reply({}, stopping());
        return;
    }
    want_drain_.push_back(std::move(reply));
    const bool begun = want_drain_.size() > 1;
    lock.unlock();
    if (begun) // a second signal would end the process at once
        return;
    spdlog::info("asked to drain");
    ::kill(::getpid(), SIGTERM);
}

config::ReloadReport Control::reload_for_all(const std::function<config::ReloadReport()>& reload) {
    std::vector<api::Reply<api::Reloaded>> asked; // who asks later has a signal of its own
    {
        const std::lock_guard lock(mutex_);
        asked.swap(want_reload_);
    }
    try {
        config::ReloadReport report = reload();
        api::Reloaded done{report.applied, report.need_restart, {}};
        for (const config::WikiSettings& wiki : report.added)
            done.added.push_back(wiki.id);
        for (const auto& reply : asked)
            reply(done, nullptr);
        return report;
    } catch (const std::exception& error) {
        const auto said = std::make_exception_ptr(
            api::ApiError{422, "not_reloaded", fmt::format("not reloaded: {}", error.what()), {}});
        for (const auto& reply : asked)
            reply({}, said);
        throw;
    }
}

void Control::drained(bool finished) {
    std::vector<api::Reply<bool>> asked;
    std::vector<api::Reply<api::Reloaded>> too_late; // their signal is the next Daemon's
    {
        const std::lock_guard lock(mutex_);
        over_ = true;
        asked.swap(want_drain_);
        too_late.swap(want_reload_);
    }
    for (const auto& reply : asked)
        reply(finished, nullptr);
    for (const auto& reply : too_late)
        reply({}, stopping());
}

} // namespace runner::app
