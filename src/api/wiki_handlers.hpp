// SPDX-License-Identifier: GPL-2.0-or-later
// DELETE /v1/wikis/{wiki}: everything that is stored of a wiki is removed.
#pragma once

#include "api/backend.hpp"
#include "api/router.hpp"
#include "store/wiki_removal.hpp"

#include <string>

namespace runner::api {

/// What the handler needs; the call does not block.
class WikisBackend {
public:
    virtual ~WikisBackend() = default;

    /// Of any wiki, configured or not. Throws (into the reply) ApiError 409 while jobs of the wiki
    /// are being worked on.
    virtual void remove(std::string wiki, Reply<store::WikiRemoved> reply) = 0;
};

/// Both references must outlive the router.
void add_wiki_routes(Router& router, WikisBackend& backend);

} // namespace runner::api
