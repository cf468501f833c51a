// SPDX-License-Identifier: GPL-2.0-or-later
// The options of `ctl` and its subcommands.
#include "cli/frame_impl.hpp"

#include <memory>
#include <utility>

namespace runner::cli {

namespace {

using Run = int (*)(const config::Settings&, const CtlOptions&);

} // namespace

void Frame::add_ctl() {
    CLI::App& ctl = impl_->command(
        "ctl", "Control the running daemon: pause, resume, drain, reload, and change the queue",
        nullptr);
    ctl.require_subcommand(1);
    const auto options = std::make_shared<CtlOptions>();
    const auto add = [&](const std::string& name, const std::string& help,
                         Run command) -> CLI::App& {
        CLI::App* sub = ctl.add_subcommand(name, help);
        sub->fallthrough();
        sub->final_callback([this, options, command] {
            impl_->chosen = [options, command](const config::Loaded& loaded,
                                               const config::Sources&) {
                return command(loaded.settings, *options);
            };
        });
        return *sub;
    };
    const auto add_wiki = [&](CLI::App& sub, const char* help) {
        sub.add_option("--wiki", options->wiki, help)->type_name("ID");
    };
    const auto add_entities = [&](CLI::App& sub, const char* help) {
        return sub.add_option("entity", options->entities, help)->type_name("ID");
    };
    constexpr const char* one_wiki = "The wiki, if several are configured";

    CLI::App& pause = add("pause",
                          "Begin no more jobs and imports, on any runner of the database, until "
                          "resume; they are still accepted",
                          run_ctl_pause);
    add_wiki(pause, "Only this wiki; otherwise all");
    pause.add_option("--reason", options->reason, "Why, for status, log and API")
        ->type_name("TEXT");
    pause.add_flag("--wait", options->wait, "Wait until the jobs in flight have ended");
    CLI::App& resume = add("resume", "End a pause", run_ctl_resume);
    add_wiki(resume, "The pause of this wiki; otherwise the one of all");
    add("drain", "Finish the jobs in flight and end the daemon, as SIGTERM does", run_ctl_drain);
    add("reload", "Read the configuration again, as SIGHUP does, and say what changed",
        run_ctl_reload);
    CLI::App& reprioritise =
        add("reprioritise", "Give waiting jobs another priority", run_ctl_reprioritise);
    add_entities(reprioritise, "Only the jobs of these pages; otherwise of all");
    add_wiki(reprioritise, one_wiki);
    reprioritise.add_option("--priority", options->priority, "The new priority")
        ->check(CLI::IsMember({"low", "normal", "high"}))
        ->required();
    reprioritise
        .add_option("--reason", options->reason, "Only jobs that are queued for this reason")
        ->check(CLI::IsMember(
            {"edit", "dependant", "class", "value", "fill", "retry", "request", "time"}));
    CLI::App& reset =
        add("reset", "Forget the known revisions of entities and check them again", run_ctl_reset);
    add_entities(reset, "Q42, P31, L99; for a form or sense its lexeme")->required();
    add_wiki(reset, one_wiki);
    CLI::App& retry = add("retry-dead", "Put dead jobs back into the queue, with fresh attempts",
                          run_ctl_retry_dead);
    add_entities(retry, "Only those of these pages; otherwise all");
    add_wiki(retry, "Only those of this wiki; otherwise of all");
}

} // namespace runner::cli
