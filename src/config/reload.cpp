// SPDX-License-Identifier: GPL-2.0-or-later
// Reading the settings again: the table says which of them a running process can take over.
#include "config/load.hpp"
#include "config/settings_table.hpp"
#include "config/value.hpp"

#include <algorithm>
#include <set>

namespace runner::config {
namespace {

void compare_rows(bool of_wiki, const std::string& prefix, Target now, Target next,
                  ReloadReport& report) {
    for (const SettingRow& row : settings_table()) {
        if (row.of_wiki() != of_wiki || same_value(row, now, next))
            continue;
        std::string key = of_wiki ? prefix + std::string(row.name()) : std::string(row.key);
        if (row.reloadable) {
            copy_value(row, next, now);
            report.applied.push_back(std::move(key));
        } else {
            report.need_restart.push_back(std::move(key));
        }
    }
}

void compare_ids(const std::string& prefix, const ConstraintIds& now, const ConstraintIds& next,
                 ReloadReport& report) {
    for (std::size_t i = 0; i < constraint_id_count; ++i) {
        const auto id = static_cast<ConstraintId>(i);
        if (now[id] != next[id])
            report.need_restart.push_back(prefix + "ids." +
                                          std::string(constraint_id_table[i].setting));
    }
}

/// The file is the same, but not what is in it.
void take_tokens(const std::string& key, std::vector<Token>& now, std::vector<Token>& next,
                 ReloadReport& report) {
    if (now == next)
        return;
    now = std::move(next);
    if (std::find(report.applied.begin(), report.applied.end(), key) == report.applied.end())
        report.applied.push_back(key);
}

} // namespace

Settings with_wikis(Settings settings, const std::vector<WikiSettings>& added) {
    settings.wikis.insert(settings.wikis.end(), added.begin(), added.end());
    std::sort(settings.wikis.begin(), settings.wikis.end(),
              [](const WikiSettings& a, const WikiSettings& b) { return a.id < b.id; });
    return settings;
}

ReloadReport reload(const Sources& sources, Settings& current) {
    Settings next = load(sources).settings;
    ReloadReport report;
    compare_rows(false, {}, {&current, nullptr}, {&next, nullptr}, report);
    take_tokens("server.token_file", current.server.tokens, next.server.tokens, report);
    if (current.imports.webhook_secret != next.imports.webhook_secret)
        report.need_restart.emplace_back("imports.webhook_secret_file");
    if (current.database.password != next.database.password)
        report.need_restart.emplace_back("database.password_file");

    std::set<std::string> gone;
    for (const WikiSettings& wiki : current.wikis)
        gone.insert(wiki.id);
    for (WikiSettings& wiki : next.wikis) {
        const std::string prefix = "wiki." + wiki.id + '.';
        if (gone.erase(wiki.id) == 0) {
            current.wiki_tokens[wiki.id] = next.wiki_tokens[wiki.id];
            report.added.push_back(std::move(wiki));
            continue;
        }
        for (WikiSettings& running : current.wikis)
            if (running.id == wiki.id) {
                compare_rows(true, prefix, {&current, &running}, {&next, &wiki}, report);
                compare_ids(prefix, running.ids, wiki.ids, report);
                take_tokens(prefix + "token_file", current.wiki_tokens[wiki.id].tokens,
                            next.wiki_tokens[wiki.id].tokens, report);
            }
    }
    for (const std::string& id : gone)
        report.need_restart.push_back("wiki." + id);
    return report;
}

} // namespace runner::config
