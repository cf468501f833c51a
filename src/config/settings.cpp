// SPDX-License-Identifier: GPL-2.0-or-later
// Looking up the wikis of the settings.
#include "config/settings.hpp"

#include "base/error.hpp"
#include "base/suggest.hpp"

#include <algorithm>

namespace runner::config {

const WikiSettings* Settings::find_wiki(std::string_view id) const noexcept {
    const auto at = std::find_if(wikis.begin(), wikis.end(),
                                 [&](const WikiSettings& wiki) { return wiki.id == id; });
    return at == wikis.end() ? nullptr : &*at;
}

std::string tcp_token_problem(const Settings& settings) {
    const bool some = !settings.server.tokens.empty() ||
                      std::any_of(settings.wiki_tokens.begin(), settings.wiki_tokens.end(),
                                  [](const auto& of) { return !of.second.tokens.empty(); });
    if (some || settings.server.allow_no_token)
        return {};
    return "server.token_file is not set: over TCP every program and user of this machine could "
           "use the API. Write a token into a file (openssl rand -hex 32) and name it there, or, "
           "for development, set server.allow_no_token";
}

WikiSettings Settings::wiki_for_command(std::string_view id) const {
    if (const WikiSettings* wiki = find_wiki(id))
        return *wiki;
    std::vector<std::string_view> ids;
    for (const WikiSettings& wiki : wikis)
        ids.push_back(wiki.id);
    if (id.empty() && wikis.size() == 1)
        return wikis.front();
    if (wikis.empty() && (id.empty() || id == "default")) {
        WikiSettings wiki;
        wiki.id = "default";
        return wiki;
    }
    if (!id.empty())
        throw base::UsageError("unknown wiki \"" + std::string(id) + "\": no [wiki." +
                               std::string(id) + "] in the configuration" +
                               base::did_you_mean(id, ids));
    std::string names;
    for (const std::string_view name : ids)
        names += (names.empty() ? "" : ", ") + std::string(name);
    throw base::UsageError("several wikis are configured (" + names + "): choose one with --wiki");
}

} // namespace runner::config
