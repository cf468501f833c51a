// SPDX-License-Identifier: GPL-2.0-or-later
// See config_problems.hpp.
#include "cli/config_problems.hpp"

#include "base/error.hpp"
#include "checks/unit_converter.hpp"
#include "source/file_problem.hpp"
#include "store/common/conninfo.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <grp.h>
#include <netdb.h>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>

namespace runner::cli {
namespace {

using std::filesystem::path;

/// Between "://" and the port, without a user.
std::string host_of(std::string_view url) {
    const std::size_t scheme = url.find("://");
    if (scheme == std::string_view::npos)
        return {};
    url.remove_prefix(scheme + 3);
    url = url.substr(0, std::min(url.find_first_of("/?#"), url.size()));
    if (const std::size_t at = url.rfind('@'); at != std::string_view::npos)
        url.remove_prefix(at + 1);
    if (url.starts_with('['))
        return std::string(url.substr(1, std::min(url.find(']'), url.size()) - 1));
    return std::string(url.substr(0, std::min(url.find(':'), url.size())));
}

bool is_program(const path& file) {
    return access(file.c_str(), X_OK) == 0 && std::filesystem::is_regular_file(file);
}

/// Where the system would find the program; empty: nowhere.
path find_program(const std::string& name) {
    if (name.find('/') != std::string::npos)
        return is_program(name) ? path(name) : path();
    const char* folders = std::getenv("PATH");
    std::string_view rest = folders != nullptr ? folders : "/usr/local/bin:/usr/bin:/bin";
    while (!rest.empty()) {
        const std::size_t colon = std::min(rest.find(':'), rest.size());
        const path file = path(rest.substr(0, colon)) / name;
        if (is_program(file))
            return file;
        rest.remove_prefix(std::min(colon + 1, rest.size()));
    }
    return {};
}

class Finder {
public:
    std::vector<std::string> run(const config::Settings& settings) {
        server(settings.server);
        if (!settings.server.listen.empty())
            if (std::string problem = config::tcp_token_problem(settings); !problem.empty())
                problems_.push_back(std::move(problem));
        database(settings.database);
        if (!settings.imports.dump_folder.empty())
            folder("imports.dump_folder", settings.imports.dump_folder, R_OK | X_OK);
        if (!settings.imports.work_folder.empty())
            folder("imports.work_folder", settings.imports.work_folder, R_OK | W_OK | X_OK);
        if (settings.wikis.empty())
            say("wiki", "there is no section [wiki.ID], so no job can be accepted");
        for (const config::WikiSettings& each : settings.wikis)
            wiki(each);
        return std::move(problems_);
    }

private:
    void say(const std::string& key, const std::string& what) {
        problems_.push_back(key + ": " + what);
    }

    void file(const std::string& key, const path& file) {
        if (access(file.c_str(), R_OK) != 0)
            say(key, file.string() + ": " + std::strerror(errno));
        else if (std::filesystem::is_directory(file))
            say(key, file.string() + ": is a directory");
        else if (!std::filesystem::is_regular_file(file))
            say(key, file.string() + ": is not a regular file");
    }

    void folder(const std::string& key, const path& folder, int rights) {
        std::error_code none;
        if (access(folder.c_str(), F_OK) == 0 && !std::filesystem::is_directory(folder, none))
            say(key, folder.string() + ": is not a directory");
        else if (access(folder.c_str(), rights) != 0)
            say(key, folder.string() + ": " + std::strerror(errno));
    }

    /// A socket that is there already; `ours`: the runner makes it, if it is not.
    void socket(const std::string& key, const path& file, bool ours) {
        struct stat info {};
        if (stat(file.c_str(), &info) == 0) {
            if (!S_ISSOCK(info.st_mode))
                say(key, file.string() + ": is not a socket");
        } else if (!ours) {
            say(key, file.string() + ": " + std::strerror(errno));
        } else {
            const path parent = file.parent_path().empty() ? path(".") : file.parent_path();
            // systemd makes the folder of a service when it starts it
            if (access(parent.c_str(), F_OK) == 0 || parent.parent_path() != "/run")
                folder(key, parent, X_OK);
        }
    }

    void host(const std::string& key, const std::string& name) {
        if (name.empty())
            return;
        addrinfo* found = nullptr;
        addrinfo hints{};
        hints.ai_socktype = SOCK_STREAM;
        const int error = getaddrinfo(name.c_str(), nullptr, &hints, &found);
        if (error == 0)
            freeaddrinfo(found);
        else
            say(key, fmt::format("the host \"{}\" is not found: {}", name,
                                 error == EAI_SYSTEM ? std::strerror(errno) : gai_strerror(error)));
    }

    void server(const config::ServerSettings& server) {
        const std::string& group = server.socket_group;
        const bool numeric =
            std::all_of(group.begin(), group.end(), [](char c) { return c >= '0' && c <= '9'; });
        if (!numeric && getgrnam(group.c_str()) == nullptr)
            say("server.socket_group", "no group \"" + group + '"');
        if (!server.socket.empty())
            socket("server.socket", server.socket, true);
        if (server.socket.empty() && server.listen.empty())
            say("server.socket, server.listen", "both are empty, so the API is unreachable");
    }

    void database(const config::DatabaseSettings& database) {
        const std::string key = "database.conninfo";
        if (const std::string problem = store::libpq_problem(database.conninfo); !problem.empty())
            say(key, problem);
        for (const std::string& name : store::conninfo_hosts(database.conninfo))
            if (name.starts_with('/'))
                folder(key, name, X_OK);
            else if (!name.starts_with('@')) // a socket without a file
                host(key, name);
    }

    void wiki(const config::WikiSettings& wiki) {
        const std::string prefix = "wiki." + wiki.id + '.';
        for (const path& each : wiki.files)
            if (const std::string problem = source::file_problem(each); !problem.empty())
                say(prefix + "files", problem);
        if (!wiki.unit_conversion.empty())
            units(prefix + "unit_conversion", wiki.unit_conversion);
        if (!wiki.replica_defaults_file.empty())
            file(prefix + "replica_defaults_file", wiki.replica_defaults_file);
        if (!wiki.replica_socket.empty())
            socket(prefix + "replica_socket", wiki.replica_socket, false);
        php(prefix + "php_command", wiki.php_command);
        if (wiki.source == config::SourceKind::http)
            host(prefix + "entity_data_url", host_of(wiki.entity_data_url));
        host(prefix + "api_url", host_of(wiki.api_url));
        host(prefix + "commons_api", host_of(wiki.commons_api));
        if (wiki.replica_socket.empty())
            host(prefix + "replica_host", wiki.replica_host);
    }

    /// As `serve` reads it.
    void units(const std::string& key, const path& conversions) {
        const std::size_t before = problems_.size();
        file(key, conversions);
        if (problems_.size() > before)
            return;
        try {
            (void)checks::UnitConverter(conversions, {}, key);
        } catch (const base::ConfigError& error) {
            problems_.emplace_back(error.what());
        }
    }

    void php(const std::string& key, const std::vector<std::string>& command) {
        if (command.empty())
            return;
        if (find_program(command.front()).empty())
            say(key, '"' + command.front() + "\" is not an executable program");
        for (const std::string& word : command)
            if (word.starts_with('/') && word.ends_with(".php"))
                file(key, word);
    }

    std::vector<std::string> problems_;
};

} // namespace

std::vector<std::string> config_problems(const config::Settings& settings) {
    return Finder().run(settings);
}

} // namespace runner::cli
