// SPDX-License-Identifier: GPL-2.0-or-later
// The four layers of settings, one upon the other. Each value goes through assign() with its row;
// here is what finds the row, and what to say when there is none.
#include "config/load.hpp"

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/suggest.hpp"
#include "config/finish.hpp"
#include "config/settings_table.hpp"
#include "config/toml_file.hpp"
#include "config/validators.hpp"
#include "config/value.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <stdexcept>
#include <unistd.h>

namespace runner::config {
namespace {

using std::filesystem::path;

constexpr std::string_view environment_prefix = "CONSTRAINT_RUNNER_";

std::string join(const std::vector<std::string>& parts) {
    std::string text;
    for (const std::string& part : parts)
        text += (text.empty() ? "" : ".") + part;
    return text;
}

/// The sections (tables) that exist: "server", …, and "wiki".
std::vector<std::string_view> sections() {
    std::vector<std::string_view> names;
    for (const SettingRow& row : settings_table()) {
        const std::string_view name = row.of_wiki() ? "wiki" : row.section();
        if (names.empty() || names.back() != name)
            names.push_back(name);
    }
    return names;
}

std::string unknown_key(const std::vector<std::string>& parts) {
    const std::string& first = parts.front();
    const auto known = sections();
    if (parts.size() == 1 || std::find(known.begin(), known.end(), first) == known.end()) {
        // a key outside of its table is the likeliest mistake
        for (const SettingRow& row : settings_table())
            if (parts.size() == 1 && row.name() == first)
                return fmt::format("unknown key; it belongs into the table [{}]",
                                   row.of_wiki() ? "wiki.ID" : row.section());
        return "unknown table" + base::did_you_mean(first, known);
    }
    std::vector<std::string_view> names;
    const bool ids = first == "wiki" && parts.size() >= 4 && parts[2] == "ids";
    if (ids)
        for (const ConstraintIdRow& row : constraint_id_table)
            names.push_back(row.setting);
    for (const SettingRow& row : settings_table())
        if (!ids && row.section() == (first == "wiki" ? "wiki.*" : std::string_view(first)))
            names.push_back(row.name());
    if (first == "wiki" && !ids)
        names.emplace_back("ids");
    return "unknown key" + base::did_you_mean(parts.back(), names);
}

class Loader {
public:
    explicit Loader(const Sources& sources) : sources_(sources) {}

    Loaded run() {
        if (sources_.file) {
            read_file(*sources_.file);
            read_folder();
        }
        read_environment();
        read_assignments();
        sort_wikis();
        finish(loaded_);
        return std::move(loaded_);
    }

private:
    /// Stores one value. Throws std::invalid_argument saying what is wrong with key or value.
    void set(const std::vector<std::string>& parts, const Raw& raw, const path& base,
             const std::string& origin) {
        Target target{&loaded_.settings, nullptr};
        std::string row_key = join(parts);
        if (parts.front() == "wiki" && parts.size() >= 2) {
            target.wiki = &wiki(parts[1]);
            if (parts.size() == 4 && parts[2] == "ids") {
                set_id(*target.wiki, parts[3], raw);
                loaded_.origins[row_key] = origin;
                target.wiki->origins["ids." + parts[3]] = origin;
                return;
            }
            if (parts.size() == 3)
                row_key = "wiki.*." + parts[2];
        }
        const SettingRow* row = find_row(row_key);
        if (row == nullptr || row->of_wiki() != (target.wiki != nullptr))
            throw std::invalid_argument(unknown_key(parts));
        assign(*row, target, raw, base);
        loaded_.origins[join(parts)] = origin;
        if (target.wiki != nullptr)
            target.wiki->origins[std::string(row->name())] = origin;
    }

    static void set_id(WikiSettings& wiki, const std::string& name, const Raw& raw) {
        const auto id = ConstraintIds::find(name);
        if (!id)
            throw std::invalid_argument(unknown_key({"wiki", wiki.id, "ids", name}));
        const auto* plain = std::get_if<Plain>(&raw);
        const auto* text = plain != nullptr ? &plain->text : std::get_if<std::string>(&raw);
        const char letter = constraint_id_table[static_cast<std::size_t>(*id)].default_id[0];
        const std::string problem = entity_id_problem(text != nullptr ? *text : "", letter);
        if (!problem.empty())
            throw std::invalid_argument(problem);
        wiki.ids.set(*id, *text);
    }

    WikiSettings& wiki(const std::string& id) {
        for (WikiSettings& known : loaded_.settings.wikis)
            if (known.id == id)
                return known;
        if (const std::string problem = wiki_id_problem(id); !problem.empty())
            throw std::invalid_argument(problem);
        WikiSettings made;
        made.id = id;
        return loaded_.settings.wikis.emplace_back(std::move(made));
    }

    /// The files of `wikis.d` beside the file, in the order of their names: they hold wikis alone.
    /// Hidden ones are no part of it, such as those that an editor or a package manager leaves.
    void read_folder() {
        const path folder = sources_.file->parent_path() / "wikis.d";
        std::error_code absent;
        std::vector<path> files;
        for (const auto& entry : std::filesystem::directory_iterator(folder, absent))
            if (entry.path().extension() == ".toml" && entry.is_regular_file() &&
                !entry.path().filename().native().starts_with('.'))
                files.push_back(entry.path());
        std::sort(files.begin(), files.end());
        std::map<std::string, path> places;
        for (const WikiSettings& wiki : loaded_.settings.wikis)
            places.emplace(wiki.id, *sources_.file);
        for (const path& file : files)
            read_file(file, [&](const TomlEntry& entry) {
                if (entry.path.front() != "wiki")
                    throw std::invalid_argument("a file in wikis.d holds tables [wiki.ID] alone");
                if (entry.path.size() < 2)
                    return;
                const auto& place = places.emplace(entry.path[1], file).first->second;
                if (place != file)
                    throw std::invalid_argument(
                        fmt::format("[wiki.{}] is in {}, too", entry.path[1], place.string()));
            });
    }

    void read_file(const path& file, const std::function<void(const TomlEntry&)>& look = {}) {
        const std::string name = file.string();
        const path base = std::filesystem::absolute(file).parent_path();
        const std::string text = base::read_file(file, std::size_t{8} << 20);
        for (const TomlEntry& entry : parse_toml(text, name)) {
            const std::string where = fmt::format("{}:{}", name, entry.line);
            try {
                if (look)
                    look(entry);
                if (entry.is_table)
                    check_table(entry.path);
                else if (entry.unusable != nullptr && known(entry.path))
                    throw std::invalid_argument(
                        fmt::format("{} is not a value for a setting", entry.unusable));
                else
                    set(entry.path, entry.value, base, where);
            } catch (const std::invalid_argument& e) {
                throw base::ConfigError(
                    fmt::format("{}: {}: {}", where, join(entry.path), e.what()));
            }
        }
    }

    static bool known(const std::vector<std::string>& parts) {
        if (parts.front() == "wiki" && parts.size() == 3)
            return find_row("wiki.*." + parts[2]) != nullptr;
        return parts.size() == 4 || find_row(join(parts)) != nullptr;
    }

    void check_table(const std::vector<std::string>& parts) {
        const auto tables = sections();
        const bool is_section = std::find(tables.begin(), tables.end(), parts[0]) != tables.end();
        if (parts[0] == "wiki" && parts.size() == 2)
            wiki(parts[1]); // an empty table makes a wiki with defaults
        const bool good = parts[0] == "wiki"
                              ? parts.size() <= 2 || (parts.size() == 3 && parts[2] == "ids")
                              : parts.size() == 1 && is_section;
        if (!good && find_row(join(parts)) != nullptr)
            throw std::invalid_argument("expected " + expected(*find_row(join(parts))));
        if (!good)
            throw std::invalid_argument(unknown_key(parts));
    }

    void read_environment() {
        std::vector<std::string> names;
        for (const SettingRow& row : settings_table())
            if (!row.of_wiki())
                names.push_back(row.environment());
        const std::vector<std::string_view> candidates(names.begin(), names.end());
        for (const auto& [name, value] : sources_.environment) {
            if (name == "CONSTRAINT_RUNNER_CONFIG")
                continue; // names the file
            const auto at = std::find(names.begin(), names.end(), name);
            if (at == names.end()) {
                // others set such variables too (Kubernetes, for a service of this name)
                loaded_.warnings.push_back("environment variable " + name + " is not a setting" +
                                           base::did_you_mean(name, candidates));
                continue;
            }
            try {
                set_row(name, value);
            } catch (const std::invalid_argument& e) {
                throw base::ConfigError(fmt::format("{}: {}", name, e.what()));
            }
        }
    }

    void set_row(const std::string& name, const std::string& value) {
        for (const SettingRow& row : settings_table())
            if (row.environment() == name) {
                assign(row, {&loaded_.settings, nullptr}, Plain{value},
                       std::filesystem::current_path());
                loaded_.origins[std::string(row.key)] = name;
            }
    }

    void read_assignments() {
        for (const std::string& assignment : sources_.assignments) {
            const std::size_t equals = assignment.find('=');
            if (equals == std::string::npos || equals == 0)
                throw base::UsageError("--set " + assignment + ": expected KEY=VALUE");
            const std::string key = assignment.substr(0, equals);
            const std::string value = assignment.substr(equals + 1);
            if (key == "database.conninfo" && mask_conninfo(value) != value)
                throw base::UsageError("--set database.conninfo: a password on the command line "
                                       "is visible to every user; use database.password_file or "
                                       "PGPASSFILE");
            std::vector<std::string> parts{{}};
            for (const char c : key) {
                if (c == '.')
                    parts.emplace_back();
                else
                    parts.back() += c;
            }
            try {
                set(parts, Plain{value}, std::filesystem::current_path(), "--set");
            } catch (const std::invalid_argument& e) {
                throw base::UsageError(fmt::format("--set {}: {}", key, e.what()));
            }
        }
    }

    void sort_wikis() {
        auto& wikis = loaded_.settings.wikis;
        std::sort(wikis.begin(), wikis.end(),
                  [](const WikiSettings& a, const WikiSettings& b) { return a.id < b.id; });
    }

    const Sources& sources_;
    Loaded loaded_;
};

} // namespace

std::map<std::string, std::string> runner_environment() {
    std::map<std::string, std::string> found;
    for (char** at = environ; at != nullptr && *at != nullptr; ++at) {
        const std::string_view variable = *at;
        const std::size_t equals = variable.find('=');
        if (variable.starts_with(environment_prefix) && equals != std::string_view::npos)
            found.emplace(variable.substr(0, equals), variable.substr(equals + 1));
    }
    return found;
}

Loaded load(const Sources& sources) { return Loader(sources).run(); }

} // namespace runner::config
