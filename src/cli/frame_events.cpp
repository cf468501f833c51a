// SPDX-License-Identifier: GPL-2.0-or-later
// The options of `events`.
#include "cli/frame_impl.hpp"

#include <memory>

namespace runner::cli {

void Frame::add_events() {
    auto options = std::make_shared<EventsOptions>();
    CLI::App& events = impl_->command(
        "events", "Print changes of the stored results or of imports, one JSON line each",
        [options](const config::Loaded& loaded, const config::Sources&) {
            return run_events(loaded.settings, *options);
        });
    events.add_option("--kind", options->kind, "Events of results (result) or of imports (import)")
        ->check(CLI::IsMember({"result", "import"}))
        ->type_name("KIND");
    events.add_option("--wiki", options->wiki, "Only events of this wiki")->type_name("ID");
    events
        .add_option("--after", options->after,
                    "The id of an event, the transaction of a dump's manifest, oldest or now; "
                    "without it the oldest, or now with --follow")
        ->type_name("PLACE");
    events.add_option("--property", options->property, "Only pairs of this property's constraints")
        ->type_name("ID");
    events
        .add_option("--type", options->type, "Only pairs with constraints of this type (an item)")
        ->type_name("ID");
    events.add_flag("--follow", options->follow,
                    "Keep waiting for new events, and reconnect after the runner was unavailable");
}

} // namespace runner::cli
