// SPDX-License-Identifier: GPL-2.0-or-later
// See webhooks.hpp.
#include "app/serving/webhooks.hpp"

#include "api/import_handlers.hpp"
#include "base/error.hpp"
#include "base/hmac.hpp"
#include "base/log_fields.hpp"
#include "imports/backoff.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace runner::app {

namespace {

using std::chrono::milliseconds;

constexpr std::uint32_t at_once = 16;
constexpr std::size_t longest_answer = std::size_t{64} << 10U; // of which nothing is read
constexpr milliseconds after_error{1'000};

source::PublicHttpLimits limits_of(const config::ImportSettings& settings,
                                   const std::atomic<bool>& stopping) {
    source::PublicHttpLimits limits;
    limits.timeout = settings.webhook_timeout;
    limits.max_body = longest_answer;
    limits.connections = 1;
    limits.interrupted = &stopping;
    return limits;
}

std::string problem_of(const source::HttpAnswer& answer) {
    if (answer.status == 0)
        return answer.error;
    return answer.status >= 200 && answer.status < 300
               ? std::string()
               : fmt::format("it answered with status {}", answer.status);
}

} // namespace

std::vector<std::string> webhook_headers(const std::string& secret, const std::string& body,
                                         const store::ImportDelivery& delivery) {
    return {"Content-Type: application/json",
            "X-Constraint-Runner-Signature: sha256=" + base::hmac_sha256_hex(secret, body),
            "X-Constraint-Runner-Delivery: " + delivery.id};
}

Webhooks::Webhooks(store::DatabaseOptions database, config::ImportSettings settings)
    : database_(std::move(database)), settings_(std::move(settings)),
      http_({settings_.private_addresses, settings_.plain_http}, limits_of(settings_, stopping_)),
      senders_(at_once, "webhook"), thread_([this] { loop(); }) {}

Webhooks::~Webhooks() {
    stopping_ = true;
    wake_.raise();
    thread_.join();
}

WebhookCounts Webhooks::counts() const noexcept { return {delivered_, failures_, given_up_}; }

void Webhooks::loop() {
    store::Session session(database_);
    store::ImportDeliveryStore store(session);
    while (!stopping_) {
        milliseconds pause = settings_.poll_interval;
        try {
            take_in(store);
            take(store);
        } catch (const base::UnavailableError& error) {
            spdlog::debug("webhooks: {}", error.what());
            pause = after_error;
        } catch (const std::exception& error) {
            spdlog::error("webhooks: {}", error.what());
            pause = after_error;
        }
        if (!stopping_)
            wake_.wait(pause);
    }
    senders_.close(); // soon: what they wait for is interrupted
    try {
        take_in(store);
    } catch (const std::exception& error) { // due again when the lease is over
        spdlog::debug("webhooks: {}", error.what());
    }
}

void Webhooks::take(store::ImportDeliveryStore& store) {
    const auto sending = static_cast<std::uint32_t>(in_hand_.urls.size());
    if (sending >= at_once)
        return;
    // twice the time: what is being sent must be over before another runner sends it
    for (store::ImportDelivery& taken :
         store.take(at_once - sending, 2 * settings_.webhook_timeout, in_hand_)) {
        in_hand_.add(taken);
        senders_.post([this, delivery = std::move(taken)]() mutable {
            source::HttpAnswer answer = send(delivery);
            {
                const std::lock_guard lock(mutex_);
                answers_.push_back({std::move(delivery), std::move(answer)});
            }
            wake_.raise();
        });
    }
}

source::HttpAnswer Webhooks::send(const store::ImportDelivery& delivery) {
    try {
        const std::string body = api::import_json(delivery.import);
        return http_.post(delivery.url, body,
                          webhook_headers(settings_.webhook_secret, body, delivery));
    } catch (const std::exception& error) {
        source::HttpAnswer answer;
        answer.error = error.what();
        return answer;
    }
}

void Webhooks::take_in(store::ImportDeliveryStore& store) {
    {
        const std::lock_guard lock(mutex_);
        std::move(answers_.begin(), answers_.end(), std::back_inserter(to_write_));
        answers_.clear();
    }
    for (; !to_write_.empty(); to_write_.pop_front()) {
        const Answer& next = to_write_.front();
        try {
            write(store, next.delivery, next.answer);
        } catch (const base::UnavailableError&) {
            throw;                              // it stays for the next time
        } catch (const std::exception& error) { // it is due again when the lease is over
            spdlog::error("webhooks: {}", error.what());
        }
        in_hand_.remove(next.delivery);
    }
}

void Webhooks::write(store::ImportDeliveryStore& store, const store::ImportDelivery& delivery,
                     const source::HttpAnswer& answer) {
    const std::string problem = problem_of(answer);
    if (problem.empty()) {
        store.delivered(delivery);
        ++delivered_;
        return;
    }
    // one that we interrupted is not its fault, and is due at once for the next runner
    milliseconds pause{0};
    if (!stopping_)
        pause = std::max(imports::backoff(settings_, delivery.attempts),
                         std::min<milliseconds>(answer.retry_after, settings_.backoff_max));
    const bool over = store.failed(delivery, problem, pause, settings_.webhook_retry_for);
    ++failures_;
    if (over)
        ++given_up_;
    const base::LogFields fields{{"wiki", delivery.import.wiki}, {"import", delivery.import.id}};
    spdlog::log(over ? spdlog::level::warn : spdlog::level::info,
                "import {}: an address was not told, attempt {}: {}{}", delivery.import.id,
                delivery.attempts, problem, over ? "; given up" : "");
}

} // namespace runner::app
