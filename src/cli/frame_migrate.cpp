// SPDX-License-Identifier: GPL-2.0-or-later
// The options of `migrate`.
#include "cli/frame_impl.hpp"

#include <memory>

namespace runner::cli {

void Frame::add_migrate() {
    auto options = std::make_shared<MigrateOptions>();
    CLI::App& migrate =
        impl_->command("migrate", "Migrate the database schema to the current version",
                       [options](const config::Loaded& loaded, const config::Sources&) {
                           return run_migrate(loaded.settings, *options);
                       });
    migrate.add_flag("--dry-run", options->dry_run, "Only print what would be done");
    migrate.add_flag("--json", options->json, "One JSON object");
}

} // namespace runner::cli
