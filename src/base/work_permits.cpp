// SPDX-License-Identifier: GPL-2.0-or-later
// See work_permits.hpp.
#include "base/work_permits.hpp"

#include <utility>

namespace runner::base {

namespace {

thread_local WorkPermits* held = nullptr; // by this thread

} // namespace

void WorkPermits::acquire() {
    std::unique_lock lock(mutex_);
    released_.wait(lock, [this] { return free_ > 0; });
    --free_;
}

void WorkPermits::release() {
    {
        const std::lock_guard lock(mutex_);
        ++free_;
    }
    released_.notify_one();
}

Working::Working(WorkPermits& permits) {
    permits.acquire();
    held = &permits;
}

Working::~Working() { std::exchange(held, nullptr)->release(); }

Waiting::Waiting() : lent_(std::exchange(held, nullptr)) {
    if (lent_ != nullptr)
        lent_->release();
}

Waiting::~Waiting() {
    if (lent_ == nullptr)
        return;
    lent_->acquire();
    held = lent_;
}

} // namespace runner::base
