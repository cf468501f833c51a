// SPDX-License-Identifier: GPL-2.0-or-later
// Tells addresses of the ends of imports: `notify` of a request. What is to be told is in the
// database (store/imports/import_delivery.hpp says why none is lost); any runner with a secret
// tells it. One thread takes and crosses off, and others wait for the addresses, each for one of
// them.
#pragma once

#include "base/signal.hpp"
#include "base/thread_pool.hpp"
#include "config/settings.hpp"
#include "source/public_http.hpp"
#include "store/common/session.hpp"
#include "store/imports/import_delivery.hpp"

#include <atomic>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace runner::app {

struct WebhookCounts {
    std::uint64_t delivered = 0;
    std::uint64_t failures = 0; ///< attempts that came to nothing
    std::uint64_t given_up = 0;
};

/// The headers of a delivery: type, signature of `body`, and what tells a repeat.
[[nodiscard]] std::vector<std::string> webhook_headers(const std::string& secret,
                                                       const std::string& body,
                                                       const store::ImportDelivery& delivery);

/// Thread-safe.
class Webhooks {
public:
    /// `settings` has a secret. The schema must be right.
    Webhooks(store::DatabaseOptions database, config::ImportSettings settings);
    /// What is being sent is interrupted, and sent again by whoever is next.
    ~Webhooks();
    Webhooks(const Webhooks&) = delete;
    Webhooks& operator=(const Webhooks&) = delete;

    /// An import may have ended.
    void wake() noexcept { wake_.raise(); }
    [[nodiscard]] WebhookCounts counts() const noexcept;

private:
    struct Answer {
        store::ImportDelivery delivery;
        source::HttpAnswer answer;
    };
    void loop();
    void take(store::ImportDeliveryStore& store);
    [[nodiscard]] source::HttpAnswer send(const store::ImportDelivery& delivery);
    void take_in(store::ImportDeliveryStore& store);
    void write(store::ImportDeliveryStore& store, const store::ImportDelivery& delivery,
               const source::HttpAnswer& answer);

    const store::DatabaseOptions database_;
    const config::ImportSettings settings_;
    std::atomic<bool> stopping_{false};
    source::PublicHttp http_;
    std::atomic<std::uint64_t> delivered_{0}, failures_{0}, given_up_{0};
    base::Signal wake_;
    store::DeliveriesInHand in_hand_; // this and the next are thread_'s
    std::deque<Answer> to_write_;
    std::mutex mutex_;
    std::vector<Answer> answers_; // guarded by mutex_
    base::ThreadPool senders_;
    std::thread thread_; // last: it uses all the others
};

} // namespace runner::app
