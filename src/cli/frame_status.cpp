// SPDX-License-Identifier: GPL-2.0-or-later
// The options of `status`.
#include "cli/frame_impl.hpp"

#include <memory>

namespace runner::cli {

void Frame::add_status() {
    auto options = std::make_shared<StatusOptions>();
    CLI::App& status =
        impl_->command("status", "Show the state of the daemon on the configured socket",
                       [options](const config::Loaded& loaded, const config::Sources&) {
                           return run_status(loaded.settings, *options);
                       });
    status.add_option("--wiki", options->wiki, "Only this wiki")->type_name("ID");
    status.add_flag("--json", options->json, "One JSON object");
}

} // namespace runner::cli
