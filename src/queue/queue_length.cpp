// SPDX-License-Identifier: GPL-2.0-or-later
// The estimated length of the queue: see queue_length.hpp.
#include "queue/queue_length.hpp"

#include <algorithm>
#include <cmath>

namespace runner::queue {

using namespace std::chrono_literals;

void QueueLength::count() {
    const auto start = base::SteadyClock::now();
    const std::uint64_t length = table_.length(max_ + 1);
    const auto now = base::SteadyClock::now();
    if (known_) {
        const double seconds = std::chrono::duration<double>(now - counted_at_).count();
        const double gone = static_cast<double>(counted_ + since_) - static_cast<double>(length);
        drained_per_second_ = seconds > 0 ? std::max(0.0, gone / seconds) : 0.0;
    }
    took_ = now - start;
    counted_at_ = now;
    counted_ = length;
    since_ = 0;
    known_ = true;
}

bool QueueLength::has_room(std::uint64_t jobs) {
    const auto age = base::SteadyClock::now() - counted_at_;
    // at most a twentieth of the time is spent on counting, a fifth when the queue seems full
    if (!known_ || age > std::max<base::SteadyClock::duration>(500ms, 20 * took_))
        count();
    else if (estimate() + jobs > max_ &&
             age > std::max<base::SteadyClock::duration>(20ms, 4 * took_))
        count();
    return estimate() + jobs <= max_;
}

std::uint64_t QueueLength::length_of(const std::string& wiki, std::uint64_t share) {
    OfWiki& known = by_wiki_[wiki];
    const auto start = base::SteadyClock::now();
    if (start - known.counted_at > std::max<base::SteadyClock::duration>(20ms, 4 * known.took)) {
        known.counted = table_.length_of_wiki(wiki, share + 1);
        known.counted_at = base::SteadyClock::now();
        known.took = known.counted_at - start;
    }
    return known.counted;
}

bool QueueLength::has_room(const WikiJobs& jobs) {
    std::uint64_t all = 0;
    for (const auto& [wiki, number] : jobs)
        all += number;
    if (has_room(all))
        return true;
    if (wikis_ == 0)
        return false;
    const std::uint64_t share = max_ / wikis_;
    return std::all_of(jobs.begin(), jobs.end(), [&](const auto& each) {
        return each.second <= share && length_of(each.first, share) + each.second <= share;
    });
}

void QueueLength::added(const std::string& wiki) {
    ++since_;
    if (const auto at = by_wiki_.find(wiki); at != by_wiki_.end())
        ++at->second.counted;
}

std::chrono::seconds QueueLength::retry_after(std::uint64_t jobs) const noexcept {
    const double missing =
        static_cast<double>(estimate() + jobs) - static_cast<double>(max_.load());
    if (missing <= 0)
        return 1s;
    if (drained_per_second_ <= 0)
        return 10s;
    return std::chrono::seconds(
        static_cast<std::int64_t>(std::clamp(std::ceil(missing / drained_per_second_), 1.0, 60.0)));
}

} // namespace runner::queue
