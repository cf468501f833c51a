// SPDX-License-Identifier: GPL-2.0-or-later
#include "api/message.hpp"

#include "api/header_list.hpp"
#include "base/log.hpp"

#include <algorithm>
#include <atomic>

namespace runner::api {

std::string_view Request::parameter(std::string_view name) const noexcept {
    for (const auto& [key, value] : query)
        if (key == name)
            return value;
    return {};
}

bool Request::may_see(std::string_view wiki) const noexcept {
    return !is_bound() ||
           std::find(token->wikis.begin(), token->wikis.end(), wiki) != token->wikis.end();
}

unsigned Request::wants(std::string_view type) const noexcept { return weight_in(accept, type); }

void append_json_string(std::string& out, std::string_view text) {
    out += '"';
    base::append_json_escaped(out, text);
    out += '"';
}

std::string json_strings(const std::vector<std::string>& texts) {
    std::string out = "[";
    for (const std::string& text : texts) {
        if (out.size() > 1)
            out += ',';
        append_json_string(out, text);
    }
    return out += ']';
}

std::string json_string(std::string_view text) {
    std::string out;
    append_json_string(out, text);
    return out;
}

Response error_response(const ApiError& error) {
    Response response;
    response.status = error.status;
    response.body = "{\"error\":{\"code\":";
    append_json_string(response.body, error.code);
    response.body += ",\"message\":";
    append_json_string(response.body, error.message);
    if (!error.field.empty()) {
        response.body += ",\"field\":";
        append_json_string(response.body, error.field);
    }
    response.body += "}}\n";
    if (error.status == 401)
        response.headers.emplace_back("WWW-Authenticate", "Bearer");
    if (error.retry_after != 0)
        response.headers.emplace_back("Retry-After", std::to_string(error.retry_after));
    return response;
}

struct Responder::State {
    explicit State(Send s) : send(std::move(s)) {}
    ~State() {
        if (!done.test_and_set())
            send(error_response({500, "internal", "the request was left without an answer", {}}));
    }
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    Send send;
    std::atomic_flag done;
};

Responder::Responder(Send send) : state_(std::make_shared<State>(std::move(send))) {}

void Responder::operator()(Response response) const {
    if (!state_->done.test_and_set())
        state_->send(std::move(response));
}

} // namespace runner::api
