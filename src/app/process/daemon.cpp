// SPDX-License-Identifier: GPL-2.0-or-later
#include "app/process/daemon.hpp"

#include "api/dump_handlers.hpp"
#include "api/event_handlers.hpp"
#include "api/handlers.hpp"
#include "api/import_handlers.hpp"
#include "api/server.hpp"
#include "app/line/check_job.hpp"
#include "app/line/kept_source.hpp"
#include "app/line/stored_values.hpp"
#include "app/process/memory.hpp"
#include "app/process/options.hpp"
#include "app/process/parts.hpp"
#include "app/process/process.hpp"
#include "app/process/signals.hpp"
#include "app/process/state_log.hpp"
#include "app/process/wiki_counts.hpp"
#include "app/proof/verifier.hpp"
#include "app/serving/backend.hpp"
#include "app/serving/check_service.hpp"
#include "app/serving/control.hpp"
#include "app/serving/dumps.hpp"
#include "app/serving/events.hpp"
#include "app/serving/imports.hpp"
#include "app/serving/listening.hpp"
#include "app/serving/wiki_removal.hpp"
#include "app/upkeep/class_keeping.hpp"
#include "app/upkeep/constraint_watch.hpp"
#include "app/upkeep/follow_changes.hpp"
#include "app/upkeep/presence.hpp"
#include "app/upkeep/readiness.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/log.hpp"
#include "base/log_fields.hpp"
#include "build_options.hpp"
#include "config/fingerprint.hpp"
#include "ops/systemd.hpp"
#include "publish/watcher.hpp"
#include "source/ask_settings.hpp"
#include "store/common/migrations.hpp"
#include "store/common/requirements.hpp"
#include "store/results/change_store.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <future>
#include <map>
#include <optional>
#include <stop_token>
#include <thread>
#include <unistd.h>
#include <utility>

namespace runner::app {

namespace {

using std::chrono::milliseconds;

constexpr unsigned ask_threads = 4; // for the handlers' questions to the database
constexpr milliseconds tick{200};
constexpr std::chrono::seconds loop_patience{60};
constexpr std::chrono::seconds look_interval{2};

class Daemon {
public:
    /// Serves the sockets of `listeners`, and closes them at the end of the process.
    Daemon(DaemonOptions options, std::vector<api::Listener>& listeners)
        : settings_(std::move(options.settings)), sources_(std::move(options.sources)),
          listeners_(listeners), max_files_(raise_open_files()),
          database_(database_options(settings_)),
          worker_sessions_(database_, worker_threads(settings_)), classes_(database_),
          documents_(static_cast<std::size_t>(settings_.workers.document_cache_bytes)),
          sessions_(database_, ask_threads), pool_(ask_threads, "api") {
        list_parts();
        if (wikis_.empty())
            spdlog::warn("no [wiki.ID] is configured: no job can be accepted");
    }

    ~Daemon() { parts_.stop(); }
    Daemon(const Daemon&) = delete;
    Daemon& operator=(const Daemon&) = delete;

    /// The exit code; empty when wikis were added and all is to be made again.
    std::optional<int> run();
    [[nodiscard]] const config::Settings& settings() const noexcept { return settings_; }
    [[nodiscard]] config::Settings settings_with_new_wikis() const {
        return config::with_wikis(settings_, new_wikis_);
    }

private:
    void list_parts();
    [[nodiscard]] std::map<std::string, std::shared_ptr<php::Pool>> make_workers() const;
    [[nodiscard]] Wikis make_wikis();
    [[nodiscard]] std::shared_ptr<php::Pool> workers_of(const std::string& wiki) const;
    void keep_settings(const config::WikiSettings& wiki, bool other_classes);
    void tell_of_wiki(const std::string& wiki, const std::string& problem);
    void start_network();
    void start_when_database_answers();
    void prepare_schema();
    void check_settings();
    [[nodiscard]] std::unique_ptr<CheckJobs> make_jobs();
    [[nodiscard]] std::unique_ptr<FollowChanges> make_follow_changes() const;
    [[nodiscard]] std::unique_ptr<publish::Watcher> make_watcher();
    [[nodiscard]] std::unique_ptr<api::Server> make_server();
    /// True when there are new wikis.
    [[nodiscard]] bool reload();
    void apply_settings();
    [[nodiscard]] bool alive();
    int drain();
    enum class Finish : unsigned char { all, not_all, end_wanted };
    [[nodiscard]] Finish finish_work(bool for_good);
    [[nodiscard]] std::optional<int> make_room();
    void wake_jobs();

    const base::SteadyClock::time_point started_ = base::SteadyClock::now();
    config::Settings settings_;
    std::vector<config::WikiSettings> new_wikis_; ///< of a reload
    config::Sources sources_;
    std::vector<api::Listener>& listeners_;
    const Signals signals_;
    const std::size_t max_files_;
    const store::DatabaseOptions database_;
    const std::string worker_name_ = worker_name();
    ops::Health health_;
    ops::Metrics metrics_;
    const std::shared_ptr<checks::CheckTimes> check_times_ = std::make_shared<checks::CheckTimes>();
    store::SessionPool worker_sessions_;
    ClassKeeping classes_;
    const std::map<std::string, std::shared_ptr<php::Pool>> workers_ = make_workers();
    std::vector<std::shared_ptr<Verifier>> verifiers_; ///< of wikis that have one
    Wikis wikis_ = make_wikis();
    queue::DocumentCache documents_;
    store::SessionPool sessions_;
    api::HandlerLimits handler_limits_;
    api::Router router_{
        [this](std::string_view route, unsigned status, std::chrono::nanoseconds took) {
            metrics_.http_request(route, status, took);
        }};

    // the parts: see list_parts()
    Parts parts_;
    base::ThreadPool pool_;
    queue::Acceptor acceptor_{acceptor_options(settings_, database_), documents_,
                              [this] { wake_jobs(); }};
    CheckService checks_{
        wikis_, database_,
        [this](std::vector<store::NewJob> jobs, api::Reply<store::Accepted> reply) {
            acceptor_.submit(std::move(jobs), std::move(reply));
        }};
    Imports imports_{{settings_, sessions_, pool_, database_, worker_name_, classes_}};
    Events events_{{settings_, sessions_, pool_, database_}};
    Dumps dumps_{wikis_, database_};
    WikiRemoval wiki_removal_{sessions_, pool_};
    DaemonBackend backend_{{wikis_, sessions_, pool_, acceptor_, checks_, health_, metrics_},
                           [this](ops::Snapshot& snapshot) { parts_.report(snapshot); }};
    Control control_{sessions_, pool_, [this] { backend_.require_open(); }};
    Late<FollowChanges> follow_changes_{[this] { return make_follow_changes(); }};
    Late<Presence> presence_{[this] {
        return std::make_unique<Presence>(database_, worker_name_, health_,
                                          [this] { wake_jobs(); });
    }};
    Late<Readiness> readiness_{[this] {
        return std::make_unique<Readiness>(settings_, database_, worker_name_, health_);
    }};
    Late<CheckJobs> jobs_{[this] { return make_jobs(); }};
    Late<publish::Watcher> watcher_{[this] { return make_watcher(); }};
    Late<api::Server> server_{[this] { return make_server(); }};
    std::thread starter_;
    std::stop_source give_up_start_;
    std::promise<void> first_attempt_;
    std::atomic<bool> start_failed_{false};
    std::exception_ptr start_error_;
};

/// In the order of starting, and in reverse of stopping: users after what they use.
void Daemon::list_parts() {
    parts_.add(pool_);
    parts_.add({.stop = [this] { acceptor_.stop(); },
                .report =
                    [this](ops::Snapshot& snapshot) {
                        const auto status = acceptor_.status();
                        snapshot.accept_transactions = status.transactions;
                        snapshot.jobs_refused = status.refused;
                        snapshot.document_cache_bytes = documents_.bytes();
                    }});
    parts_.add(checks_);
    parts_.add({.report = [this](ops::Snapshot& snapshot) {
        count_wikis(wikis_, snapshot);
        count_workers(workers_, snapshot);
        count_checks(*check_times_, snapshot);
    }});
    for (const auto& verifier : verifiers_)
        parts_.add(*verifier);
    parts_.add(follow_changes_); // outlives the jobs, which wake it
    parts_.add({.start = [this] { classes_.start(wikis_); }, .stop = [this] { classes_.stop(); }});
    parts_.add(events_);
    parts_.add(dumps_);
    parts_.add(presence_); // before all that holds leases, and as long
    parts_.add(readiness_);
    parts_.add(imports_);
    parts_.add(jobs_);
    parts_.add(watcher_);
    parts_.add(server_); // by start_network(), before the database answers
    parts_.add({.stop =
                    [this] {
                        give_up_start_.request_stop();
                        if (starter_.joinable())
                            starter_.join();
                    },
                .report =
                    [this](ops::Snapshot& snapshot) {
                        const auto server = server_.get();
                        if (server == nullptr)
                            return;
                        const api::ServerCounts counts = server->counts();
                        snapshot.connections = counts.connections;
                        snapshot.connections_refused = counts.refused;
                        snapshot.request_timeouts = counts.timeouts;
                    }});
}

std::map<std::string, std::shared_ptr<php::Pool>> Daemon::make_workers() const {
    std::map<std::string, std::shared_ptr<php::Pool>> out;
    for (const config::WikiSettings& wiki : settings_.wikis)
        if (auto workers = php::make_pool(wiki))
            out.emplace(wiki.id, std::move(workers));
    return out;
}

Wikis Daemon::make_wikis() {
    Wikis out;
    for (const config::WikiSettings& wiki : settings_.wikis) {
        WikiParts parts;
        parts.classes = classes_.of(wiki.id);
        parts.workers = workers_of(wiki.id);
        parts.check_times = check_times_;
        if (wiki.distinct_values)
            parts.values = std::make_shared<StoredValues>(wiki.id, worker_sessions_);
        if (!wiki.properties.empty()) {
            parts.other =
                std::make_shared<const config::WikiSettings>(*settings_.find_wiki(wiki.properties));
            parts.other_workers = workers_of(wiki.properties);
        }
        parts.has_settings = [this](const config::WikiSettings& settings, bool other_classes) {
            keep_settings(settings, other_classes);
        };
        parts.problem = [this, id = wiki.id](const std::string& problem) {
            tell_of_wiki(id, problem);
        };
        if (wiki.source == config::SourceKind::none && wiki.properties.empty())
            parts.kept = std::make_shared<KeptSource>(wiki.id, worker_sessions_);
        if (wiki.verify_sample > 0) {
            parts.verifier = std::make_shared<Verifier>(
                VerifierOptions{wiki.id, wiki.verify_sample, wiki.verify_keep}, parts.workers,
                database_, metrics_);
            verifiers_.push_back(parts.verifier);
        }
        out.emplace(wiki.id, make_wiki(wiki, settings_.workers, std::move(parts)));
    }
    return out;
}

std::shared_ptr<php::Pool> Daemon::workers_of(const std::string& wiki) const {
    const auto at = workers_.find(wiki);
    return at == workers_.end() ? nullptr : at->second;
}

/// With other settings than before all entities of the wiki are checked again.
void Daemon::keep_settings(const config::WikiSettings& wiki, bool other_classes) {
    const auto session = worker_sessions_.borrow();
    store::ChangeStore(*session).check_settings(wiki.id, config::fingerprint(wiki), wiki.class_age,
                                                other_classes);
}

void Daemon::tell_of_wiki(const std::string& wiki, const std::string& problem) {
    const base::LogFields fields{{"wiki", wiki}};
    const std::string part = "settings of wiki " + wiki;
    if (problem.empty())
        health_.good(part);
    else if (health_.warning(part, "its jobs wait: " + problem))
        spdlog::error("[wiki.{}] its jobs wait: {}", wiki, problem);
}

std::unique_ptr<api::Server> Daemon::make_server() {
    std::vector<api::Listener> sockets;
    for (const api::Listener& socket : listeners_)
        sockets.push_back(socket.duplicate());
    return std::make_unique<api::Server>(
        std::move(sockets), server_limits(settings_.server, max_files_), access_rules(settings_),
        [this](api::Request&& request, api::Responder respond) {
            router_.handle(std::move(request), std::move(respond));
        });
}

/// Listening comes first: an early request is answered with why nothing works yet.
void Daemon::start_network() {
    handler_limits_.max_jobs = settings_.server.max_jobs_per_request;
    api::add_routes(router_, backend_, handler_limits_);
    api::add_import_routes(router_, imports_);
    api::add_event_routes(router_, events_);
    api::add_dump_routes(router_, backend_, dumps_);
    api::add_wiki_routes(router_, wiki_removal_);
    api::add_control_routes(router_, backend_, control_);
    health_.problem("database", "not connected yet");
    note_unreadable_files(settings_, health_);
    server_.start();
    std::vector<std::string> names;
    for (const api::Listener& socket : listeners_)
        names.push_back(socket.name());
    spdlog::info("constraint-runner {} listens on {}", VERSION, fmt::join(names, " and "));
    warn_of_missing_api(settings_);
}

/// Until the schema is right nothing is taken and nothing is done. A wrong one ends the process.
void Daemon::start_when_database_answers() {
    bool told = false;
    while (!give_up_start_.stop_requested()) {
        try {
            prepare_schema();
            check_settings();
            parts_.start();
            health_.good("database");
            backend_.open();
            if (!told)
                first_attempt_.set_value();
            return;
        } catch (const store::UnfitError&) { // someone has to change it
            start_error_ = std::current_exception();
            start_failed_ = true;
        } catch (const base::UnavailableError& error) {
            if (health_.problem("database", error.what()))
                spdlog::warn("database: {}", error.what());
        } catch (...) {
            start_error_ = std::current_exception();
            start_failed_ = true;
        }
        if (!std::exchange(told, true))
            first_attempt_.set_value();
        if (start_failed_)
            return;
        for (int i = 0; i < 5 && !give_up_start_.stop_requested(); ++i)
            std::this_thread::sleep_for(milliseconds(100));
    }
}

void Daemon::prepare_schema() {
    store::Session session(database_);
    if (settings_.database.migrate_at_start) {
        const store::MigrateReport report = store::migrate(session);
        for (const std::string& name : report.applied)
            spdlog::info("applied migration {}", name);
    }
    store::require_schema_and_rights(session);
    spdlog::info("PostgreSQL {}, schema version {}", session.server_version(),
                 store::schema_version(session));
}

/// Before the first job: with other settings than before all entities of a wiki are checked again.
void Daemon::check_settings() {
    store::Session session(database_);
    store::ChangeStore changes(session);
    for (const config::WikiSettings& wiki : settings_.wikis)
        if (!source::can_ask_settings(wiki)) // else when it has answered
            changes.check_settings(wiki.id, wikis_.at(wiki.id)->settings_fingerprint(),
                                   wiki.asks_wiki() ? wiki.class_age : milliseconds(0));
}

std::unique_ptr<CheckJobs> Daemon::make_jobs() {
    CheckJobsOptions options = check_jobs_options(settings_, database_, worker_name_);
    options.flush_classes = [this] { classes_.flush(); };
    return std::make_unique<CheckJobs>(options, wikis_, documents_, health_, metrics_,
                                       [this](const JobEnd& end) {
                                           if (const auto follow = follow_changes_.get())
                                               follow->wake();
                                           checks_.ended(end);
                                       });
}

std::unique_ptr<FollowChanges> Daemon::make_follow_changes() const {
    std::vector<store::FollowedWiki> wikis;
    for (const config::WikiSettings& wiki : settings_.wikis)
        wikis.push_back({wiki.id, wikis_.at(wiki.id)->has_source(), wiki.recheck_dependents});
    return std::make_unique<FollowChanges>(
        database_, std::move(wikis), static_cast<std::uint64_t>(settings_.queue.max_length) / 2);
}

std::unique_ptr<publish::Watcher> Daemon::make_watcher() {
    publish::Watcher::Handlers handlers;
    handlers.jobs_ready = [this] { wake_jobs(); };
    handlers.results_changed = [this] {
        events_.wake();
        imports_.ended();
        checks_.results_changed();
        classes_.look_for_changes();
    };
    handlers.available = [this](bool there) {
        if (there) {
            health_.good("database");
            classes_.load(); // from now on changes are received
        } else {
            health_.problem("database", "the connection is lost; trying again");
        }
    };
    return std::make_unique<publish::Watcher>(database_, std::move(handlers));
}

void Daemon::wake_jobs() {
    if (const auto jobs = jobs_.get())
        jobs->wake();
}

std::optional<int> Daemon::run() {
    start_network();
    starter_ = std::thread([this] { start_when_database_answers(); });
    // ready means listening; but a wrong schema should show as a failed start
    first_attempt_.get_future().wait_for(settings_.database.connect_timeout);
    if (!start_failed_)
        ops::notify_ready("serving");

    const auto watchdog = ops::watchdog_interval() / 2;
    auto next_ping = base::SteadyClock::now();
    auto next_look = next_ping;
    for (;;) {
        if (start_failed_)
            std::rethrow_exception(start_error_);
        const int signal = signals_.wait(tick);
        if (signal == SIGHUP) {
            if (reload())
                return make_room();
        } else if (signal == SIGUSR1) {
            log_state({started_, health_, metrics_, *server_.get(), checks_, acceptor_, imports_,
                       jobs_.get()});
        } else if (signal != 0) {
            spdlog::info("signal {}: finishing jobs in flight", signal);
            return drain();
        }
        const auto now = base::SteadyClock::now();
        if (now >= next_look) {
            look_for_constraints(wikis_, health_);
            next_look = now + look_interval;
        }
        if (watchdog.count() > 0 && now >= next_ping && alive()) {
            ops::notify_watchdog();
            next_ping = now + watchdog;
        }
    }
}

bool Daemon::alive() {
    const auto since = base::SteadyClock::now() - loop_patience;
    const auto jobs = jobs_.get();
    const bool good = server_.get()->last_alive() > since &&
                      (!jobs || jobs->last_alive() > since - settings_.database.statement_timeout);
    if (good)
        health_.good("watchdog");
    else if (health_.problem("watchdog", "a worker loop is stuck"))
        spdlog::critical("a worker loop is stuck: withholding systemd's watchdog ping");
    return good;
}

bool Daemon::reload() {
    ops::notify_reloading();
    try {
        config::ReloadReport report = control_.reload_for_all([this] {
            config::ReloadReport changes = config::reload(sources_, settings_);
            apply_settings();
            return changes;
        });
        const std::string applied = fmt::format("{}", fmt::join(report.applied, ", "));
        spdlog::info("reloaded: {}", applied.empty() ? "no changes" : applied);
        if (!report.need_restart.empty())
            spdlog::warn("only a restart takes over {}", fmt::join(report.need_restart, ", "));
        new_wikis_ = std::move(report.added);
        if (!new_wikis_.empty())
            return true; // ready when they are there
    } catch (const base::Error& error) {
        spdlog::error("not reloaded: {}", error.what());
    }
    ops::notify_ready("serving");
    return false;
}

/// Everything that the settings table marks as reloadable.
void Daemon::apply_settings() {
    base::set_log_level(settings_.log.level);
    const auto server = server_.get();
    server->set_limits(server_limits(settings_.server, max_files_));
    server->set_access(access_rules(settings_));
    handler_limits_.max_jobs = settings_.server.max_jobs_per_request;
    acceptor_.set_max_length(static_cast<std::uint64_t>(settings_.queue.max_length));
    if (const auto jobs = jobs_.get())
        jobs->set_tuning(check_jobs_tuning(settings_.queue));
}

/// New wikis affect nearly every part: jobs in flight are finished, and all parts recreated in
/// this process. The sockets stay: new connections wait for a moment. The exit code when a signal
/// to end came meanwhile.
std::optional<int> Daemon::make_room() {
    std::string names;
    for (const config::WikiSettings& wiki : new_wikis_)
        names += (names.empty() ? "" : ", ") + wiki.id;
    spdlog::info("new wikis: {}; finishing jobs in flight", names);
    health_.problem("draining", "new wikis are being added");
    const Finish finish = finish_work(false);
    if (finish == Finish::not_all)
        spdlog::warn("waiting for the rest");
    auto stopped = std::async(std::launch::async, [this] { parts_.stop(); });
    while (stopped.wait_for(tick) != std::future_status::ready)
        ops::notify_watchdog(); // a source may take its time
    stopped.get();
    return finish == Finish::end_wanted ? std::optional(0) : std::nullopt;
}

/// No new requests; requests and jobs in flight are finished, or given back after the timeout.
int Daemon::drain() {
    ops::notify_stopping("finishing jobs in flight");
    health_.problem("draining", "the runner is stopping");
    listeners_.clear(); // new connections are refused
    if (finish_work(true) != Finish::all)
        std::_Exit(static_cast<int>(base::ExitCode::temp_fail)); // a worker may hang in a source
    parts_.stop();
    spdlog::info("stopped");
    return 0;
}

/// Jobs that are not finished in time are given back. `for_good`: a second signal ends the process.
Daemon::Finish Daemon::finish_work(bool for_good) {
    Finish finish = Finish::all;
    bool hangup = false;
    give_up_start_.request_stop();
    const auto server = server_.get();
    server->drain(for_good);
    events_.drain();
    dumps_.drain();
    checks_.drain();
    const auto jobs = jobs_.get();
    auto drained = std::async(std::launch::async, [this, jobs, server] {
        const base::Deadline deadline(settings_.server.drain_timeout);
        imports_.stop(); // chunk by chunk: nothing is lost
        const bool jobs_done = !jobs || jobs->drain(deadline.left());
        control_.drained(jobs_done);
        return server->wait_drained(deadline.left()) && jobs_done;
    });
    while (drained.wait_for(milliseconds(0)) != std::future_status::ready) {
        const int signal = signals_.wait(milliseconds(50));
        ops::notify_watchdog();
        hangup = hangup || signal == SIGHUP;
        if (signal != SIGTERM && signal != SIGINT)
            continue;
        if (for_good) {
            spdlog::warn("second signal: exiting immediately; leases will expire");
            std::_Exit(static_cast<int>(base::ExitCode::temp_fail));
        }
        finish = Finish::end_wanted;
    }
    if (hangup && !for_good)
        ::kill(::getpid(), SIGHUP); // for the next Daemon
    if (!drained.get()) {
        spdlog::warn("not finished within {} ms; the rest is given back",
                     settings_.server.drain_timeout.count());
        if (jobs)
            jobs->give_back();
        return finish == Finish::all ? Finish::not_all : finish;
    }
    return finish;
}

} // namespace

int run_daemon(DaemonOptions options) {
    refuse_root(options.settings.server);
    tune_memory(worker_threads(options.settings));
    auto sockets = listeners(options.settings);
    std::optional<config::Settings> before; // wikis were added to these
    for (;;) {
        std::unique_ptr<Daemon> daemon;
        try {
            daemon = std::make_unique<Daemon>(options, sockets);
        } catch (const base::Error& error) {
            if (!before)
                throw;
            spdlog::error("the new wikis are not added: {}", error.what());
            options.settings = *std::exchange(before, std::nullopt);
            continue;
        }
        if (const auto code = daemon->run())
            return *code;
        before = daemon->settings();
        options.settings = daemon->settings_with_new_wikis();
    }
}

} // namespace runner::app
