// SPDX-License-Identifier: GPL-2.0-or-later
// Events as they are published: one line of JSON each, whole or only what a listener asked for.
#pragma once

#include "store/lists/event_store.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace runner::publish {

/// What a listener wants of the events of a kind; empty: everything.
struct EventFilter {
    std::string wiki;
    std::uint32_t property = 0; ///< only pairs of its constraints
    std::string type;           ///< item id: only pairs with constraints of this type
    store::EventKind kind = store::EventKind::result;

    [[nodiscard]] bool looks_into_pairs() const noexcept { return property != 0 || !type.empty(); }
};

/// `{"id", "wiki", "entity", "revision", "deleted", "created_at", "appeared": […],
/// "disappeared": […], "changed": […]}` with the wanted pairs only, or of an import `{"id", "wiki",
/// "created_at", "job_id", …}`; no line break in it. Empty when nothing of the event is wanted.
[[nodiscard]] std::optional<std::string> event_json(const store::Event& event,
                                                    const EventFilter& filter);

/// As an event of a stream, "result" or "import".
[[nodiscard]] std::string stream_text(const store::EventPlace& place, const std::string& json,
                                      store::EventKind kind = store::EventKind::result);

} // namespace runner::publish
