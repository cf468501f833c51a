// SPDX-License-Identifier: GPL-2.0-or-later
// Options of all commands, loading of the settings, and what is said about mistakes.
#include "cli/frame.hpp"

#include "base/error.hpp"
#include "base/suggest.hpp"
#include "cli/command_notes.hpp"
#include "cli/command_table.hpp"
#include "cli/frame_impl.hpp"
#include "cli/tell.hpp"
#include "cli/version.hpp"
#include "config/settings_table.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <sstream>
#include <utility>

namespace runner::cli {
namespace {

constexpr const char* default_config_file = "/etc/constraint-runner/constraint-runner.toml";

/// The command that was named, down to the last level; `app` itself when none was.
const CLI::App& named_command(const CLI::App& app) {
    const auto chosen = app.get_subcommands();
    return chosen.empty() ? app : named_command(*chosen.front());
}

void collect_options(const CLI::App& app, std::vector<std::string>& names) {
    for (const CLI::Option* option : app.get_options()) {
        for (const std::string& name : option->get_lnames())
            names.push_back("--" + name);
        for (const std::string& name : option->get_snames())
            names.push_back("-" + name);
    }
}

/// Says what the first argument that nothing takes could have been meant as.
std::string unexpected(const CLI::App& app, const std::string& word) {
    const CLI::App& command = named_command(app);
    std::vector<std::string> names;
    std::string what;
    if (word.starts_with('-')) {
        what = "unknown option " + word;
        collect_options(command, names);
        if (&command != &app)
            collect_options(app, names);
    } else {
        const auto all = command.get_subcommands([](const CLI::App*) { return true; });
        what =
            all.empty() ? "unexpected argument \"" + word + '"' : "unknown command \"" + word + '"';
        for (const CLI::App* sub : all)
            names.push_back(sub->get_name());
    }
    const std::vector<std::string_view> candidates(names.begin(), names.end());
    const std::string name = word.substr(0, word.find('='));
    return what + base::did_you_mean(name, candidates);
}

/// An empty name of a file or folder, as an unset variable of a script gives it, is a mistake.
void refuse_empty_names(CLI::App& app) {
    for (CLI::Option* option : app.get_options([](const CLI::Option* each) {
             return each->get_type_name() == "FILE" || each->get_type_name() == "DIR";
         }))
        option->check([](const std::string& name) {
            return name.empty() ? "an empty file or folder name" : std::string();
        });
    for (CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
        refuse_empty_names(*command);
}

std::string usage_text(const CLI::App& app, const CLI::ParseError& error) {
    const auto rest = app.remaining(true);
    std::string text = error.what();
    if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr && !rest.empty())
        text = unexpected(app, rest.front());
    else if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr && !rest.empty())
        text = unexpected(app, rest.front());
    std::string help = app.get_name();
    for (const CLI::App* at = &app; !at->get_subcommands().empty();) {
        at = at->get_subcommands().front();
        help += ' ' + at->get_name();
    }
    return text + "\nSee " + help + " --help";
}

} // namespace

Frame::Frame() : impl_(std::make_unique<Impl>()) {
    CLI::App& app = impl_->app;
    app.name("constraint-runner");
    app.set_version_flag("-V,--version", version_text, "Version, build and libraries");
    app.add_flag_callback(
        "--help-json", [&app] { throw CLI::CallForVersion(command_table(app), 0); },
        "All commands and options as JSON");
    app.require_subcommand(1);
    app.get_formatter()->column_width(34);
    app.add_option("--config", impl_->config_file,
                   fmt::format("Settings (TOML); default: $CONSTRAINT_RUNNER_CONFIG, or {} if it "
                               "exists",
                               default_config_file))
        ->type_name("FILE");
    app.add_option("--set", impl_->assignments, "Override a setting; may be repeated")
        ->type_name("KEY=VALUE")
        ->allow_extra_args(false);
    app.add_flag("-v,--verbose", impl_->verbose, "Log more: debug, twice: trace");
    impl_->add_setting_flags(app, "log");
}

Frame::~Frame() = default;

CLI::App&
Frame::Impl::command(const std::string& name, const std::string& help,
                     std::function<int(const config::Loaded&, const config::Sources&)> run) {
    CLI::App* sub = app.add_subcommand(name, help);
    sub->fallthrough(); // options of all commands are taken after the command too
    if (run)
        sub->final_callback([this, run = std::move(run)] { chosen = run; });
    return *sub;
}

void Frame::Impl::add_setting_flags(CLI::App& to, std::string_view section) {
    for (const config::SettingRow& row : config::settings_table()) {
        if (row.flag.empty() || row.section() != section)
            continue;
        const std::string flag(row.flag);
        const std::string key(row.key);
        const std::string help(row.help);
        if (row.kind == config::Kind::boolean)
            to.add_flag_function(
                flag, [this, key](std::int64_t) { flag_assignments.push_back(key + "=true"); },
                help);
        else
            to.add_option_function<std::string>(
                  flag,
                  [this, key](const std::string& value) {
                      flag_assignments.push_back(key + '=' + value);
                  },
                  help)
                ->type_name("VALUE");
    }
}

config::Sources Frame::Impl::sources() const {
    config::Sources sources;
    sources.environment = config::runner_environment();
    const char* named = std::getenv("CONSTRAINT_RUNNER_CONFIG");
    std::error_code ignored;
    if (!config_file.empty())
        sources.file = config_file;
    else if (named != nullptr && *named != '\0')
        sources.file = named;
    else if (std::filesystem::exists(default_config_file, ignored))
        sources.file = default_config_file;
    if (verbose > 0)
        sources.assignments.emplace_back(verbose > 1 ? "log.level=trace" : "log.level=debug");
    sources.assignments.insert(sources.assignments.end(), assignments.begin(), assignments.end());
    sources.assignments.insert(sources.assignments.end(), flag_assignments.begin(),
                               flag_assignments.end());
    return sources;
}

int Frame::run(int argc, char** argv) {
    add_notes(impl_->app);
    refuse_empty_names(impl_->app);
    try {
        impl_->app.parse(argc, argv);
    } catch (const CLI::Success& e) { // --help, --version
        std::ostringstream out;
        const int code = impl_->app.exit(e, out, std::cerr);
        // --help-json is one long line
        const bool json = out.str().starts_with('{');
        std::cout << wrapped(out.str(), json ? 0 : terminal_columns(STDOUT_FILENO));
        return code;
    } catch (const CLI::ParseError& e) {
        throw base::UsageError(usage_text(impl_->app, e));
    }
    config::Loaded loaded;
    config::Sources sources;
    if (impl_->needs_settings) {
        sources = impl_->sources();
        loaded = config::load(sources);
        base::setup_logging(loaded.settings.log);
        for (const std::string& warning : loaded.warnings)
            spdlog::warn("{}", warning);
    }
    const int code = impl_->chosen(loaded, sources);
    std::cout.flush();
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0 || !std::cout)
        throw base::IoError("writing to standard output failed");
    return code;
}

} // namespace runner::cli
