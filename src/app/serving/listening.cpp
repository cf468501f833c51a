// SPDX-License-Identifier: GPL-2.0-or-later
// See listening.hpp.
#include "app/serving/listening.hpp"

#include "base/error.hpp"

#include <algorithm>
#include <string>

namespace runner::app {

namespace {

constexpr std::size_t descriptors_reserved = 128; // files, the database, sources

} // namespace

std::vector<api::Listener> listeners(const config::Settings& settings) {
    const config::ServerSettings& server = settings.server;
    std::vector<api::Listener> list = api::inherited_listeners();
    const bool from_systemd = !list.empty();
    if (!server.socket.empty() && !from_systemd)
        list.push_back(
            api::listen_unix(server.socket.string(), server.socket_mode, server.socket_group));
    if (!server.listen.empty())
        list.push_back(api::listen_loopback(server.listen));
    if (list.empty())
        throw base::ConfigError("server.socket and server.listen are both empty: there is nothing "
                                "to listen on");
    for (const api::Listener& listener : list)
        if (listener.family() != api::Listener::Family::local)
            if (const std::string problem = config::tcp_token_problem(settings); !problem.empty())
                throw base::ConfigError(problem);
    return list;
}

api::AccessRules access_rules(const config::Settings& settings) {
    api::AccessRules rules;
    rules.tcp_needs_token = !settings.server.allow_no_token;
    rules.origins = settings.server.origins;
    for (const config::Token& token : settings.server.tokens)
        rules.tokens.push_back({token.secret, token.name, {}});
    const auto everywhere = rules.tokens.size();
    for (const auto& [wiki, own] : settings.wiki_tokens)
        for (const config::Token& token : own.tokens) {
            const auto known =
                std::find_if(rules.tokens.begin(), rules.tokens.end(),
                             [&](const auto& t) { return t.secret == token.secret; });
            if (known == rules.tokens.end())
                rules.tokens.push_back({token.secret, token.name, {wiki}});
            else if (known >= rules.tokens.begin() + static_cast<std::ptrdiff_t>(everywhere))
                known->wikis.push_back(wiki);
        }
    return rules;
}

api::ServerLimits server_limits(const config::ServerSettings& server, std::size_t max_files) {
    api::ServerLimits limits;
    limits.max_body = static_cast<std::size_t>(server.max_body);
    limits.max_bodies_in_hand = std::max(limits.max_bodies_in_hand, 2 * limits.max_body);
    limits.max_connections = std::min<std::size_t>(
        server.max_connections,
        max_files > 2 * descriptors_reserved ? max_files - descriptors_reserved : max_files / 2);
    limits.max_connections_of_client = std::max<std::size_t>(1, limits.max_connections / 2);
    limits.idle_timeout = server.idle_timeout;
    limits.read_timeout = server.read_timeout;
    limits.write_timeout = server.read_timeout;
    return limits;
}

} // namespace runner::app
