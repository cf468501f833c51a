// SPDX-License-Identifier: GPL-2.0-or-later
// Finds the handler of a request by method and path, and answers 404 and 405 for the rest.
#pragma once

#include "api/message.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace runner::api {

class Router {
public:
    /// Told of each answer: the route's pattern ("/v1/results/{wiki}/{entity}", or "none"), the
    /// status, and the time from the whole request read to the answer given. Any thread.
    using Observer =
        std::function<void(std::string_view route, unsigned status, std::chrono::nanoseconds)>;

    explicit Router(Observer observer = {}) : observer_(std::move(observer)) {}

    /// `pattern` is a path whose segments may be `{name}`, which takes one segment.
    void add(std::string method, std::string pattern, Handler handler);

    /// Calls the handler. ApiError and exceptions thrown by it become answers.
    void handle(Request&& request, Responder respond) const;

    /// "GET /v1/queue" of every route, sorted.
    [[nodiscard]] std::vector<std::string> routes() const;

private:
    struct Route {
        std::string method;
        std::string pattern;
        std::vector<std::string> segments;
        Handler handler;
    };
    void dispatch(const Route* route, Request&& request, const Responder& respond) const;

    std::vector<Route> routes_;
    Observer observer_;
};

} // namespace runner::api
