// SPDX-License-Identifier: GPL-2.0-or-later
// Which titles exist on another wiki (Wikimedia Commons): answers are kept within bounds, what is
// not known is asked in batches that several threads fill together, never more often than allowed.
// While the wiki does not answer it is left alone for a growing time.
#pragma once

#include "config/wiki_settings.hpp"
#include "source/title_source.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <list>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace runner::facts {

struct TitleCacheOptions {
    std::size_t capacity = 100'000;                  ///< titles
    std::chrono::milliseconds found_age{86'400'000}; ///< how long "exists" holds
    std::chrono::milliseconds missing_age{600'000};  ///< how long "missing" holds
    std::uint32_t requests_per_second = 10;
    std::uint32_t connections = 2;          ///< requests at once
    std::uint32_t retries = 2;              ///< after the first attempt
    std::chrono::milliseconds backoff{250}; ///< doubles, with jitter
    std::chrono::milliseconds backoff_max{5'000};
    /// A wiki that asks for a longer wait is not waited for: the answer is unknown until then.
    std::chrono::seconds max_retry_after{15};
    std::chrono::milliseconds pause{500}; ///< no requests after a failure; doubles
    std::chrono::milliseconds pause_max{60'000};
};

/// Since the start.
struct TitleCounts {
    std::uint64_t requests = 0; ///< attempts
    std::uint64_t titles = 0;   ///< that were asked for and answered
    std::uint64_t hits = 0;     ///< titles answered from the cache
    std::uint64_t failures = 0; ///< attempts that failed
};

/// Thread-safe.
class TitleCache {
public:
    TitleCache(std::unique_ptr<source::TitleSource> source, TitleCacheOptions options);
    ~TitleCache();
    TitleCache(const TitleCache&) = delete;
    TitleCache& operator=(const TitleCache&) = delete;

    struct Answers {
        std::vector<source::TitleState> states; ///< one for each title
        std::string problem;                    ///< why some are unknown; empty when none is
    };
    /// Waits for answers as long as retries take, and lends its base::WorkPermits meanwhile; no
    /// lock may be held. No title is asked for twice at the same time.
    [[nodiscard]] Answers look_up(std::span<const std::string> titles);

    [[nodiscard]] TitleCounts counts() const;

private:
    using Clock = std::chrono::steady_clock;
    struct Entry {
        std::string title;
        bool exists = false;
        Clock::time_point until;
    };
    /// A title that is not known yet, shared by all threads that wait for it.
    struct Flight {
        std::string title;
        bool alone = false;
        bool done = false;
        source::TitleState state = source::TitleState::unknown;
        std::string problem;
    };
    using FlightPtr = std::shared_ptr<Flight>;
    using Lock = std::unique_lock<std::mutex>;

    source::TitleState known(const std::string& title, Clock::time_point now);
    FlightPtr board(const std::string& title);
    void wait(Lock& lock, std::vector<std::pair<std::size_t, FlightPtr>>& open, Answers& out);
    void keep(const std::string& title, bool exists);
    void land(Flight& flight, source::TitleState state, const std::string& problem);
    std::vector<FlightPtr> take_batch();
    void ask_next(Lock& lock);
    source::TitleAnswer ask(Lock& lock, const std::vector<std::string>& titles);
    void pause(const source::TitleAnswer& answer);

    const std::unique_ptr<source::TitleSource> source_;
    const TitleCacheOptions options_;
    const Clock::duration interval_; ///< between requests
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::list<Entry> entries_; ///< most recently used first
    std::unordered_map<std::string_view, std::list<Entry>::iterator> by_title_;
    std::unordered_map<std::string_view, FlightPtr> flights_; ///< not landed, by title
    std::deque<FlightPtr> waiting_;                           ///< of these, not asked for yet
    std::uint32_t asking_ = 0;
    Clock::time_point next_turn_{};
    std::chrono::milliseconds pause_{0}; ///< 0: the wiki answers
    Clock::time_point paused_until_{};
    std::string problem_; ///< why it is paused
    TitleCounts counts_;
};

/// How many threads should wait for titles at once, so that batches are full: beside those that
/// work. 0 when no API is configured.
[[nodiscard]] unsigned title_waiters(const config::WikiSettings& wiki) noexcept;

/// By the commons_… settings; null when no API is configured.
[[nodiscard]] std::shared_ptr<TitleCache> make_title_cache(const config::WikiSettings& wiki);

} // namespace runner::facts
