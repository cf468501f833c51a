// SPDX-License-Identifier: GPL-2.0-or-later
// Listening sockets: a Unix socket with its mode and group, loopback TCP, or those passed
// by systemd. Plain system calls; the server uses the descriptors.
#pragma once

#include <string>
#include <sys/types.h>
#include <vector>

namespace runner::api {

/// A listening socket. Closes it, and removes the file of a Unix socket that is still its own.
class Listener {
public:
    enum class Family { local, ipv4, ipv6 };

    Listener(int fd, Family family, std::string name) noexcept
        : fd_(fd), family_(family), name_(std::move(name)) {}
    Listener(Listener&& other) noexcept;
    Listener& operator=(Listener&& other) = delete;
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;
    ~Listener();

    [[nodiscard]] int fd() const noexcept { return fd_; }
    /// The same socket again, without its file. Throws base::OsError.
    [[nodiscard]] Listener duplicate() const;
    /// Releases the descriptor; this object still removes the socket file.
    [[nodiscard]] int release_fd() noexcept;
    [[nodiscard]] Family family() const noexcept { return family_; }
    /// The path, or "127.0.0.1:8080" with the real port.
    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    void owns_file(dev_t device, ino_t inode) noexcept;
    /// systemd holds the socket, too: the next process serves waiting connections.
    [[nodiscard]] bool inherited() const noexcept { return inherited_; }
    void set_inherited() noexcept { inherited_ = true; }
    /// Removes the socket file if it is still the one created.
    void remove_file() noexcept;

private:
    int fd_;
    Family family_;
    std::string name_;
    bool owns_file_ = false;
    bool inherited_ = false;
    dev_t device_ = 0;
    ino_t inode_ = 0;
};

/// Listens on a Unix socket at `path` with `mode` (0660) and, when not empty, the group named
/// `group`. A socket file without a listener is replaced; when there is one, and when the
/// path is unusable, throws base::ConfigError or base::OsError saying so.
[[nodiscard]] Listener listen_unix(const std::string& path, unsigned mode,
                                   const std::string& group);

/// Listens on "127.0.0.1:PORT", "[::1]:PORT" or "localhost:PORT"; any other address is a
/// base::ConfigError, because the API is not encrypted.
[[nodiscard]] Listener listen_loopback(const std::string& address);

/// The sockets passed by systemd (LISTEN_FDS); empty when there are none.
[[nodiscard]] std::vector<Listener> inherited_listeners();

} // namespace runner::api
