// SPDX-License-Identifier: GPL-2.0-or-later
// Sessions for many threads: see SessionPool in session.hpp.
#include "store/common/database_error.hpp"
#include "store/common/session.hpp"
#include "store/common/session_impl.hpp"

namespace runner::store {

SessionPool::SessionPool(DatabaseOptions options, std::size_t capacity)
    : options_(std::move(options)), capacity_(capacity) {
    free_.reserve(capacity); // so that giving back never throws
}

SessionPool::Borrowed SessionPool::borrow(std::chrono::milliseconds timeout) {
    std::unique_lock lock(mutex_);
    if (!returned_.wait_for(lock, timeout, [this] { return lent_ < capacity_; }))
        throw AwayError("all " + std::to_string(capacity_) + " database connections are busy");
    ++lent_;
    if (free_.empty()) {
        try {
            return {*this, std::make_unique<Session>(options_)};
        } catch (...) {
            --lent_;
            throw;
        }
    }
    Borrowed borrowed(*this, std::move(free_.back()));
    free_.pop_back();
    return borrowed;
}

SessionPool::Borrowed::~Borrowed() {
    if (!session_)
        return; // moved from
    {
        const std::lock_guard lock(pool_->mutex_);
        --pool_->lent_;
        pool_->free_.push_back(std::move(session_));
    }
    pool_->returned_.notify_one();
}

} // namespace runner::store
