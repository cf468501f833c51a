// SPDX-License-Identifier: GPL-2.0-or-later
// The settings in force, with where each came from.
#include "config/reference.hpp"
#include "config/settings_table.hpp"
#include "config/value.hpp"

#include <fmt/format.h>

#include <functional>

namespace runner::config {
namespace {

struct Shown {
    std::string section; ///< "wiki.wikidatawiki.ids"
    std::string name;
    std::string value;
    std::string default_value;
    std::string source;
    std::string environment;
    bool reloadable = false;
};

std::string in_quotes(std::string_view text) {
    std::string out = "\"";
    base::append_json_escaped(out, text);
    return out + '"';
}

class Collector {
public:
    Collector(const Loaded& loaded, bool changed_only)
        : loaded_(loaded), settings_(loaded.settings), changed_only_(changed_only) {}

    std::vector<Shown> run() {
        for (const SettingRow& row : settings_table())
            if (!row.of_wiki())
                add_row(row, std::string(row.section()), {&settings_, nullptr});
        for (WikiSettings& wiki : settings_.wikis) {
            const std::string section = "wiki." + wiki.id;
            for (const SettingRow& row : settings_table())
                if (row.of_wiki())
                    add_row(row, section, {&settings_, &wiki});
            for (std::size_t i = 0; i < constraint_id_count; ++i)
                add({section + ".ids",
                     std::string(constraint_id_table[i].setting),
                     in_quotes(wiki.ids[static_cast<ConstraintId>(i)]),
                     in_quotes(constraint_id_table[i].default_id),
                     {},
                     {},
                     false});
        }
        return std::move(shown_);
    }

private:
    void add_row(const SettingRow& row, const std::string& section, Target target) {
        add({section,
             std::string(row.name()),
             literal(row, target),
             literal(row, {&default_settings_, &default_wiki_}),
             {},
             row.environment(),
             row.reloadable});
    }

    void add(Shown shown) {
        const auto origin = loaded_.origins.find(shown.section + '.' + shown.name);
        shown.source = origin == loaded_.origins.end() ? "default" : origin->second;
        if (!changed_only_ || shown.value != shown.default_value)
            shown_.push_back(std::move(shown));
    }

    const Loaded& loaded_;
    Settings settings_; // rows lead to values that could be changed: a copy
    bool changed_only_;
    Settings default_settings_;
    WikiSettings default_wiki_;
    std::vector<Shown> shown_;
};

} // namespace

std::string show_toml(const Loaded& loaded, bool changed_only) {
    std::string out;
    std::string section;
    for (const Shown& s : Collector(loaded, changed_only).run()) {
        if (s.section != section) {
            out += fmt::format("{}[{}]\n", out.empty() ? "" : "\n", s.section);
            section = s.section;
        }
        const std::string assignment = s.name + " = " + s.value;
        // a control character in a file name must not end the comment
        const std::string source = in_quotes(s.source);
        out += s.source == "default"
                   ? assignment + '\n'
                   : fmt::format("{:<48} # {}\n", assignment, source.substr(1, source.size() - 2));
    }
    return out;
}

std::string show_json(const Loaded& loaded, bool changed_only) {
    std::string out = "{";
    for (const Shown& s : Collector(loaded, changed_only).run()) {
        out += out.size() > 1 ? ",\n " : "\n ";
        out += fmt::format(R"({}: {{"value": {}, "default": {}, "source": {}, )",
                           in_quotes(s.section + '.' + s.name), s.value, s.default_value,
                           in_quotes(s.source));
        if (!s.environment.empty())
            out += fmt::format(R"("environment": "{}", )", s.environment);
        out += fmt::format(R"("reloadable": {}}})", s.reloadable);
    }
    return out + "\n}\n";
}

} // namespace runner::config
