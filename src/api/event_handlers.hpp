// SPDX-License-Identifier: GPL-2.0-or-later
// GET /v1/events: the stream, or a page of it.
#pragma once

#include "api/backend.hpp"
#include "api/router.hpp"
#include "publish/event_text.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace runner::api {

struct EventsRequest {
    std::optional<store::EventPlace> after; ///< none: a stream begins now, a page with the oldest
    bool oldest = false;                    ///< instead: from the oldest on that is kept
    bool now = false;                       ///< instead: what comes from now on
    publish::EventFilter filter;
    std::uint32_t limit = 0; ///< of a page
};

struct EventPage {
    std::vector<std::string> events; ///< JSON objects
    store::EventPlace next;
    bool more = false; ///< there are events after `next` already
};

/// What the handlers need; no call blocks.
class EventsBackend {
public:
    virtual ~EventsBackend() = default;

    [[nodiscard]] virtual bool knows_wiki(std::string_view wiki) const = 0;
    /// Both throw (into the reply) ApiError 410 for a place whose events are gone; the first one
    /// 503 when too many listen.
    virtual void follow(EventsRequest request, Reply<std::shared_ptr<BodyStream>> reply) = 0;
    virtual void page(EventsRequest request, Reply<EventPage> reply) = 0;
};

/// Both references must outlive the router.
void add_event_routes(Router& router, EventsBackend& backend);

} // namespace runner::api
