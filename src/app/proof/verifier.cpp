// SPDX-License-Identifier: GPL-2.0-or-later
#include "app/proof/verifier.hpp"

#include "app/proof/parity.hpp"
#include "base/error.hpp"
#include "base/log_fields.hpp"
#include "store/lists/parity_store.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace runner::app {

namespace {

constexpr std::size_t most_waiting = 100; // more are dropped
constexpr std::chrono::milliseconds glance{250};
constexpr std::chrono::minutes clean_interval{10};

/// Whether both depend on the same revisions, as far as both name them.
bool same_state(const std::vector<results::Dependency>& native,
                const std::vector<results::Dependency>& php) {
    return std::all_of(native.begin(), native.end(), [&](const results::Dependency& ours) {
        return std::all_of(php.begin(), php.end(), [&](const results::Dependency& theirs) {
            return theirs.id != ours.id || theirs.revision == ours.revision;
        });
    });
}

} // namespace

Verifier::Verifier(VerifierOptions options, std::shared_ptr<php::Pool> workers,
                   store::DatabaseOptions database, ops::Metrics& metrics)
    : options_(std::move(options)), engine_(std::move(workers)), database_(std::move(database)),
      metrics_(metrics), waiting_(most_waiting), thread_([this] { loop(); }) {}

Verifier::~Verifier() { stop(); }

void Verifier::stop() {
    stopping_ = true;
    waiting_.close();
    if (thread_.joinable())
        thread_.join();
}

/// Every n-th, not by chance: a share of 1 is all, and small wikis are compared too.
bool Verifier::wanted() {
    const auto number = static_cast<double>(seen_.fetch_add(1));
    return std::floor((number + 1) * options_.sample) > std::floor(number * options_.sample);
}

void Verifier::verify(NativeCheck check) {
    if (!waiting_.try_push(std::move(check)))
        metrics_.verified(options_.wiki, "dropped", 0);
}

void Verifier::loop() {
    const base::LogFields fields{{"wiki", options_.wiki}};
    store::Session session(database_);
    while (!stopping_) {
        const auto check = waiting_.pop_for(glance);
        try {
            clean(session);
        } catch (const std::exception& error) { // the tables may not be there yet; later again
            spdlog::debug("removing differences of [wiki.{}]: {}", options_.wiki, error.what());
        }
        try {
            if (check)
                compare(*check, session);
        } catch (const php::WorkersUnavailable& error) {
            metrics_.verified(options_.wiki, "failed", 0);
            spdlog::debug("verifying in [wiki.{}]: {}", options_.wiki, error.what());
        } catch (const std::exception& error) {
            metrics_.verified(options_.wiki, "failed", 0);
            spdlog::warn("verifying in [wiki.{}]: {}", options_.wiki, error.what());
        }
    }
}

void Verifier::compare(const NativeCheck& check, store::Session& session) {
    const PhpCheck php = engine_.check(check.entity, {}, php::Urgency::background);
    if (php.state != source::State::found || php.revision != check.revision ||
        !same_state(check.dependencies, php.result.dependencies)) {
        metrics_.verified(options_.wiki, "outdated", 0);
        return;
    }
    const auto found = compare_results(check.all_results, php.all_results);
    metrics_.verified(options_.wiki, found.empty() ? "same" : "different", found.size());
    std::vector<store::ParityDifference> differences;
    for (const Disagreement& each : found) {
        store::ParityDifference& difference = differences.emplace_back();
        difference.key = {options_.wiki, check.entity};
        difference.revision = check.revision;
        if (const auto id = entity::EntityId::parse(each.property))
            difference.property.number = id->number;
        difference.constraint = each.constraint;
        difference.type = each.type;
        difference.native = each.native;
        difference.php = each.php;
    }
    store::ParityStore(session).keep(differences);
    const base::LogFields fields{{"entity", check.entity.to_string()},
                                 {"revision", check.revision}};
    if (!found.empty())
        spdlog::info("{} of {}: WBQC and the native engine differ in {} constraints",
                     check.entity.to_string(), options_.wiki, found.size());
}

void Verifier::clean(store::Session& session) {
    const auto now = std::chrono::steady_clock::now();
    if (now < next_clean_)
        return;
    next_clean_ = now + std::min<std::chrono::milliseconds>(clean_interval, options_.keep);
    store::ParityStore(session).remove_older(options_.wiki, options_.keep);
}

} // namespace runner::app
