// SPDX-License-Identifier: GPL-2.0-or-later
// The options of `config`.
#include "cli/frame_impl.hpp"
#include "config/reference.hpp"

namespace runner::cli {

void Frame::add_config() {
    CLI::App& config = impl_->command("config", "Show or check the configuration", nullptr);
    config.require_subcommand(1);
    config.footer([] { return "Settings and their defaults:\n" + config::overview(); });

    auto show = std::make_shared<ConfigShowOptions>();
    CLI::App* show_app =
        config.add_subcommand("show", "Show every setting, its value and its origin");
    show_app->fallthrough();
    show_app->add_flag("--json", show->json, "One JSON object");
    show_app->add_flag("--changed", show->changed_only,
                       "Only settings that differ from the defaults");
    show_app->final_callback([this, show] {
        impl_->chosen = [show](const config::Loaded& loaded, const config::Sources&) {
            return run_config_show(loaded, *show);
        };
    });

    auto check = std::make_shared<ConfigCheckOptions>();
    CLI::App* check_app =
        config.add_subcommand("check", "Check whether the configuration is valid");
    check_app->fallthrough();
    check_app->add_flag("--json", check->json, "One JSON object");
    check_app->final_callback([this, check] {
        impl_->chosen = [check](const config::Loaded& loaded, const config::Sources&) {
            return run_config_check(loaded, *check);
        };
    });
}

} // namespace runner::cli
