// SPDX-License-Identifier: GPL-2.0-or-later
// The options of `import` and its subcommands.
#include "cli/frame_impl.hpp"

#include <memory>
#include <utility>

namespace runner::cli {

namespace {

using Run = int (*)(const config::Settings&, const ImportOptions&);
using Options = std::shared_ptr<ImportOptions>;

} // namespace

void Frame::add_import() {
    CLI::App& import = impl_->command("import", "Start, watch and stop imports", nullptr);
    import.require_subcommand(1);
    const auto options = std::make_shared<ImportOptions>();
    const auto add = [&](const std::string& name, const std::string& help,
                         std::function<int(const config::Settings&)> work) -> CLI::App& {
        CLI::App* sub = import.add_subcommand(name, help);
        sub->fallthrough();
        sub->final_callback([this, work = std::move(work)] {
            impl_->chosen = [work](const config::Loaded& loaded, const config::Sources&) {
                return work(loaded.settings);
            };
        });
        return *sub;
    };
    const auto add_run = [&](const std::string& name, const std::string& help,
                             Run command) -> CLI::App& {
        return add(name, help, [options, command](const config::Settings& settings) {
            return command(settings, *options);
        });
    };
    const auto add_id = [&](CLI::App& sub) {
        sub.add_option("ID", options->id, "The number of the import")->required();
    };
    const auto add_json = [&](CLI::App& sub) { sub.add_flag("--json", options->json, "As JSON"); };
    const auto add_wait = [&](CLI::App& sub) {
        sub.add_flag("--wait", options->wait, "Show progress until the import ends");
    };
    const auto add_label = [&](CLI::App& sub) {
        sub.add_option("--label", options->label, "A free text that describes the import")
            ->type_name("TEXT");
    };
    const auto add_notify = [&](CLI::App& sub) {
        sub.add_option("--notify", options->notify,
                       "An https URL that gets the status when it ends")
            ->type_name("URL");
    };
    const auto add_wiki = [&](CLI::App& sub, const char* help) {
        sub.add_option("--wiki", options->wiki, help)->type_name("ID");
    };

    const auto add_filter = [&](CLI::App& sub) {
        ImportOptions::Filter& filter = options->filter;
        sub.add_option("--uploaded-from", filter.uploaded_from,
                       "Only files uploaded at this time or later")
            ->type_name("TIME");
        sub.add_option("--uploaded-before", filter.uploaded_before,
                       "Only files uploaded before this time")
            ->type_name("TIME");
        sub.add_option("--time-zone", filter.time_zone,
                       "Time zone of these times, such as Europe/Kyiv")
            ->type_name("ZONE");
        sub.add_option("--versions", filter.versions,
                       "The file version whose time and uploader count: first, latest or any")
            ->type_name("WHICH");
        sub.add_option("--min-pixels", filter.min_pixels, "Minimum width times height")
            ->type_name("N");
        sub.add_option("--min-side", filter.min_side, "Minimum length of the shorter side")
            ->type_name("N");
        sub.add_option("--mime-type", filter.mime_types,
                       "Only files of this type, such as image/jpeg or image/*")
            ->allow_extra_args(false)
            ->type_name("TYPE");
        sub.add_option("--uploader", filter.uploaders, "Only files of these users")
            ->allow_extra_args(false)
            ->type_name("USER");
        sub.add_option("--not-uploader", filter.not_uploaders, "No files of these users")
            ->allow_extra_args(false)
            ->type_name("USER");
    };

    CLI::App& category = add_run("category", "Import the files of Wikimedia Commons categories",
                                 run_import_category);
    category.add_option("NAME", options->categories, "Categories, with or without Category:")
        ->required();
    category.add_flag_function(
        "--no-redirects", [options](std::int64_t) { options->follow_redirects = false; },
        "Import exactly these categories, even if they redirect");
    category.add_option("--depth", options->depth, "Levels of subcategories to include")
        ->check(CLI::Range(0, 50))
        ->type_name("N");
    category.add_option("--exclude", options->excluded, "Subcategories to leave out")
        ->type_name("NAME");
    category.add_flag("--dry-run", options->dry_run, "Only count files, import nothing");
    add_filter(category);
    add_wiki(category, "The wiki; default: the only one with a replica");
    add_wait(category);
    add_label(category);
    add_notify(category);
    add_json(category);

    CLI::App& names = add_run(
        "names", "Import the files of a list: names, or CSV with such a column", run_import_names);
    CLI::Option* const file = names.add_option(
        "FILE", options->file,
        "One name per line, CSV with a column filename, page_id or file_id, or JSON");
    names
        .add_option("--address", options->address,
                    "Instead of FILE: a URL from which the runner fetches the list, such as a "
                    "PetScan query")
        ->type_name("URL")
        ->excludes(file);
    names.add_flag("--dry-run", options->dry_run, "Only count the list, import nothing");
    add_filter(names);
    add_wiki(names, "The wiki; default: the only one with a replica");
    add_wait(names);
    add_label(names);
    add_notify(names);
    add_json(names);

    CLI::App& refresh =
        add_run("refresh", "Look up the files of an import again: renamed, replaced, deleted",
                run_import_refresh);
    add_id(refresh);
    add_wiki(refresh, "The wiki; default: the only one with a replica");
    add_wait(refresh);
    add_label(refresh);
    add_notify(refresh);
    add_json(refresh);

    const auto add_force = [&](CLI::App& sub) {
        sub.add_flag("--force", options->force,
                     "Include entities that are stored at the current revision");
    };
    CLI::App& dump =
        add_run("dump", "Check and store all entities of a JSON dump", run_import_dump);
    dump.add_option("FILE", options->file, "The name of a file in imports.dump_folder")->required();
    add_wiki(dump, "The wiki, if several are configured");
    add_force(dump);
    add_wait(dump);
    add_label(dump);
    add_notify(dump);
    add_json(dump);

    CLI::App& entities = add_run(
        "entities", "Check entities of a wiki, at lower priority than edits", run_import_entities);
    entities.add_option("ID", options->entities, "Entities; default: those selected by --from");
    entities
        .add_option("--from", options->from,
                    "stored: those that have a result; replica, api: all entities of the wiki, "
                    "from its database or its API")
        ->type_name("WHERE");
    entities.add_option("--type", options->type, "Only item, property, lexeme or mediainfo")
        ->type_name("TYPE");
    entities
        .add_option("--property", options->property,
                    "Only entities that use this property (stored: results that depend on it)")
        ->type_name("P");
    entities
        .add_option("--older-than", options->older_than,
                    "Only entities last checked more than this many seconds ago")
        ->check(CLI::Range(std::int64_t{1}, std::int64_t{10'000'000'000}))
        ->type_name("SECONDS");
    add_wiki(entities, "The wiki, if several are configured");
    add_force(entities);
    add_wait(entities);
    add_label(entities);
    add_notify(entities);
    add_json(entities);

    CLI::App& list = add_run("list", "List the imports, newest first", run_import_list);
    add_wiki(list, "Only imports of this wiki");
    list.add_option("--status", options->status,
                    "Only imports with this status: running, complete …")
        ->type_name("STATUS");
    list.add_option("--owner", options->owner, "Only those that this client asked for")
        ->type_name("CLIENT");
    add_json(list);

    CLI::App& status = add_run("status", "Show the progress of an import", run_import_status);
    add_id(status);
    add_wait(status);
    add_json(status);

    CLI::App& problems =
        add_run("problems", "List the items that could not be imported, with the reasons",
                run_import_problems);
    add_id(problems);
    add_json(problems);

    CLI::App& files = add_run("files", "Print the files of an import as CSV", run_import_files);
    add_id(files);
    files
        .add_option("--change", options->changed,
                    "Only files that are new, changed, renamed, unchanged, vanished or left_out")
        ->type_name("CHANGE");
    files.add_option("--since", options->since, "Only differences from this import")
        ->type_name("ID");
    files
        .add_option_function<std::string>(
            "--output", [options](const std::string& path) { options->output = path; },
            "Write to this file instead of standard output")
        ->type_name("FILE");

    add_id(add_run("delete", "Delete the files, items and problems of an import that has ended",
                   run_import_delete));

    for (const auto& [action, help] :
         {std::pair{"pause", "Pause an import; the chunk in flight is repeated on resume"},
          {"resume", "Resume a paused import"},
          {"cancel", "Cancel an import; completed chunks are kept"},
          {"retry", "Resume a failed import, or retry failed items"}})
        add_id(add(action, help, [options, action = action](const config::Settings& settings) {
            return run_import_change(settings, action, *options);
        }));
}

} // namespace runner::cli
