// SPDX-License-Identifier: GPL-2.0-or-later
// The three generated texts on settings as such: reference, example and overview.
#include "config/reference.hpp"

#include "config/settings_table.hpp"
#include "config/value.hpp"

#include <fmt/format.h>

#include <string_view>

namespace runner::config {
namespace {

struct SectionHelp {
    std::string_view section;
    std::string_view help;
};

constexpr SectionHelp section_help[] = {
    {"server", "The API and access to it."},
    {"database", "PostgreSQL."},
    {"queue", "How jobs wait, are leased and are retried."},
    {"workers", "The threads of the daemon and their memory."},
    {"imports", "Imports, which run in chunks (docs/imports.md)."},
    {"events", "The stream of events (docs/events.md)."},
    {"log", "The log on standard error."},
    {"check", "The command `check`."},
    {"wiki.*", "One table for each wiki, named by its wiki ID."},
};

std::string_view help_of(std::string_view section) {
    for (const SectionHelp& s : section_help)
        if (s.section == section)
            return s.help;
    return {};
}

/// Settings and a wiki at their defaults.
struct Defaults {
    Settings settings;
    WikiSettings wiki;
    Target target{&settings, &wiki};
};

std::string markdown_escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '|')
            out += '\\';
        out += c;
    }
    return out;
}

/// Help in comment lines of at most 98 columns.
std::string comment(std::string_view text) {
    std::string out;
    std::string line = "#";
    while (!text.empty()) {
        const std::size_t space = std::min(text.find(' '), text.size());
        const std::string_view word = text.substr(0, space);
        if (line.size() + 1 + word.size() > 98) {
            out += line + '\n';
            line = "#";
        }
        line += ' ';
        line += word;
        text.remove_prefix(std::min(space + 1, text.size()));
    }
    return out + line + '\n';
}

} // namespace

std::string markdown_reference() {
    Defaults defaults;
    std::string out;
    std::string_view section;
    for (const SettingRow& row : settings_table()) {
        if (row.section() != section) {
            section = row.section();
            out += fmt::format("\n### `[{}]`\n\n{}\n\n", row.of_wiki() ? "wiki.ID" : section,
                               help_of(section));
            out += "| key | takes | default | on reload | what it does |\n|---|---|---|---|---|\n";
        }
        const std::string flag = row.flag.empty() ? "" : fmt::format(" Flag: `{}`.", row.flag);
        out += fmt::format("| `{}` | {} | `{}` | {} | {}{} |\n", row.name(),
                           markdown_escaped(expected(row)), literal(row, defaults.target),
                           row.reloadable ? "yes" : "", markdown_escaped(row.help), flag);
    }
    out += "\n### `[wiki.ID.ids]`\n\nThe ids in WBQC's own settings, under the same names; those "
           "that begin with `ConstraintRunner` are the runner's own, for `extras`. A value is an "
           "item id if the default is one, else a property id.\n\n| key | default |\n|---|---|\n";
    for (const ConstraintIdRow& row : constraint_id_table)
        out += fmt::format("| `{}` | `{}` |\n", row.setting, row.default_id);
    return out;
}

std::string example_file() {
    Defaults defaults;
    std::string out =
        "# SPDX-License-Identifier: GPL-2.0-or-later\n"
        "# Settings of constraint-runner, each with its default. Remove the \"#\" before a key to\n"
        "# change it; see docs/configuration.md. A relative path is relative to this file.\n";
    std::string_view section;
    for (const SettingRow& row : settings_table()) {
        if (row.section() != section) {
            section = row.section();
            out += '\n' + comment(help_of(section));
            out += row.of_wiki() ? "#[wiki.wikidatawiki]\n" : fmt::format("[{}]\n", section);
        }
        out += comment(row.help);
        out += fmt::format("#{} = {}\n", row.name(), literal(row, defaults.target));
    }
    out += "\n# The ids of a wiki that is not Wikidata, under the names of WBQC's settings; those "
           "that begin\n"
           "# with ConstraintRunner are the runner's own, for extras.\n"
           "#[wiki.wikidatawiki.ids]\n";
    for (const ConstraintIdRow& row : constraint_id_table)
        out += fmt::format("#{} = \"{}\"\n", row.setting, row.default_id);
    return out;
}

std::string overview() {
    Defaults defaults;
    std::string out;
    for (const SettingRow& row : settings_table()) {
        const std::string key =
            row.of_wiki() ? "wiki.ID." + std::string(row.name()) : std::string(row.key);
        out += fmt::format("  {:<48} {}\n", key, literal(row, defaults.target));
    }
    return out;
}

} // namespace runner::config
