// SPDX-License-Identifier: GPL-2.0-or-later
// The origins say to which file and line a message about two settings should point.
#include "config/finish.hpp"

#include "base/error.hpp"
#include "base/file.hpp"

#include <fmt/format.h>

#include <sys/stat.h>

namespace runner::config {
namespace {

[[noreturn]] void wrong(const Loaded& loaded, const std::string& key, std::string_view what) {
    const auto at = loaded.origins.find(key);
    throw base::ConfigError(at == loaded.origins.end()
                                ? fmt::format("{}: {}", key, what)
                                : fmt::format("{}: {}: {}", at->second, key, what));
}

void check_wiki(const Loaded& loaded, const WikiSettings& wiki) {
    const std::string prefix = "wiki." + wiki.id + '.';
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

/// The first line of the file; empty when no file is named.
std::string read_password(Loaded& loaded, const std::string& key,
                          const std::filesystem::path& file) {
    if (file.empty())
        return {};
    std::string text = base::read_file(file, 4096);
    text.resize(std::min(text.find_first_of("\r\n"), text.size()));
    if (text.empty() || text.find('\0') != std::string::npos)
        wrong(loaded, key, "the first line of the file is no password");
    struct stat info{};
    if (stat(file.c_str(), &info) == 0 && (info.st_mode & S_IROTH) != 0)
        loaded.warnings.push_back(fmt::format("{} can be read by every user", file.string()));
    return text;
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
        wiki.replica_password = read_password(
            loaded, "wiki." + wiki.id + ".replica_password_file", wiki.replica_password_file);
    }
    s.database.password =
        read_password(loaded, "database.password_file", s.database.password_file);
}

} // namespace runner::config
