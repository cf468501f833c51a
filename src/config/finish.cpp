// SPDX-License-Identifier: GPL-2.0-or-later
// The origins say to which file and line a message about two settings should point.
#include "config/finish.hpp"

#include "base/error.hpp"
#include "base/file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <sys/stat.h>

namespace runner::config {
namespace {

[[noreturn]] void wrong(const Loaded& loaded, const std::string& key, std::string_view what) {
    const auto at = loaded.origins.find(key);
    throw base::ConfigError(at == loaded.origins.end()
                                ? fmt::format("{}: {}", key, what)
                                : fmt::format("{}: {}: {}", at->second, key, what));
}

void check_properties(const Loaded& loaded, const WikiSettings& wiki) {
    if (wiki.properties.empty())
        return;
    const std::string key = "wiki." + wiki.id + ".properties";
    const auto& wikis = loaded.settings.wikis;
    const auto at = std::find_if(wikis.begin(), wikis.end(), [&](const WikiSettings& each) {
        return each.id == wiki.properties;
    });
    if (at == wikis.end())
        wrong(loaded, key, fmt::format("there is no section [wiki.{}]", wiki.properties));
    if (at->id == wiki.id || !at->properties.empty())
        wrong(loaded, key, "must name a wiki that has its own properties");
    if (at->source == SourceKind::none)
        wrong(loaded, key, fmt::format("[wiki.{}] has no source to read them from", at->id));
}

void check_wiki(const Loaded& loaded, const WikiSettings& wiki) {
    const std::string prefix = "wiki." + wiki.id + '.';
    check_properties(loaded, wiki);
    if (wiki.source == SourceKind::http && wiki.entity_data_url.empty())
        wrong(loaded, prefix + "source", "\"http\" needs entity_data_url");
    if (wiki.source == SourceKind::file && wiki.files.empty())
        wrong(loaded, prefix + "source", "\"file\" needs files");
    if (wiki.replica_database.empty() &&
        !(wiki.replica_host.empty() && wiki.replica_socket.empty() &&
          wiki.replica_defaults_file.empty()))
        wrong(loaded, prefix + "replica_database", "must not be empty when a replica is named");
    if (wiki.source == SourceKind::php && wiki.php_command.empty())
        wrong(loaded, prefix + "source", "\"php\" needs php_command");
    if (wiki.verify_sample > 0 && wiki.php_command.empty())
        wrong(loaded, prefix + "verify_sample", "needs php_command");
    if (wiki.concept_base_uri.empty())
        wrong(loaded, prefix + "concept_base_uri", "must not be empty");
}

void warn_of_open_file(Loaded& loaded, const std::filesystem::path& file) {
    struct stat info {};
    if (stat(file.c_str(), &info) == 0 && (info.st_mode & S_IROTH) != 0)
        loaded.warnings.push_back(fmt::format("{} can be read by every user", file.string()));
}

/// Errors have the name of the setting before that of the file.
std::string read_named(const std::string& key, const std::filesystem::path& file,
                       std::size_t most) {
    try {
        return base::read_file(file, most);
    } catch (const base::Error& error) {
        throw base::Error(error.exit_code(), key + ": " + error.what());
    }
}

/// The first line of the file; empty when no file is named.
std::string read_password(Loaded& loaded, const std::string& key,
                          const std::filesystem::path& file) {
    if (file.empty())
        return {};
    std::string text = read_named(key, file, 4096);
    text.resize(std::min(text.find_first_of("\r\n"), text.size()));
    if (text.empty() || text.find('\0') != std::string::npos)
        wrong(loaded, key, "the first line of the file is not a password");
    warn_of_open_file(loaded, file);
    return text;
}

bool is_token(std::string_view text) noexcept {
    constexpr std::size_t shortest = 16;
    return text.size() >= shortest && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                      std::string_view("-._~+/=").find(c) != std::string_view::npos;
           });
}

/// Of a client: no space, so that it is none of those that the runner gives ("uid 33").
bool is_client_name(std::string_view text) noexcept {
    constexpr std::size_t longest = 64;
    return !text.empty() && text.size() <= longest && text != "tcp" &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                      std::string_view("-._").find(c) != std::string_view::npos;
           });
}

/// The lines of the file that are not empty and do not begin with `#`; none when no file is named.
/// One without a name is the client `whose` and its number among them.
std::vector<Token> read_tokens(Loaded& loaded, const std::string& key,
                               const std::filesystem::path& file, const std::string& whose) {
    std::vector<Token> tokens;
    if (file.empty())
        return tokens;
    const std::string text = read_named(key, file, std::size_t{64} << 10U);
    for (std::size_t from = 0, number = 1; from < text.size(); ++number) {
        const std::size_t end = std::min(text.find('\n', from), text.size());
        std::string line = text.substr(from, end - from);
        if (line.ends_with('\r'))
            line.pop_back();
        from = end + 1;
        if (line.empty() || line.starts_with('#'))
            continue;
        std::string name;
        if (const std::size_t space = line.find_first_of(" \t"); space != std::string::npos) {
            const std::size_t begin = std::min(line.find_first_not_of(" \t", space), line.size());
            name = line.substr(begin, line.find_last_not_of(" \t") + 1 - begin);
            line.resize(space);
            if (!is_client_name(name)) // may be a secret with a space in it
                wrong(
                    loaded, key,
                    fmt::format("line {} of {}: behind the token there is no name of a client: at "
                                "most 64 letters, digits and - . _",
                                number, file.string()));
        }
        if (!is_token(line)) // which is not shown: it may be a real one with a typing error
            wrong(loaded, key,
                  fmt::format("line {} of {} is not a token: at least 16 letters, digits and "
                              "- . _ ~ + / =",
                              number, file.string()));
        if (name.empty())
            name = fmt::format("{} {}", whose, tokens.size() + 1);
        tokens.push_back({std::move(line), std::move(name)});
    }
    if (tokens.empty())
        wrong(loaded, key, "the file contains no token");
    warn_of_open_file(loaded, file);
    return tokens;
}

} // namespace

void finish(Loaded& loaded) {
    Settings& s = loaded.settings;
    if (s.queue.backoff_base > s.queue.backoff_max)
        wrong(loaded, "queue.backoff_base", "must not be longer than queue.backoff_max");
    if (s.imports.backoff_base > s.imports.backoff_max)
        wrong(loaded, "imports.backoff_base", "must not be longer than imports.backoff_max");
    for (WikiSettings& wiki : s.wikis) {
        check_wiki(loaded, wiki);
        wiki.replica_password = read_password(loaded, "wiki." + wiki.id + ".replica_password_file",
                                              wiki.replica_password_file);
        WikiTokens& own = s.wiki_tokens[wiki.id];
        own.tokens = read_tokens(loaded, "wiki." + wiki.id + ".token_file", own.file, wiki.id);
    }
    s.server.tokens = read_tokens(loaded, "server.token_file", s.server.token_file, "token");
    s.imports.webhook_secret =
        read_password(loaded, "imports.webhook_secret_file", s.imports.webhook_secret_file);
    s.database.password = read_password(loaded, "database.password_file", s.database.password_file);
}

} // namespace runner::config
