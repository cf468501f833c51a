// SPDX-License-Identifier: GPL-2.0-or-later
// DELETE /v1/wikis/{wiki}: removes all stored data of a wiki.
#pragma once

#include "api/backend.hpp"
#include "api/router.hpp"
#include "store/lists/wiki_removal.hpp"

#include <string>

namespace runner::api {

/// The handler's dependency; the call does not block.
class WikisBackend {
public:
    virtual ~WikisBackend() = default;

    /// Of any wiki, configured or not. Throws (into the reply) ApiError 409 while jobs of the wiki
    /// are in flight.
    virtual void remove(std::string wiki, Reply<store::WikiRemoved> reply) = 0;
};

/// Both references must outlive the router.
void add_wiki_routes(Router& router, WikisBackend& backend);

} // namespace runner::api
