// SPDX-License-Identifier: GPL-2.0-or-later
// See class_keeping.hpp.
#include "app/upkeep/class_keeping.hpp"

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/log_fields.hpp"
#include "store/results/class_changes.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace runner::app {

namespace {

constexpr std::size_t askers = 4;            // concurrent lookups of classes
constexpr std::size_t max_batch = 2'000;     // of one transaction
constexpr std::size_t max_waiting = 200'000; // while the database is away; some 30 MB
constexpr std::chrono::milliseconds gather_time{100};
constexpr std::chrono::milliseconds database_pause{500};
constexpr std::chrono::seconds flush_patience{5};
constexpr std::chrono::seconds look_again{2}; // for wikis whose settings were not known

} // namespace

struct ClassKeeping::Keeper final : facts::ClassKeeper {
    Keeper(ClassKeeping& k, std::string w) : keeping(k), wiki(std::move(w)) {}

    std::vector<results::KeptClass> find(std::span<const entity::EntityId> classes) override {
        return keeping.find(wiki, classes);
    }
    void keep(std::vector<results::ClassNode> classes) override {
        keeping.keep(wiki, std::move(classes));
    }
    void flush() override { keeping.flush(); }

    ClassKeeping& keeping;
    const std::string wiki;
};

ClassKeeping::ClassKeeping(store::DatabaseOptions database)
    : database_(std::move(database)), sessions_(database_, askers) {}

ClassKeeping::~ClassKeeping() { stop(); }

std::shared_ptr<facts::ClassKeeper> ClassKeeping::of(const std::string& wiki) {
    return std::make_shared<Keeper>(*this, wiki);
}

void ClassKeeping::start(Wikis& wikis) {
    if (!thread_.joinable()) // a start that failed half-way is retried
        thread_ = std::thread([this, &wikis] { run(wikis); });
    started_ = true;
}

void ClassKeeping::load() noexcept {
    {
        const std::lock_guard lock(mutex_);
        load_wanted_ = true;
    }
    changed_.notify_all();
}

void ClassKeeping::look_for_changes() noexcept {
    {
        const std::lock_guard lock(mutex_);
        look_wanted_ = true;
    }
    changed_.notify_all();
}

/// The transactions of changes do not end in the order of their ids: all of the last minute are
/// read, and those that were there before are left out.
void ClassKeeping::take_changes(store::Session& session, Wikis& wikis) {
    std::set<std::uint64_t> seen;
    try {
        for (const store::ClassChange& change : store::recent_class_changes(session)) {
            seen.insert(change.id);
            const auto wiki = wikis.find(change.wiki);
            if (wiki != wikis.end() && !seen_changes_.contains(change.id))
                wiki->second->entity_changed(change.entity, change.revision);
        }
        seen_changes_ = std::move(seen);
    } catch (const base::Error& error) {
        spdlog::debug("changed classes: {}", error.what()); // load() reconnects
    }
}

void ClassKeeping::stop() {
    started_ = false;
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable())
        thread_.join();
}

std::vector<results::KeptClass> ClassKeeping::find(const std::string& wiki,
                                                   std::span<const entity::EntityId> classes) {
    if (!started_)
        return {};
    const base::LogFields fields{{"wiki", wiki}};
    try {
        const auto session = sessions_.borrow();
        return store::ClassStore(*session).find(wiki, classes);
    } catch (const base::Error& error) {
        spdlog::debug("classes of {}: {}", wiki, error.what());
        return {};
    }
}

void ClassKeeping::flush() {
    std::unique_lock lock(mutex_);
    const std::uint64_t given = given_;
    if (kept_ >= given)
        return;
    urgent_ = true;
    changed_.notify_all();
    if (!changed_.wait_for(lock, flush_patience, [&] { return kept_ >= given || stopping_; }))
        throw base::UnavailableError("the class graph can't be stored");
}

void ClassKeeping::keep(const std::string& wiki, std::vector<results::ClassNode> classes) {
    const auto now = Clock::now();
    {
        const std::lock_guard lock(mutex_);
        if (!started_ || waiting_.size() + classes.size() > max_waiting)
            return;
        given_ += classes.size();
        for (results::ClassNode& node : classes)
            waiting_.push_back({{wiki, {std::move(node), {}}}, now});
    }
    changed_.notify_all();
}

/// Those in `unloaded_`; a wiki that has not said its settings yet stays there. False when the
/// database is away.
bool ClassKeeping::load_all(store::Session& session, Wikis& wikis) {
    for (const auto& [id, wiki] : wikis) {
        if (!unloaded_.contains(id) || wiki->settings_fingerprint().empty())
            continue;
        const base::LogFields fields{{"wiki", id}};
        const base::Stopwatch time;
        try {
            const std::size_t count = store::ClassStore(session).load(
                id, [&wiki = *wiki](std::span<const results::KeptClass> classes) {
                    wiki.take_classes(classes);
                });
            const auto size = wiki->class_graph_size();
            if (count > 0)
                spdlog::info("[wiki.{}] {} classes loaded in {} ms: {} with {} edges in {} kB", id,
                             count, time.elapsed().count() / 1000, size.classes, size.edges,
                             size.bytes / 1024);
        } catch (const base::UnavailableError&) {
            return false;
        } catch (const base::Error& error) {
            spdlog::error("the classes of [wiki.{}] can't be loaded: {}", id, error.what());
        }
        unloaded_.erase(id);
    }
    return true;
}

/// False when the database is away; else the batch is done with.
bool ClassKeeping::write(store::Session& session, std::vector<Waiting>& batch) {
    std::vector<store::ClassRow> rows;
    rows.reserve(batch.size());
    for (const Waiting& each : batch) {
        rows.push_back(each.row);
        rows.back().kept.age =
            std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - each.read);
    }
    try {
        store::ClassStore(session).keep(rows);
    } catch (const base::UnavailableError& error) {
        spdlog::debug("{} classes are not stored yet: {}", rows.size(), error.what());
        return false;
    } catch (const base::Error& error) {
        spdlog::error("{} classes can't be stored: {}", rows.size(), error.what());
    }
    return true;
}

void ClassKeeping::run(Wikis& wikis) {
    store::Session session(database_);
    std::vector<Waiting> batch;
    Clock::time_point next_load{};
    std::unique_lock lock(mutex_);
    for (;;) {
        const auto wanted = [&] {
            return stopping_ || load_wanted_ || look_wanted_ || !waiting_.empty();
        };
        if (unloaded_.empty())
            changed_.wait(lock, wanted);
        else
            changed_.wait_for(lock, look_again, wanted);
        const bool last = stopping_;
        const bool anew = std::exchange(load_wanted_, false);
        if (anew)
            for (const auto& [id, wiki] : wikis)
                unloaded_.insert(id);
        const bool load = !last && !unloaded_.empty() && (anew || Clock::now() >= next_load);
        if (load)
            next_load = Clock::now() + look_again;
        const bool look = std::exchange(look_wanted_, false) && !last;
        if (!load && !look && !last && waiting_.size() < max_batch) // more may come
            changed_.wait_for(lock, gather_time,
                              [&] { return stopping_ || load_wanted_ || urgent_; });
        urgent_ = false;
        const auto count = static_cast<std::ptrdiff_t>(std::min(waiting_.size(), max_batch));
        batch.assign(std::make_move_iterator(waiting_.begin()),
                     std::make_move_iterator(waiting_.begin() + count));
        waiting_.erase(waiting_.begin(), waiting_.begin() + count);
        lock.unlock();
        const bool written = batch.empty() || write(session, batch);
        const bool loaded = !load || load_all(session, wikis);
        if (look)
            take_changes(session, wikis);
        lock.lock();
        if (written) {
            kept_ += batch.size();
            changed_.notify_all();
        }
        if (last && (!written || waiting_.empty()))
            return;
        if (!written)
            waiting_.insert(waiting_.begin(), std::make_move_iterator(batch.begin()),
                            std::make_move_iterator(batch.end()));
        if (!written || !loaded)
            changed_.wait_for(lock, database_pause, [&] { return stopping_; });
    }
}

} // namespace runner::app
