// SPDX-License-Identifier: GPL-2.0-or-later
// See replica_work.hpp.
#include "imports/replica_work.hpp"

#include "base/log_fields.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <string_view>
#include <utility>

namespace runner::imports {

namespace json = boost::json;

void note_age(CommonsReplica& replica, const config::WikiSettings& wiki, json::object& details) {
    const auto age = replica.age();
    json::array warnings;
    details["replica_age_seconds"] = age ? json::value(age->seconds) : json::value(nullptr);
    details["replica_age_by"] = !age             ? json::value(nullptr)
                                : age->heartbeat ? json::value("heartbeat")
                                                 : json::value("newest change");
    const auto most = std::chrono::duration_cast<std::chrono::seconds>(wiki.replica_max_age);
    if (age && std::chrono::seconds(age->seconds) > most) {
        warnings.emplace_back(
            age->heartbeat ? fmt::format("the replica is {} seconds behind its wiki", age->seconds)
                           : fmt::format("the newest change that the replica has is {} seconds old",
                                         age->seconds));
        const base::LogFields fields{{"wiki", wiki.id}};
        spdlog::warn("replica {} of {}: {}", wiki.replica_database, wiki.id,
                     std::string_view(warnings.back().as_string()));
    }
    details["warnings"] = std::move(warnings);
}

} // namespace runner::imports
