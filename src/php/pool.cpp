// SPDX-License-Identifier: GPL-2.0-or-later
// Who asks takes an idle worker and talks with it in its own thread; the keeper starts workers that
// are missing, looks after the idle ones and waits for those that leave.
#include "php/pool.hpp"

#include "base/log_fields.hpp"
#include "base/work_permits.hpp"
#include "php/worker.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <random>
#include <utility>

namespace runner::php {

namespace {

constexpr unsigned attempts = 3; // each with another worker
constexpr std::chrono::milliseconds glance{250};
constexpr std::chrono::milliseconds brief_glance{20}; // while a thread waits
constexpr std::chrono::milliseconds patience{1'000};  // with starts that fail
constexpr std::chrono::milliseconds time_to_leave{2'000};

std::chrono::milliseconds jittered(std::chrono::milliseconds wait) {
    thread_local std::minstd_rand random{std::random_device{}()};
    return std::chrono::milliseconds{
        std::uniform_int_distribution<std::int64_t>(wait.count() / 2, wait.count())(random)};
}

} // namespace

Pool::Pool(PoolOptions options)
    : options_(std::move(options)), slots_(std::max(1U, options_.count)) {}

Pool::~Pool() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    freed_.notify_all();
    wanted_.notify_all();
    if (keeper_.joinable())
        keeper_.join();
}

std::string Pool::ask(std::string_view request, Urgency urgency) {
    const base::LogFields fields{{"wiki", options_.wiki}};
    const base::Waiting waiting; // this thread only talks
    std::string problem;
    for (unsigned attempt = 1; attempt <= attempts; ++attempt) {
        Slot& slot = take(urgency);
        try {
            std::string answer = ask_once(slot, request);
            give_back(slot);
            return answer;
        } catch (const WorkerBroken& error) {
            problem = error.what();
            discard(slot, problem, false);
        } catch (const WorkerLate& error) { // another one would take as long
            problem = error.what();
            discard(slot, problem, true);
            break;
        } catch (...) {
            discard(slot, "a bug", false);
            throw;
        }
    }
    const std::lock_guard lock(mutex_);
    ++counts_.failures;
    throw WorkersUnavailable(problem);
}

std::string Pool::ask_once(Slot& slot, std::string_view request) {
    if (!slot.greeted)
        greet(slot);
    return slot.worker->call(request, base::Deadline(options_.timeout));
}

void Pool::greet(Slot& slot) {
    std::string text = slot.worker->greeting(base::Deadline(options_.start_timeout));
    boost::system::error_code error;
    const auto value = boost::json::parse(text, error);
    const auto* object = error ? nullptr : value.if_object();
    const auto* worker = object == nullptr ? nullptr : object->if_contains("worker");
    if (worker == nullptr || *worker != "constraint-runner/1")
        throw WorkerBroken(options_.name + ": the command does not start a worker of this version");
    const std::lock_guard lock(mutex_);
    slot.greeted = true;
    greeting_ = std::move(text);
}

std::string Pool::greeting() {
    {
        const std::lock_guard lock(mutex_);
        if (!greeting_.empty())
            return greeting_;
    }
    (void)ask(R"({"service":"ping"})");
    const std::lock_guard lock(mutex_);
    return greeting_;
}

Pool::Slot* Pool::idle_slot() {
    const auto at = std::find_if(slots_.begin(), slots_.end(),
                                 [](const Slot& slot) { return slot.state == State::idle; });
    return at == slots_.end() ? nullptr : &*at;
}

/// Whether waiting makes sense: a worker is busy, or a start is due soon and not too many failed.
bool Pool::may_start(std::uint64_t failed_before) const {
    const bool tried = failed_starts_ - failed_before >= attempts;
    const auto soon = Clock::now() + patience;
    return std::any_of(slots_.begin(), slots_.end(), [&](const Slot& slot) {
        return slot.state != State::empty || (!tried && slot.next_start <= soon);
    });
}

Pool::Slot& Pool::take(Urgency urgency) {
    std::unique_lock lock(mutex_);
    if (!keeper_.joinable() && !stopping_) // of many wikis most are idle for long
        keeper_ = std::thread([this] { keep(); });
    const bool background = urgency == Urgency::background;
    const std::uint64_t failed_before = failed_starts_;
    std::size_t& waiting = background ? waiting_in_background_ : waiting_;
    ++waiting;
    wanted_.notify_all();
    Slot* found = nullptr;
    while (!stopping_) {
        if (!background || waiting_ == 0)
            found = idle_slot();
        if (found != nullptr || !may_start(failed_before))
            break;
        freed_.wait_for(lock, glance);
    }
    --waiting;
    if (found == nullptr) {
        ++counts_.failures;
        throw WorkersUnavailable(
            stopping_ ? options_.name + ": the workers are being stopped"
                      : fmt::format("{}: no worker could be started: {}", options_.name, problem_));
    }
    found->state = State::busy;
    ++counts_.requests;
    return *found;
}

void Pool::give_back(Slot& slot) {
    {
        const std::lock_guard lock(mutex_);
        slot.served = true;
        slot.failures = 0;
        slot.idle_since = Clock::now();
        const bool enough = slot.worker->requests() >= options_.max_requests ||
                            slot.worker->bytes() >= options_.max_bytes;
        slot.state = enough ? State::finished : State::idle;
        if (enough) {
            ++counts_.recycled;
            wanted_.notify_all();
        }
    }
    freed_.notify_all();
}

void Pool::discard(Slot& slot, const std::string& reason, bool late) {
    {
        const std::lock_guard lock(mutex_);
        problem_ = reason;
        ++(late ? counts_.killed : counts_.died);
        slot.state = State::finished;
        slot.stop_now = true;
        if (!slot.served) // never came so far: as a start that failed
            note_failed_start(slot);
    }
    spdlog::warn("{}", reason);
    wanted_.notify_all();
    freed_.notify_all();
}

void Pool::note_failed_start(Slot& slot) {
    ++failed_starts_;
    const auto pause =
        std::min(options_.backoff_max, options_.backoff * (1U << std::min(slot.failures, 16U)));
    ++slot.failures;
    slot.next_start = Clock::now() + jittered(pause);
}

void Pool::keep() {
    const base::LogFields fields{{"wiki", options_.wiki}};
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        look_after(lock);
        std::size_t ready = 0;
        for (const Slot& slot : slots_)
            ready += slot.state == State::idle ? 1 : 0;
        for (Slot& slot : slots_) {
            if (stopping_ || ready >= waiting_ + waiting_in_background_)
                break;
            if (slot.state == State::empty && slot.next_start <= Clock::now()) {
                start(slot, lock);
                ++ready;
            }
        }
        if (stopping_)
            break;
        const bool finished = std::any_of(slots_.begin(), slots_.end(), [](const Slot& slot) {
            return slot.state == State::finished;
        });
        const bool wanted = waiting_ + waiting_in_background_ > 0;
        const bool at_rest =
            leaving_.empty() && std::all_of(slots_.begin(), slots_.end(), [](const Slot& slot) {
                return slot.state == State::empty;
            });
        if (at_rest && !wanted)
            wanted_.wait(lock);
        else if (!finished)
            wanted_.wait_for(lock, wanted ? brief_glance : glance);
    }
    end_all(lock);
}

void Pool::start(Slot& slot, std::unique_lock<std::mutex>& lock) {
    slot.state = State::starting;
    const std::string name = fmt::format("{} {}", options_.name, ++next_number_);
    lock.unlock();
    std::unique_ptr<Worker> worker;
    std::string problem;
    try {
        worker = std::make_unique<Worker>(options_.command, name);
        spdlog::debug("{}: started, process {}", name, worker->process().id());
    } catch (const std::exception& error) {
        problem = error.what();
        spdlog::warn("{}: {}", name, problem);
    }
    lock.lock();
    slot.worker = std::move(worker);
    slot.greeted = slot.served = slot.stop_now = false;
    slot.idle_since = Clock::now();
    if (slot.worker != nullptr) {
        slot.state = State::idle;
        ++counts_.started;
    } else {
        slot.state = State::empty;
        problem_ = problem;
        note_failed_start(slot);
    }
    freed_.notify_all();
}

/// Finished workers leave, and none stays a zombie.
void Pool::look_after(std::unique_lock<std::mutex>& lock) {
    std::vector<std::unique_ptr<Worker>> to_kill;
    for (Slot& slot : slots_) {
        if (slot.state == State::idle) {
            slot.worker->read_errors();
            if (!slot.worker->process().running()) {
                slot.worker->read_errors(); // its last words
                const std::string how = slot.worker->process().how_it_ended();
                if (slot.served && how == "exit code 0") { // it thought that it had done enough
                    ++counts_.recycled;
                } else {
                    problem_ = fmt::format("{}: a worker ended, {}", options_.name, how);
                    spdlog::warn("{}", problem_);
                    ++counts_.died;
                }
                if (!slot.served)
                    note_failed_start(slot);
                slot.worker.reset();
                slot.state = State::empty;
            } else if (Clock::now() - slot.idle_since >= options_.idle) {
                spdlog::debug("{}: stopping an idle worker", options_.name);
                slot.state = State::finished; // and leaves with the next look
                ++counts_.recycled;
            }
        } else if (slot.state == State::finished) {
            if (slot.stop_now) {
                to_kill.push_back(std::move(slot.worker));
            } else {
                slot.worker->process().close_input();
                leaving_.push_back({std::move(slot.worker), Clock::now() + time_to_leave});
            }
            slot.state = State::empty;
        }
    }
    std::erase_if(leaving_, [&](Leaving& leaving) {
        leaving.worker->read_errors();
        if (leaving.worker->process().running() && Clock::now() < leaving.until)
            return false;
        to_kill.push_back(std::move(leaving.worker));
        return true;
    });
    if (!to_kill.empty()) {
        lock.unlock();
        to_kill.clear();
        lock.lock();
    }
}

/// The keeper's last action. Running requests are aborted, and no thread can take a worker any
/// more.
void Pool::end_all(std::unique_lock<std::mutex>& lock) {
    for (Slot& slot : slots_)
        if (slot.worker != nullptr)
            slot.worker->process().close_input();
    freed_.wait(lock, [&] { // their sockets are shut: soon
        return std::none_of(slots_.begin(), slots_.end(),
                            [](const Slot& slot) { return slot.state == State::busy; });
    });
    const base::Deadline deadline(time_to_leave);
    for (Slot& slot : slots_) {
        if (slot.worker != nullptr && !slot.stop_now)
            leaving_.push_back({std::move(slot.worker), deadline.at()});
        slot.worker.reset(); // of a worker that is late or broken: killed
    }
    for (Leaving& leaving : leaving_)
        (void)leaving.worker->process().wait_for(deadline.left());
    leaving_.clear(); // kills the remaining processes
}

PoolCounts Pool::counts() const {
    const std::lock_guard lock(mutex_);
    PoolCounts counts = counts_;
    for (const Slot& slot : slots_) {
        counts.alive += slot.worker != nullptr ? 1 : 0;
        counts.busy += slot.state == State::busy ? 1 : 0;
    }
    return counts;
}

std::shared_ptr<Pool> make_pool(const config::WikiSettings& wiki) {
    if (wiki.php_command.empty())
        return nullptr;
    PoolOptions options;
    options.name = "PHP worker of [wiki." + wiki.id + "]";
    options.wiki = wiki.id;
    options.command = wiki.php_command;
    options.count = wiki.php_workers;
    options.idle = wiki.php_idle;
    options.max_requests = wiki.php_requests;
    options.max_bytes = static_cast<std::uint64_t>(wiki.php_bytes);
    options.start_timeout = wiki.php_start_timeout;
    options.timeout = wiki.php_timeout;
    return std::make_shared<Pool>(std::move(options));
}

} // namespace runner::php
