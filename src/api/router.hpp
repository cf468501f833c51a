// SPDX-License-Identifier: GPL-2.0-or-later
// Finds the handler of a request by method and path, and answers 404 and 405 for the rest.
#pragma once

#include "api/message.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace runner::api {

class Router {
public:
    /// Observes each response: the route's pattern ("/v1/results/{wiki}/{entity}", or "none"), the
    /// status, and the time from the whole request read to the answer given. Any thread.
    using Observer =
        std::function<void(std::string_view route, unsigned status, std::chrono::nanoseconds)>;

    explicit Router(Observer observer = {}) : observer_(std::move(observer)) {}

    /// `pattern` is a path whose segments may be `{name}`, which takes one segment; `parameters`
    /// are the names that its query may have.
    void add(std::string method, std::string pattern, std::vector<std::string_view> parameters,
             Handler handler);
    /// Without any parameters.
    void add(std::string method, std::string pattern, Handler handler) {
        add(std::move(method), std::move(pattern), {}, std::move(handler));
    }

    /// Calls the handler, unless the query has another parameter than the route, or one twice
    /// (400). ApiError and exceptions thrown by it become answers.
    void handle(Request&& request, Responder respond) const;

    /// "GET /v1/queue" of every route, sorted.
    [[nodiscard]] std::vector<std::string> routes() const;

private:
    struct Route {
        std::string method;
        std::string pattern;
        std::vector<std::string> segments;
        std::vector<std::string_view> parameters;
        Handler handler;
    };
    static void check_query(const Route& route, const Request& request);

    std::vector<Route> routes_;
    Observer observer_;
};

} // namespace runner::api
