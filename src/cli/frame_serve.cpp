// SPDX-License-Identifier: GPL-2.0-or-later
// The options of `serve`.
#include "cli/frame_impl.hpp"

namespace runner::cli {

void Frame::add_serve() {
    CLI::App& serve =
        impl_->command("serve", "Run the daemon: accept jobs, check entities, store the results",
                       [](const config::Loaded& loaded, const config::Sources& sources) {
                           return run_serve(loaded.settings, ServeOptions{sources});
                       });
    impl_->add_setting_flags(serve, "server");
}

} // namespace runner::cli
