// SPDX-License-Identifier: GPL-2.0-or-later
// The handlers' interface to the rest of the runner: app/ implements it, the tests fake
// it. No call blocks; answers come later and from any thread.
#pragma once

#include "api/errors.hpp"
#include "api/message.hpp"
#include "api/requests.hpp"
#include "store/jobs/job.hpp"
#include "store/results/result_store.hpp"

#include <exception>
#include <functional>
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
    /// Whether an extra is on in that wiki; false for one that is not known.
    [[nodiscard]] virtual bool has_extras(std::string_view) const { return false; }
    /// Answers when the jobs are durable, or were refused.
    virtual void submit(std::vector<store::NewJob> jobs, Reply<store::Accepted> reply) = 0;
    /// The result, checked first if it is missing or older than requested. Throws
    /// (into the reply) ApiError for a missing entity and a passed deadline.
    virtual void check(CheckRequest request, Reply<store::ResultRow> reply) = 0;
    /// Runs `ask` with a session, on one of a few threads; its value or exception is the reply.
    /// Read-only.
    virtual void read(std::function<Response(store::Session&)> ask, Reply<Response> reply) = 0;
    /// Forgets the known revisions of an entity and checks it again; answers when that is queued.
    virtual void reset(std::string wiki, entity::EntityId entity, Reply<bool> reply) = 0;
    /// How many jobs went back into the queue.
    virtual void retry_dead(DeadRetryRequest request, Reply<std::uint64_t> reply) = 0;
    /// Reasons why the runner is not ready; empty when it is.
    [[nodiscard]] virtual std::vector<std::string> problems() const = 0;
    /// Issues that do not stop it: a wiki that does not answer, for example.
    [[nodiscard]] virtual std::vector<std::string> warnings() const { return {}; }
    /// Prometheus text and the status page, which may ask the database.
    virtual void metrics(Reply<std::string> reply) = 0;
    virtual void status_page(Reply<std::string> reply) = 0;
};

} // namespace runner::api
