// SPDX-License-Identifier: GPL-2.0-or-later
// See engine.hpp.
#include "imports/engine.hpp"

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/log_fields.hpp"
#include "imports/backoff.hpp"
#include "imports/error_text.hpp"
#include "store/common/database_error.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace runner::imports {

namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds turn_time{1'000};    // then another import has its turn
constexpr milliseconds edits_interval{200}; // between two looks at fresh edits
constexpr milliseconds database_pause{500}; // when PostgreSQL is away
constexpr milliseconds forget_interval{60'000};
constexpr std::chrono::seconds idle_time{30}; // importers are kept between turns
constexpr std::size_t most_idle = 16;

ChunkSize::Limits limits(const config::ImportSettings& settings) {
    ChunkSize::Limits limits;
    limits.most = settings.max_chunk;
    limits.first = std::min(limits.first, limits.most);
    limits.wanted = settings.chunk_time;
    return limits;
}

} // namespace

Engine::Engine(EngineOptions options, const config::Settings& settings,
               store::SessionPool& sessions)
    : options_(std::move(options)), settings_(settings), sessions_(sessions) {
    for (const config::WikiSettings& wiki : settings.wikis)
        wikis_.push_back(wiki.id);
    for (const ImportKind& kind : options_.kinds)
        kind_names_.emplace_back(kind.name);
    threads_.emplace_back([this] { beat(); });
    for (std::uint32_t i = 0; i < settings.imports.threads; ++i)
        threads_.emplace_back([this] { work(); });
}

Engine::~Engine() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        for (Importer* importer : running_)
            importer->interrupt();
    }
    changed_.notify_all();
    for (std::thread& thread : threads_)
        thread.join();
}

void Engine::wake() noexcept {
    {
        const std::lock_guard lock(mutex_);
        ++woken_;
    }
    changed_.notify_all();
}

EngineCounts Engine::counts() const noexcept {
    const std::lock_guard lock(mutex_);
    return {chunks_, failures_, things_, tokens_.size()};
}

/// False when the engine stops.
bool Engine::sleep(milliseconds time) {
    std::unique_lock lock(mutex_);
    return !changed_.wait_for(lock, time, [this] { return stopping_; });
}

void Engine::work() {
    store::Session session(options_.database);
    store::ImportStore store(session);
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        const std::uint64_t woken = woken_;
        lock.unlock();
        milliseconds wait = settings_.imports.poll_interval;
        try {
            if (auto lease =
                    store.lease(options_.worker, wikis_, kind_names_, settings_.imports.lease)) {
                turn(store, std::move(*lease));
                wait = milliseconds(0);
            }
        } catch (const base::UnavailableError& error) {
            spdlog::debug("imports: {}", error.what());
            wait = database_pause;
        } catch (const std::exception& error) {
            spdlog::error("imports: {}", error.what());
        }
        lock.lock();
        changed_.wait_for(lock, wait, [&] { return stopping_ || woken_ != woken; });
    }
}

/// Keeps the leases, and forgets what ended long ago.
void Engine::beat() {
    store::Session session(options_.database);
    store::ImportStore store(session);
    auto forget_at = Clock::now();
    while (sleep(settings_.imports.lease / 3)) {
        std::vector<std::uint64_t> held;
        {
            const std::lock_guard lock(mutex_);
            held.assign(tokens_.begin(), tokens_.end());
            std::erase_if(idle_, [](const auto& entry) {
                return entry.second.since + idle_time < Clock::now();
            });
        }
        try {
            store.heartbeat(held, settings_.imports.lease);
            if (Clock::now() < forget_at)
                continue;
            if (!store.forget(settings_.imports.keep))
                forget_at = Clock::now() + forget_interval;
        } catch (const base::UnavailableError& error) {
            spdlog::debug("imports: {}", error.what());
        } catch (const std::exception& error) {
            spdlog::error("imports: {}", error.what());
        }
    }
}

Engine::InWork Engine::take(store::ImportLease lease) {
    {
        const std::lock_guard lock(mutex_);
        if (auto idle = idle_.extract(lease.key.id))
            return {std::move(lease), std::move(idle.mapped().importer), idle.mapped().size,
                    idle.mapped().pulse};
    }
    const ChunkSize size(limits(settings_.imports), lease.chunk_size);
    return {std::move(lease), nullptr, size, {}};
}

void Engine::put_back(InWork in_work) {
    const std::lock_guard lock(mutex_);
    if (in_work.importer && idle_.size() < most_idle && !stopping_)
        idle_.insert_or_assign(in_work.lease.key.id, Idle{std::move(in_work.importer), in_work.size,
                                                          in_work.pulse, Clock::now()});
}

void Engine::turn(store::ImportStore& store, store::ImportLease lease) {
    const base::LogFields fields{{"wiki", lease.key.wiki}, {"import", lease.key.id}};
    const std::uint64_t token = lease.token;
    {
        const std::lock_guard lock(mutex_);
        tokens_.insert(token);
    }
    InWork in_work = take(std::move(lease));
    try {
        chunks(store, in_work);
    } catch (const std::exception& error) { // the database is away: the lease runs out
        spdlog::warn("import {}: {}", in_work.lease.key.id, error.what());
    }
    {
        const std::lock_guard lock(mutex_);
        tokens_.erase(token);
        running_.erase(in_work.importer.get());
    }
    put_back(std::move(in_work));
}

void Engine::chunks(store::ImportStore& store, InWork& in_work) {
    const config::ImportSettings& imports = settings_.imports;
    const Clock::time_point until = Clock::now() + turn_time;
    do {
        if (fresh_edits_wait(store)) {
            store.release(in_work.lease, edits_interval, "gives way to fresh edits");
            return;
        }
        const base::Stopwatch time;
        const std::uint64_t before = in_work.lease.done;
        try {
            require_room(store, in_work.lease);
            if (!one_chunk(store, in_work))
                return;
        } catch (const TooMuch& error) {
            ++failures_;
            const std::uint32_t size = in_work.size.size();
            if (!in_work.size.too_much()) {
                failed(store, in_work, "timeout", error.what(), false);
                return;
            }
            spdlog::info("import {}: {}; {} at once instead of {}", in_work.lease.key.id,
                         error.what(), in_work.size.size(), size);
            in_work.lease.chunk_size = in_work.size.size();
        } catch (const Hopeless& error) {
            failed(store, in_work, error.code, error.what(), true);
            return;
        } catch (const base::UnavailableError& error) {
            if (store::is_of_database(error))
                put_off(store, in_work, error.what());
            else
                failed(store, in_work, "unavailable", error.what(), false);
            return;
        } catch (const std::exception& error) {
            failed(store, in_work, "error", error.what(), false);
            return;
        }
        const std::uint64_t after = in_work.lease.done; // less when something vanished again
        const auto pause =
            Pace{imports.rate_limit}.pause(after > before ? after - before : 0, time.elapsed());
        if (pause > milliseconds(0)) {
            store.release(in_work.lease, pause, {});
            return;
        }
        const std::lock_guard lock(mutex_);
        if (stopping_)
            break;
    } while (Clock::now() < until);
    store.release(in_work.lease, milliseconds(0), {});
}

/// Of a category nobody knows before how many files it has. At most the chunks in work are above
/// the limit.
void Engine::require_room(store::ImportStore& store, const store::ImportLease& lease) const {
    const auto most = static_cast<std::uint64_t>(settings_.imports.max_files_of_client);
    if (most == 0 || lease.owner.empty() || (lease.kind != "category" && lease.kind != "files"))
        return;
    if (const std::uint64_t has = store.files_of(lease.owner); has > most)
        throw Hopeless("too_many_files",
                       fmt::format("the imports of this client have {} files together, and {} is "
                                   "the most (imports.max_files_of_client): delete the data of "
                                   "others, then retry",
                                   has, most));
}

/// False when there is no more to do in this turn: the import is over, or not ours any longer.
bool Engine::one_chunk(store::ImportStore& store, InWork& in_work) {
    store::ImportLease& lease = in_work.lease;
    if (!in_work.importer) {
        const auto kind =
            std::find_if(options_.kinds.begin(), options_.kinds.end(),
                         [&](const ImportKind& each) { return each.name == lease.kind; });
        const config::WikiSettings* wiki = settings_.find_wiki(lease.key.wiki);
        in_work.importer = kind->make(
            {settings_, *wiki, sessions_, options_.classes ? options_.classes(wiki->id) : nullptr},
            lease);
    }
    {
        const std::lock_guard lock(mutex_);
        if (stopping_)
            throw base::UnavailableError("the runner is stopping");
        running_.insert(in_work.importer.get());
    }
    const base::Stopwatch time;
    const std::uint32_t size = in_work.size.size();
    store::ImportStep step;
    Chunk chunk;
    if (lease.retrying) {
        const auto problems = store.to_retry(lease, size);
        if (problems.empty()) {
            chunk = in_work.importer->retried(lease);
        } else {
            chunk = in_work.importer->retry(lease, problems);
            chunk.last = false;
        }
        for (const store::ImportProblem& problem : problems)
            step.retried.push_back(problem.number);
    } else {
        chunk = in_work.importer->next(lease, size);
        lease.cursor = std::move(chunk.cursor);
    }
    for (const auto& [name, count] : chunk.counts)
        lease.counts[name] += count;
    if (chunk.details)
        lease.details = std::move(*chunk.details);
    if (chunk.total)
        lease.total = chunk.total;
    step.rows = chunk.rows.get();
    step.done = chunk.done;
    step.done_is = std::move(chunk.done_is);
    step.looked_at = std::move(chunk.looked_at);
    step.problems = std::move(chunk.problems);
    step.current = std::move(chunk.current);
    step.complete = chunk.last;
    if (chunk.sized) {
        in_work.size.took(time.elapsed());
        lease.chunk_size = in_work.size.size();
    }
    lease.rate = in_work.pulse.rate(lease.rate, step.done + step.problems.size(), time.elapsed(),
                                    Clock::now());
    const std::size_t problems = step.problems.size();
    if (!store.save(lease, step)) {
        spdlog::info("import {}: paused, cancelled or taken over", lease.key.id);
        return false;
    }
    {
        const std::lock_guard lock(mutex_);
        put_off_.erase(lease.key.id);
    }
    ++chunks_;
    things_ += step.done;
    spdlog::debug("import {}: {} done, {} problems in {} ms", lease.key.id, step.done, problems,
                  time.elapsed().count() / 1000);
    if (chunk.last)
        spdlog::info("import {} is complete: {}", lease.key.id, lease.subject);
    return !chunk.last;
}

/// The database is the reason: the import waits and is not to blame, however often that happens.
void Engine::put_off(store::ImportStore& store, InWork& in_work, const std::string& reason) {
    std::uint32_t times = 0;
    {
        const std::lock_guard lock(mutex_);
        running_.erase(in_work.importer.get());
        times = ++put_off_[in_work.lease.key.id];
    }
    in_work.importer.reset(); // it may have gone on beyond what was saved
    ++failures_;
    spdlog::info("import {} waits for the database: {}", in_work.lease.key.id, reason);
    store.fail(in_work.lease, "database", reason, backoff(settings_.imports, times), false);
}

void Engine::failed(store::ImportStore& store, InWork& in_work, std::string_view code,
                    const std::string& reason, bool hopeless) {
    const bool said_by_importer = hopeless; // in its words there are titles and no folders
    {
        const std::lock_guard lock(mutex_);
        running_.erase(in_work.importer.get());
        if (stopping_) { // it was interrupted: nobody's fault
            in_work.importer.reset();
            hopeless = false;
        }
    }
    in_work.importer.reset(); // with its connections
    const bool stopping = !sleep(milliseconds(0));
    if (stopping) {
        store.release(in_work.lease, milliseconds(0), {});
        return;
    }
    ++failures_;
    const std::uint32_t attempts = in_work.lease.attempts + 1;
    hopeless = hopeless || attempts >= settings_.imports.max_attempts;
    if (hopeless)
        spdlog::warn("import {} failed: {}", in_work.lease.key.id, reason);
    else
        spdlog::info("import {}: attempt {}: {}", in_work.lease.key.id, attempts, reason);
    std::optional<milliseconds> pause;
    if (!hopeless)
        pause = backoff(settings_.imports, attempts);
    // the log has the whole of it; the status has no folders of this machine
    store.fail(in_work.lease, code, said_by_importer ? reason : without_folders(reason), pause);
}

bool Engine::fresh_edits_wait(store::ImportStore& store) {
    const std::uint32_t most = settings_.imports.give_way_above;
    {
        const std::lock_guard lock(mutex_);
        if (Clock::now() < look_at_edits_)
            return edits_wait_;
        look_at_edits_ = Clock::now() + edits_interval;
    }
    const bool wait = store.fresh_edits(wikis_, most + 1) > most;
    const std::lock_guard lock(mutex_);
    edits_wait_ = wait;
    return wait;
}

} // namespace runner::imports
