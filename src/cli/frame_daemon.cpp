// SPDX-License-Identifier: GPL-2.0-or-later
// The options of `serve`, `migrate` and `status`.
#include "cli/frame_impl.hpp"

#include <memory>

namespace runner::cli {

void Frame::add_serve() {
    CLI::App& serve =
        impl_->command("serve", "The daemon: takes jobs, checks, stores the results",
                       [](const config::Loaded& loaded, const config::Sources& sources) {
                           return run_serve(loaded.settings, ServeOptions{sources});
                       });
    impl_->add_setting_flags(serve, "server");
}

void Frame::add_migrate() {
    auto options = std::make_shared<MigrateOptions>();
    CLI::App& migrate =
        impl_->command("migrate", "Brings the schema of the database up to date",
                       [options](const config::Loaded& loaded, const config::Sources&) {
                           return run_migrate(loaded.settings, *options);
                       });
    migrate.add_flag("--dry-run", options->dry_run, "Only says what would be done");
    migrate.add_flag("--json", options->json, "One JSON object");
}

void Frame::add_status() {
    auto options = std::make_shared<StatusOptions>();
    CLI::App& status =
        impl_->command("status", "What the daemon on the configured socket is doing",
                       [options](const config::Loaded& loaded, const config::Sources&) {
                           return run_status(loaded.settings, *options);
                       });
    status.add_option("--wiki", options->wiki, "Only this wiki")->type_name("ID");
    status.add_flag("--json", options->json, "One JSON object");
}

} // namespace runner::cli
