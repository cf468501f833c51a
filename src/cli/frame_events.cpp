// SPDX-License-Identifier: GPL-2.0-or-later
// The options of `events`.
#include "cli/frame_impl.hpp"

#include <memory>

namespace runner::cli {

void Frame::add_events() {
    auto options = std::make_shared<EventsOptions>();
    CLI::App& events =
        impl_->command("events", "What changed in the stored results, or in the imports, a line of JSON each",
                       [options](const config::Loaded& loaded, const config::Sources&) {
                           return run_events(loaded.settings, *options);
                       });
    events.add_option("--kind", options->kind, "Of the results (result) or of the imports (import)")
        ->check(CLI::IsMember({"result", "import"}))
        ->type_name("KIND");
    events.add_option("--wiki", options->wiki, "Only of this wiki")->type_name("ID");
    events.add_option("--after", options->after,
                      "The id of an event, the transaction of a dump's manifest, oldest or now; "
                      "without it the oldest, or now with --follow")
        ->type_name("PLACE");
    events.add_option("--property", options->property, "Only pairs of this property's constraints")
        ->type_name("ID");
    events.add_option("--type", options->type, "Only pairs with constraints of this type (an item)")
        ->type_name("ID");
    events.add_flag("--follow", options->follow,
                    "Go on when all is told, also when the runner comes back after a while");
}

} // namespace runner::cli
