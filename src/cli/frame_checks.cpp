// SPDX-License-Identifier: GPL-2.0-or-later
// The options of `checks`.
#include "cli/frame_impl.hpp"

#include <memory>

namespace runner::cli {

void Frame::add_checks() {
    CLI::App& checks = impl_->command("checks", "The constraint types", nullptr);
    checks.require_subcommand(1);
    auto options = std::make_shared<ChecksListOptions>();
    CLI::App* list = checks.add_subcommand("list", "List the constraint types that can be checked");
    list->fallthrough();
    list->add_flag("--json", options->json, "One JSON array");
    list->final_callback([this, options] {
        impl_->needs_settings = false;
        impl_->chosen = [options](const config::Loaded&, const config::Sources&) {
            return run_checks_list(*options);
        };
    });
}

} // namespace runner::cli
