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
    CLI::App& import =
        impl_->command("import", "Long work: begins imports, watches and stops them", nullptr);
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
    const auto add_json = [&](CLI::App& sub) {
        sub.add_flag("--json", options->json, "As JSON");
    };
    const auto add_wait = [&](CLI::App& sub) {
        sub.add_flag("--wait", options->wait, "Shows progress until it is over");
    };
    const auto add_label = [&](CLI::App& sub) {
        sub.add_option("--label", options->label, "What it is for, in your words")
            ->type_name("TEXT");
    };
    const auto add_wiki = [&](CLI::App& sub, const char* help) {
        sub.add_option("--wiki", options->wiki, help)->type_name("ID");
    };

    const auto add_filter = [&](CLI::App& sub) {
        ImportOptions::Filter& filter = options->filter;
        sub.add_option("--uploaded-from", filter.uploaded_from, "Only files of that time or later")
            ->type_name("TIME");
        sub.add_option("--uploaded-before", filter.uploaded_before, "Only files of before that time")
            ->type_name("TIME");
        sub.add_option("--time-zone", filter.time_zone, "Of these times, such as Europe/Kyiv")
            ->type_name("ZONE");
        sub.add_option("--versions", filter.versions,
                       "Whose time and uploader count: first, latest or any")
            ->type_name("WHICH");
        sub.add_option("--min-pixels", filter.min_pixels, "Least width times height")
            ->type_name("N");
        sub.add_option("--min-side", filter.min_side, "Least length of the shorter side")
            ->type_name("N");
        sub.add_option("--mime-type", filter.mime_types, "Only these, such as image/jpeg or image/*")
            ->allow_extra_args(false)
            ->type_name("TYPE");
        sub.add_option("--uploader", filter.uploaders, "Only files of these users")
            ->allow_extra_args(false)
            ->type_name("USER");
        sub.add_option("--not-uploader", filter.not_uploaders, "No files of these users")
            ->allow_extra_args(false)
            ->type_name("USER");
    };

    CLI::App& category = add_run("category", "The files of Wikimedia Commons categories",
                                 run_import_category);
    category.add_option("NAME", options->categories, "Categories, with or without Category:")
        ->required();
    category.add_flag_function(
        "--no-redirects", [options](std::int64_t) { options->follow_redirects = false; },
        "Takes these categories alone, also where they redirect");
    category.add_option("--depth", options->depth, "Levels of subcategories that are taken too")
        ->check(CLI::Range(0, 50))
        ->type_name("N");
    category.add_option("--exclude", options->excluded, "Subcategories that are left out")
        ->type_name("NAME");
    category.add_flag("--dry-run", options->dry_run, "Only counts what there is, imports nothing");
    add_filter(category);
    add_wiki(category, "The wiki; else the only one with a replica");
    add_wait(category);
    add_label(category);
    add_json(category);

    CLI::App& names = add_run("names", "The files of a list: names, or CSV with a column of them",
                              run_import_names);
    CLI::Option* const file = names.add_option(
        "FILE", options->file,
        "A name a line, CSV with a column filename, page_id or file_id, or JSON");
    names
        .add_option("--address", options->address,
                    "Instead: where the runner fetches the list, such as a query of PetScan")
        ->type_name("URL")
        ->excludes(file);
    names.add_flag("--dry-run", options->dry_run, "Only counts the list, imports nothing");
    add_filter(names);
    add_wiki(names, "The wiki; else the only one with a replica");
    add_wait(names);
    add_label(names);
    add_json(names);

    CLI::App& refresh =
        add_run("refresh", "Looks up the files of an import again: renamed, replaced, deleted",
                run_import_refresh);
    add_id(refresh);
    add_wiki(refresh, "The wiki; else the only one with a replica");
    add_wait(refresh);
    add_label(refresh);
    add_json(refresh);

    const auto add_force = [&](CLI::App& sub) {
        sub.add_flag("--force", options->force, "Also what is stored at the current revision");
    };
    CLI::App& dump = add_run("dump", "All entities of a JSON dump, checked and stored",
                             run_import_dump);
    dump.add_option("FILE", options->file, "The name of a file in imports.dump_folder")->required();
    add_wiki(dump, "The wiki, if several are configured");
    add_force(dump);
    add_wait(dump);
    add_label(dump);
    add_json(dump);

    CLI::App& entities = add_run("entities", "Entities of a wiki, checked behind all edits",
                                 run_import_entities);
    entities.add_option("ID", options->entities, "Entities; without any, --from says which");
    entities
        .add_option("--from", options->from,
                    "stored: those that have a result; replica, api: all of the wiki, by its "
                    "database or its API")
        ->type_name("WHERE");
    entities.add_option("--type", options->type, "Only item, property, lexeme or mediainfo")
        ->type_name("TYPE");
    entities
        .add_option("--property", options->property,
                    "Only what uses this property (stored: results that rest on it)")
        ->type_name("P");
    entities
        .add_option("--older-than", options->older_than,
                    "Only what was checked longer ago than that many seconds")
        ->check(CLI::Range(std::int64_t{1}, std::int64_t{10'000'000'000}))
        ->type_name("SECONDS");
    add_wiki(entities, "The wiki, if several are configured");
    add_force(entities);
    add_wait(entities);
    add_label(entities);
    add_json(entities);

    CLI::App& list = add_run("list", "The imports, newest first", run_import_list);
    add_wiki(list, "Only of this wiki");
    list.add_option("--status", options->status, "Only those that are running, complete …")
        ->type_name("STATUS");
    add_json(list);

    CLI::App& status = add_run("status", "How far an import is", run_import_status);
    add_id(status);
    add_wait(status);
    add_json(status);

    CLI::App& problems = add_run("problems", "What an import could not take, and why",
                                 run_import_problems);
    add_id(problems);
    add_json(problems);

    CLI::App& files = add_run("files", "The files that a category import brought, as CSV",
                              run_import_files);
    add_id(files);
    files
        .add_option("--change", options->changed,
                    "Only what it found new, changed, renamed, unchanged, vanished or left_out")
        ->type_name("CHANGE");
    files.add_option("--since", options->since, "Only what differs from this import")
        ->type_name("ID");
    files
        .add_option_function<std::string>(
            "--output", [options](const std::string& path) { options->output = path; },
            "Writes there instead of to standard output")
        ->type_name("FILE");

    add_id(add_run("delete", "Deletes the files, items and problems of an import that is over",
                   run_import_delete));

    for (const auto& [action, help] :
         {std::pair{"pause", "Stops after the chunk in hand, to go on later"},
          {"resume", "Goes on with one that is paused"},
          {"cancel", "Ends an import; what is done stays done"},
          {"retry", "Goes on with one that failed, or tries again what did"}})
        add_id(add(action, help, [options, action = action](const config::Settings& settings) {
            return run_import_change(settings, action, *options);
        }));
}

} // namespace runner::cli
