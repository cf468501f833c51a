// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/ask_runner.hpp"

#include "api/client.hpp"
#include "base/error.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <utility>

namespace runner::cli {
namespace {

/// The exit code of an answer that is an error.
base::ExitCode code_of(unsigned status) {
    switch (status) {
    case 400:
    case 413: return base::ExitCode::usage;
    case 404: return base::ExitCode::no_input;
    case 409: return base::ExitCode::temp_fail;
    case 410: return base::ExitCode::data;
    case 422: return base::ExitCode::config;
    case 503: return base::ExitCode::unavailable;
    default: return base::ExitCode::protocol;
    }
}

} // namespace

std::string ask_runner(const config::Settings& settings, const char* method,
                       const std::string& target, const std::string& body,
                       std::chrono::milliseconds timeout) {
    const std::string socket = settings.server.socket.string();
    api::ClientResponse answer = api::send(socket, method, target, body, timeout);
    if (answer.status < 300)
        return std::move(answer.body);
    std::string message = fmt::format("the runner on {} answers {}", socket, answer.status);
    boost::system::error_code failed;
    const boost::json::value value = boost::json::parse(answer.body, failed);
    if (!failed && value.is_object())
        if (const auto* said = value.as_object().if_contains("error"))
            message = std::string(said->at("message").as_string());
    throw base::Error(code_of(answer.status), message);
}

} // namespace runner::cli
