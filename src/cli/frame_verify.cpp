// SPDX-License-Identifier: GPL-2.0-or-later
// The options of `verify` and `reset`.
#include "cli/frame_impl.hpp"

#include <memory>

namespace runner::cli {

void Frame::add_verify() {
    auto options = std::make_shared<VerifyOptions>();
    CLI::App& verify =
        impl_->command("verify", "Compare stored results with fresh checks of the wiki",
                       [options](const config::Loaded& loaded, const config::Sources&) {
                           return run_verify(loaded.settings, *options);
                       });
    verify.add_option("--wiki", options->wiki, "The wiki, if several are configured")
        ->type_name("ID");
    CLI::Option* sample =
        verify.add_option("--sample", options->sample, "Compare N random entities instead of all")
            ->check(CLI::Range(1, 100'000'000))
            ->type_name("N");
    verify
        .add_option("--after", options->after,
                    "Only entities after this one, in the order of comparison: continues an "
                    "interrupted run")
        ->type_name("ID")
        ->excludes(sample);
    verify.add_flag("--queue", options->queue, "Queue entities that differ for another check");
    verify.add_flag("--json", options->json,
                    "Print a JSON object for each difference, and the counts");
    verify.footer("Exit code: 0 if nothing differs, 1 if something does, 75 if entities could not "
                  "be checked.");
}

void Frame::add_reset() {
    auto options = std::make_shared<ResetOptions>();
    CLI::App& reset = impl_->command(
        "reset",
        "Make the running daemon forget the known revisions of entities and check them again",
        [options](const config::Loaded& loaded, const config::Sources&) {
            return run_reset(loaded.settings, *options);
        });
    reset.add_option("entity", options->entities, "Q42, P31, L99; for a form or sense its lexeme")
        ->type_name("ID")
        ->required();
    reset.add_option("--wiki", options->wiki, "The wiki, if several are configured")
        ->type_name("ID");
}

} // namespace runner::cli
