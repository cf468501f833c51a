// SPDX-License-Identifier: GPL-2.0-or-later
#include "api/listen.hpp"

#include "base/error.hpp"
#include "base/fd.hpp"

#include <fmt/format.h>
#include <systemd/sd-daemon.h>

#include <arpa/inet.h>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <grp.h>
#include <netinet/in.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>

namespace runner::api {

namespace {

using base::Fd;

constexpr int backlog = 4096; // the kernel takes its own maximum when that is smaller

std::string reason() { return std::strerror(errno); }

int stream_socket(int domain) {
    const int fd = ::socket(domain, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        throw base::OsError("no socket: " + reason());
    return fd;
}

sockaddr_un unix_address(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof address.sun_path)
        throw base::ConfigError(fmt::format("the socket path {} has {} bytes; it must have 1 to {}",
                                            path, path.size(), sizeof address.sun_path - 1));
    std::memcpy(address.sun_path, path.data(), path.size());
    return address;
}

const sockaddr* generic(const sockaddr_un& address) {
    return reinterpret_cast<const sockaddr*>(&address);
}

/// Takes away the socket file of a dead process; throws when it belongs to a live one.
void replace_stale(const std::string& path, const sockaddr_un& address) {
    struct stat info {};
    if (::lstat(path.c_str(), &info) != 0)
        return;
    if (!S_ISSOCK(info.st_mode))
        throw base::ConfigError(path + " exists and is not a socket; it was left alone");
    const Fd probe(stream_socket(AF_UNIX));
    if (::connect(probe.fd, generic(address), sizeof address) == 0 || errno == EAGAIN)
        throw base::OsError("already running: another process listens on " + path);
    if (errno != ECONNREFUSED && errno != ENOENT)
        throw base::OsError(path + " can't be examined: " + reason());
    if (::unlink(path.c_str()) != 0 && errno != ENOENT)
        throw base::OsError(path + " was left by a dead process and can't be removed: " + reason());
}

/// `group` is a name or a number.
gid_t group_id(const std::string& group) {
    std::string buffer(16384, '\0');
    ::group entry{};
    ::group* found = nullptr;
    ::getgrnam_r(group.c_str(), &entry, buffer.data(), buffer.size(), &found);
    if (found != nullptr)
        return found->gr_gid;
    gid_t number = 0;
    const auto [end, error] = std::from_chars(group.data(), group.data() + group.size(), number);
    if (error != std::errc{} || end != group.data() + group.size())
        throw base::ConfigError("server.socket_group: there is no group \"" + group + "\"");
    return number;
}

void give_to_group(const std::string& path, const std::string& group) {
    if (::chown(path.c_str(), static_cast<uid_t>(-1), group_id(group)) != 0)
        throw base::ConfigError(
            fmt::format("server.socket_group: {} can't be assigned to group \"{}\": {}", path,
                        group, reason()));
}

bool is_loopback(const sockaddr_storage& storage) {
    if (storage.ss_family == AF_INET) {
        sockaddr_in in{};
        std::memcpy(&in, &storage, sizeof in);
        return (ntohl(in.sin_addr.s_addr) >> 24U) == 127;
    }
    sockaddr_in6 in{};
    std::memcpy(&in, &storage, sizeof in);
    return IN6_IS_ADDR_LOOPBACK(&in.sin6_addr);
}

std::uint16_t port_from(std::string_view text, const std::string& address) {
    unsigned port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size() || port > 65535)
        throw base::ConfigError(fmt::format(
            "server.listen: \"{}\": the port is not a number from 0 to 65535", address));
    return static_cast<std::uint16_t>(port);
}

} // namespace

Listener::Listener(Listener&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), family_(other.family_), name_(std::move(other.name_)),
      owns_file_(std::exchange(other.owns_file_, false)), inherited_(other.inherited_),
      device_(other.device_), inode_(other.inode_) {}

Listener::~Listener() {
    remove_file();
    if (fd_ >= 0)
        ::close(fd_);
}

Listener Listener::duplicate() const {
    const int copy = ::fcntl(fd_, F_DUPFD_CLOEXEC, 0);
    if (copy < 0)
        throw base::OsError(name_ + ": " + std::strerror(errno));
    Listener listener(copy, family_, name_);
    listener.inherited_ = inherited_;
    return listener;
}

int Listener::release_fd() noexcept { return std::exchange(fd_, -1); }

void Listener::owns_file(dev_t device, ino_t inode) noexcept {
    owns_file_ = true;
    device_ = device;
    inode_ = inode;
}

void Listener::remove_file() noexcept {
    if (!std::exchange(owns_file_, false))
        return;
    struct stat info {};
    if (::lstat(name_.c_str(), &info) == 0 && info.st_dev == device_ && info.st_ino == inode_)
        ::unlink(name_.c_str());
}

Listener listen_unix(const std::string& path, unsigned mode, const std::string& group) {
    const sockaddr_un address = unix_address(path);
    auto folder = std::filesystem::path(path).parent_path().string();
    if (folder.empty())
        folder = ".";
    // two starting at once: the lock makes look, remove, bind and listen one step
    const Fd lock(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (lock.fd < 0)
        throw base::ConfigError(fmt::format("the folder of the socket {}: {}", path, reason()));
    if (::flock(lock.fd, LOCK_EX) != 0)
        throw base::OsError(folder + " can't be locked: " + reason());

    replace_stale(path, address);
    Fd fd(stream_socket(AF_UNIX));
    if (::bind(fd.fd, generic(address), sizeof address) != 0)
        throw base::OsError(fmt::format("the socket {} can't be created: {}", path, reason()));
    struct stat info {};
    if (::lstat(path.c_str(), &info) != 0)
        throw base::OsError(fmt::format("the socket {}: {}", path, reason()));
    Listener listener(fd.release(), Listener::Family::local, path);
    listener.owns_file(info.st_dev, info.st_ino);
    if (!group.empty())
        give_to_group(path, group);
    // before listen(): until then no client can connect, whatever the umask
    if (::chmod(path.c_str(), static_cast<mode_t>(mode)) != 0)
        throw base::OsError(fmt::format("the mode of {} can't be set: {}", path, reason()));
    if (::listen(listener.fd(), backlog) != 0)
        throw base::OsError(fmt::format("can't listen on {}: {}", path, reason()));
    return listener;
}

namespace {

std::string not_loopback(const std::string& address) {
    return "server.listen: \"" + address +
           "\" is not a loopback address; the API is not encrypted, so it listens on 127.0.0.0/8 "
           "and [::1] only";
}

} // namespace

Listener listen_loopback(const std::string& address) {
    const std::size_t colon = address.rfind(':');
    if (colon == std::string::npos)
        throw base::ConfigError("server.listen: \"" + address +
                                "\": expected HOST:PORT, like 127.0.0.1:8080");
    const std::string host = address.substr(0, colon);
    const std::uint16_t port = port_from(std::string_view(address).substr(colon + 1), address);

    sockaddr_storage storage{};
    socklen_t length = 0;
    in_addr four{};
    Listener::Family family = Listener::Family::ipv4;
    if (host == "localhost" || ::inet_pton(AF_INET, host.c_str(), &four) == 1) {
        if (host == "localhost")
            four.s_addr = htonl(INADDR_LOOPBACK);
        if ((ntohl(four.s_addr) >> 24U) != 127)
            throw base::ConfigError(not_loopback(address));
        sockaddr_in in{};
        in.sin_family = AF_INET;
        in.sin_addr = four;
        in.sin_port = htons(port);
        std::memcpy(&storage, &in, length = sizeof in);
    } else if (host == "[::1]") {
        sockaddr_in6 in{};
        in.sin6_family = AF_INET6;
        in.sin6_addr = in6addr_loopback;
        in.sin6_port = htons(port);
        std::memcpy(&storage, &in, length = sizeof in);
        family = Listener::Family::ipv6;
    } else {
        throw base::ConfigError(not_loopback(address));
    }

    Fd fd(stream_socket(storage.ss_family));
    const int yes = 1;
    ::setsockopt(fd.fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (::bind(fd.fd, reinterpret_cast<const sockaddr*>(&storage), length) != 0 ||
        ::listen(fd.fd, backlog) != 0)
        throw base::OsError(fmt::format("can't listen on {}: {}", address, reason()));
    if (::getsockname(fd.fd, reinterpret_cast<sockaddr*>(&storage), &length) != 0)
        throw base::OsError(fmt::format("can't listen on {}: {}", address, reason()));
    in_port_t real = 0; // at the same place in both families
    std::memcpy(&real, reinterpret_cast<const char*>(&storage) + offsetof(sockaddr_in, sin_port),
                sizeof real);
    return {fd.release(), family, fmt::format("{}:{}", host, ntohs(real))};
}

std::vector<Listener> inherited_listeners() {
    std::vector<Listener> listeners;
    const int count = ::sd_listen_fds(1);
    if (count < 0)
        throw base::OsError("the sockets from systemd can't be used: " +
                            std::string(std::strerror(-count)));
    for (int fd = SD_LISTEN_FDS_START; fd < SD_LISTEN_FDS_START + count; ++fd) {
        sockaddr_storage storage{};
        socklen_t length = sizeof storage;
        if (::sd_is_socket(fd, AF_UNSPEC, SOCK_STREAM, 1) <= 0 ||
            ::getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &length) != 0)
            throw base::ConfigError(
                fmt::format("descriptor {} from systemd is not a listening stream socket", fd));
        const int flags = ::fcntl(fd, F_GETFL);
        ::fcntl(fd, F_SETFL, flags | O_NONBLOCK);
        const auto family = storage.ss_family == AF_UNIX    ? Listener::Family::local
                            : storage.ss_family == AF_INET6 ? Listener::Family::ipv6
                                                            : Listener::Family::ipv4;
        if (family == Listener::Family::local) {
            const auto* address = reinterpret_cast<const sockaddr_un*>(&storage);
            listeners.emplace_back(fd, family, address->sun_path);
        } else {
            if (!is_loopback(storage))
                throw base::ConfigError(fmt::format(
                    "descriptor {} from systemd is not on a loopback address; the API is not "
                    "encrypted, so it serves only those",
                    fd));
            listeners.emplace_back(fd, family, fmt::format("descriptor {} of systemd", fd));
        }
        listeners.back().set_inherited();
    }
    return listeners;
}

} // namespace runner::api
