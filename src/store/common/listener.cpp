// SPDX-License-Identifier: GPL-2.0-or-later
// LISTEN on its own connection: see listener.hpp.
#include "store/common/listener.hpp"

#include "store/common/notification.hpp"
#include "store/common/session_impl.hpp"

#include <array>
#include <cerrno>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <utility>

namespace runner::store {

struct Listener::Impl {
    explicit Impl(DatabaseOptions o)
        : session(std::move(o)), wake_fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
        if (wake_fd < 0)
            throw base::OsError("eventfd: out of file descriptors");
    }
    ~Impl() {
        disconnect();
        ::close(wake_fd);
    }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    void disconnect() noexcept {
        results = {};
        jobs = {};
        listens = false;
        session.disconnect();
    }

    pqxx::connection& connect() {
        if (listens && session.connected())
            return *session.impl().connection;
        disconnect();
        auto& connection = session.impl().connect();
        results = listen(connection, result_channel, [this](auto) { arrived.results = true; });
        jobs = listen(connection, job_channel, [this](auto) { arrived.jobs = true; });
        listens = true;
        arrived.connected_anew = true;
        return connection;
    }

    Session session;
    int wake_fd;
    Notifications arrived;
    Listening results, jobs;
    bool listens = false;
};

Listener::Listener(DatabaseOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}

Listener::~Listener() = default;

Notifications Listener::wait(std::chrono::milliseconds timeout) {
    try {
        auto& connection = impl_->connect();
        connection.get_notifs(); // what came with answers to earlier questions
        if (!impl_->arrived.jobs && !impl_->arrived.results && !impl_->arrived.connected_anew) {
            std::array<pollfd, 2> fds{
                {{connection.sock(), POLLIN, 0}, {impl_->wake_fd, POLLIN, 0}}};
            if (::poll(fds.data(), fds.size(), static_cast<int>(timeout.count())) < 0 &&
                errno != EINTR)
                throw base::OsError("poll failed");
            if (fds[1].revents != 0) {
                eventfd_t count = 0;
                (void)::eventfd_read(impl_->wake_fd, &count);
            }
            connection.get_notifs();
            if (!connection.is_open())
                throw pqxx::broken_connection("the connection was closed");
        }
        return std::exchange(impl_->arrived, {});
    } catch (...) {
        const Diagnosis diagnosis = diagnose(std::current_exception());
        impl_->disconnect();
        impl_->arrived = {};
        raise(diagnosis);
    }
}

void Listener::wake() noexcept { (void)::eventfd_write(impl_->wake_fd, 1); }

} // namespace runner::store
