// SPDX-License-Identifier: GPL-2.0-or-later
// See shares.hpp.
#include "api/shares.hpp"

#include <algorithm>

namespace runner::api {

namespace {

std::size_t count_of(const ServerState& state, const std::string& client) {
    const auto at = state.by_client.find(client);
    return at == state.by_client.end() ? 0 : at->second;
}

} // namespace

bool make_room(ServerState& state, const std::string& client) {
    const ServerLimits& limits = state.limits;
    const std::size_t own = count_of(state, client);
    const bool has_its_share = own >= std::max<std::size_t>(1, limits.max_connections_of_client);
    if (!has_its_share && state.counted < limits.max_connections)
        return true;
    using enum Connection::Dispensable;
    Connection* victim = nullptr;
    bool some_young = false; // refuse the flooding client rather than earlier ones
    const auto now = Connection::Clock::now();
    for (Connection* connection : state.connections) { // the oldest comes first
        const auto how = connection->dispensable(now);
        const bool may = has_its_share ? connection->peer() == client
                                       : count_of(state, connection->peer()) >= own;
        if (how == no || !may)
            continue;
        if (how == silent) {
            victim = connection;
            some_young = false;
            break;
        }
        some_young = some_young || how == young;
        if (how == idle && victim == nullptr)
            victim = connection;
    }
    if (victim == nullptr || some_young)
        return false;
    victim->evict();
    return true;
}

} // namespace runner::api
