// SPDX-License-Identifier: GPL-2.0-or-later
// See page_faults.hpp.
#include "source/page_faults.hpp"

#include "base/work_permits.hpp"

#include <algorithm>
#include <utility>

namespace runner::source {
namespace {

using namespace std::chrono_literals;

constexpr auto just_now = 1s;
constexpr auto silence = 1s; ///< a wiki that was away is not asked again for so long

} // namespace

PageFaults::PageFaults(PageFaultOptions options, std::optional<entity::EntityId> always_there,
                       Ask ask)
    : options_(options), always_there_(std::move(always_there)), ask_(std::move(ask)) {}

void PageFaults::answered(const entity::EntityId& page) {
    const std::lock_guard lock(mutex_);
    last_answer_ = Clock::now();
    failures_.erase(page);
    if (std::find(good_.begin(), good_.end(), page) == good_.end())
        good_[next_good_++ % good_.size()] = page;
}

std::optional<std::string> PageFaults::failed_just_now(const entity::EntityId& page) const {
    const std::lock_guard lock(mutex_);
    const auto at = failures_.find(page);
    if (at == failures_.end() || !at->second.at_fault || at->second.last < Clock::now() - just_now)
        return std::nullopt;
    return at->second.reason;
}

bool PageFaults::is_at_fault(const entity::EntityId& page) const {
    const std::lock_guard lock(mutex_);
    const auto at = failures_.find(page);
    return at != failures_.end() && at->second.at_fault;
}

const FailedPage* PageFaults::judge(std::span<const FailedPage> failed, Clock::time_point began) {
    if (!others_answer(failed, began))
        return &failed.front();
    const std::lock_guard lock(mutex_);
    const FailedPage* waits = nullptr;
    for (const FailedPage& each : failed)
        if (!note(each) && waits == nullptr)
            waits = &each;
    return waits;
}

bool PageFaults::others_answer(std::span<const FailedPage> failed, Clock::time_point began) {
    const base::Waiting waiting; // others work meanwhile
    const std::lock_guard asking(asking_);
    std::optional<entity::EntityId> page;
    {
        const std::lock_guard lock(mutex_);
        if (last_answer_ && *last_answer_ >= began)
            return true;
        if (last_silence_ && (*last_silence_ >= began || *last_silence_ > Clock::now() - silence))
            return false;
        page = good_page(failed);
    }
    if (page && ask_(*page)) {
        answered(*page);
        return true;
    }
    // that one may be gone bad meanwhile
    if (always_there_ && page != always_there_ && failed.front().page != *always_there_ &&
        ask_(*always_there_)) {
        answered(*always_there_);
        return true;
    }
    const std::lock_guard lock(mutex_);
    last_silence_ = Clock::now();
    return false;
}

/// One that was answered before, and is not among those that failed.
std::optional<entity::EntityId> PageFaults::good_page(std::span<const FailedPage> failed) const {
    for (std::size_t back = 1; back <= good_.size(); ++back) {
        const auto& page = good_[(next_good_ + good_.size() - back) % good_.size()];
        if (page && !failures_.contains(*page) &&
            std::none_of(failed.begin(), failed.end(),
                         [&](const FailedPage& each) { return each.page == *page; }))
            return page;
    }
    return std::nullopt;
}

/// Whether the page is at fault now.
bool PageFaults::note(const FailedPage& failed) {
    make_room();
    const auto now = Clock::now();
    Failure& failure = failures_[failed.page];
    if (failure.count++ == 0)
        failure.first = now;
    failure.last = now;
    failure.reason = failed.reason;
    failure.at_fault = failure.at_fault || failed.refused ||
                       (failure.count >= options_.failures && now - failure.first >= options_.over);
    return failure.at_fault;
}

/// What did not fail for the longest time is forgotten first, many at once.
void PageFaults::make_room() {
    if (failures_.size() < options_.remembered)
        return;
    std::vector<Clock::time_point> times;
    times.reserve(failures_.size());
    for (const auto& [page, failure] : failures_)
        times.push_back(failure.last);
    const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
    std::nth_element(times.begin(), middle, times.end());
    std::erase_if(failures_, [&](const auto& each) { return each.second.last <= *middle; });
}

} // namespace runner::source
