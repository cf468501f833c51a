// SPDX-License-Identifier: GPL-2.0-or-later
// What the handlers need of the rest of the runner, as one narrow interface: app/ implements it,
// the tests fake it. No call blocks; answers come later and from any thread.
#pragma once

#include "api/message.hpp"
#include "api/requests.hpp"
#include "store/job.hpp"
#include "store/parity_store.hpp"
#include "store/result_store.hpp"
#include "store/violation_list.hpp"

#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace runner::api {

/// Either a value or an error, never both; the error is rethrown and mapped by error_from().
template <class T>
using Reply = std::function<void(T, std::exception_ptr)>;

class Backend {
public:
    virtual ~Backend() = default;

    [[nodiscard]] virtual bool knows_wiki(std::string_view wiki) const = 0;
    /// Answers when the jobs are durable, or were refused.
    virtual void submit(std::vector<store::NewJob> jobs, Reply<store::Accepted> reply) = 0;
    /// The result, checked first if it is missing or older than the request asks for. Throws
    /// (into the reply) ApiError for a missing entity and a passed deadline.
    virtual void check(CheckRequest request, Reply<store::ResultRow> reply) = 0;
    virtual void result(std::string wiki, entity::EntityId entity,
                        Reply<std::optional<store::ResultRow>> reply) = 0;
    /// Forgets what is known of an entity and checks it anew; answers when that is queued.
    virtual void reset(std::string wiki, entity::EntityId entity, Reply<bool> reply) = 0;
    virtual void queue(Reply<std::vector<store::WikiCounts>> reply) = 0;
    /// Dead jobs sorted by wiki and entity; wiki empty: of all.
    virtual void dead(std::string wiki, std::uint32_t limit, std::optional<store::EntityKey> after,
                      Reply<std::vector<store::DeadJob>> reply) = 0;
    /// Incomplete results sorted by wiki and entity; wiki empty: of all.
    virtual void incomplete(std::string wiki, std::uint32_t limit,
                            std::optional<store::EntityKey> after,
                            Reply<std::vector<store::IncompleteRow>> reply) = 0;
    /// Where WBQC and the native engine differed, sorted by wiki, entity and constraint.
    virtual void parity(std::string wiki, std::uint32_t limit,
                        std::optional<store::EntityKey> after, std::string after_constraint,
                        Reply<std::vector<store::ParityDifference>> reply) = 0;
    /// The work list, see store::ViolationList.
    virtual void violations(store::ViolationFilter filter, std::optional<store::ViolationKey> after,
                            std::uint32_t limit, Reply<store::ViolationPage> reply) = 0;
    /// How many jobs went back into the queue.
    virtual void retry_dead(DeadRetryRequest request, Reply<std::uint64_t> reply) = 0;
    /// Reasons why the runner is not ready; empty when it is.
    [[nodiscard]] virtual std::vector<std::string> problems() const = 0;
    /// What does not keep it from its work: a wiki that does not answer, say.
    [[nodiscard]] virtual std::vector<std::string> warnings() const { return {}; }
    /// Prometheus text and the status page, which may ask the database.
    virtual void metrics(Reply<std::string> reply) = 0;
    virtual void status_page(Reply<std::string> reply) = 0;
};

/// What a client is told of an exception; the classes of base::Error decide the status.
[[nodiscard]] ApiError error_from(const std::exception_ptr& error);

} // namespace runner::api
