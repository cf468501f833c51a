// SPDX-License-Identifier: GPL-2.0-or-later
#include "api/router.hpp"

#include "api/errors.hpp"
#include "base/log_fields.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <initializer_list>
#include <optional>

namespace runner::api {

namespace {

using Clock = std::chrono::steady_clock;

template <class String>
std::vector<String> split(const std::string& path) {
    std::vector<String> segments;
    std::size_t from = path.starts_with('/') ? 1 : 0;
    for (;;) {
        const std::size_t slash = path.find('/', from);
        segments.emplace_back(path.data() + from,
                              (slash == std::string::npos ? path.size() : slash) - from);
        if (slash == std::string::npos)
            return segments;
        from = slash + 1;
    }
}

bool is_capture(const std::string& segment) noexcept { return segment.starts_with('{'); }

bool matches(const std::vector<std::string>& pattern,
             const std::vector<std::string_view>& path) noexcept {
    return std::equal(pattern.begin(), pattern.end(), path.begin(), path.end(),
                      [](const std::string& want, std::string_view have) {
                          return is_capture(want) ? !have.empty() : want == have;
                      });
}

std::atomic<std::uint64_t> requests{0}; // since the start

void log_answer(std::uint64_t number, const std::string& method, std::string_view route,
                unsigned status, Clock::duration took, const RequestSubject& subject) {
    const auto level = status == 500 ? spdlog::level::err : spdlog::level::debug;
    if (!spdlog::should_log(level))
        return;
    const base::LogFields fields{{"request", number},
                                 {"status", status},
                                 {"duration", std::chrono::duration<double>(took).count()}};
    std::optional<base::LogFields> wiki;
    if (!subject.wiki.empty())
        wiki.emplace(std::initializer_list<base::LogField>{{"wiki", subject.wiki}});
    std::optional<base::LogFields> import;
    if (subject.import != 0)
        import.emplace(std::initializer_list<base::LogField>{{ "import", subject.import }});
    spdlog::log(level, "{} {}: {}", method, route, status);
}

} // namespace

void Router::add(std::string method, std::string pattern, std::vector<std::string_view> parameters,
                 Handler handler) {
    auto segments = split<std::string>(pattern);
    routes_.push_back({std::move(method), std::move(pattern), std::move(segments),
                       std::move(parameters), std::move(handler)});
}

void Router::handle(Request&& request, Responder respond) const {
    // the lines that the log has about this request
    const std::uint64_t number = ++requests;
    const base::LogFields fields{{"request", number}};
    const auto path = split<std::string_view>(request.path);
    const Route* found = nullptr;
    std::string allow;
    for (const Route& route : routes_) {
        if (!matches(route.segments, path))
            continue;
        if (route.method == request.method) {
            found = &route;
            break;
        }
        if (!allow.empty())
            allow += ", ";
        allow += route.method == "GET" ? "GET, HEAD" : route.method;
    }

    if (observer_) {
        respond = Responder([this, inner = std::move(respond), begin = Clock::now(), number,
                             method = request.method, subject = request.subject,
                             label = found != nullptr ? std::string_view{found->pattern}
                                                      : std::string_view{"none"}](Response&& r) {
            const auto took = Clock::now() - begin;
            observer_(label, r.status, took);
            log_answer(number, method, label, r.status, took, *subject);
            inner(std::move(r));
        });
    }
    if (found != nullptr) {
        for (std::size_t i = 0; i < path.size(); ++i)
            if (is_capture(found->segments[i]))
                request.captures.emplace_back(path[i]);
        try {
            check_query(*found, request);
            found->handler(std::move(request), respond);
        } catch (...) {
            respond(error_from(std::current_exception()));
        }
    } else if (!allow.empty()) {
        Response response = error_response(
            {405,
             "method_not_allowed",
             request.method + " is not a method of " + request.path + "; it has " + allow,
             {}});
        response.headers.emplace_back("Allow", allow);
        respond(std::move(response));
    } else {
        respond(ApiError{404, "not_found", "there is nothing at " + request.path, {}});
    }
}

void Router::check_query(const Route& route, const Request& request) {
    const auto bad = [](const std::string& name, const std::string& what) {
        throw ApiError{400, "bad_field", json_string(name) + ": " + what, name};
    };
    const auto& known = route.parameters;
    for (auto at = request.query.begin(); at != request.query.end(); ++at) {
        const std::string& name = at->first;
        if (known.empty())
            bad(name, "there is no such parameter; this takes none");
        if (std::find(known.begin(), known.end(), name) == known.end())
            bad(name,
                fmt::format("there is no such parameter; there are {}", fmt::join(known, ", ")));
        if (std::any_of(request.query.begin(), at, [&](const auto& p) { return p.first == name; }))
            bad(name, "given twice");
        if (at->second.empty()) // as a filter it would let everything through
            bad(name, "is empty; leave it out, or give it a value");
    }
}

std::vector<std::string> Router::routes() const {
    std::vector<std::string> lines;
    lines.reserve(routes_.size());
    for (const Route& route : routes_)
        lines.push_back(route.method + " " + route.pattern);
    std::sort(lines.begin(), lines.end());
    return lines;
}

} // namespace runner::api
