// SPDX-License-Identifier: GPL-2.0-or-later
// LISTEN on a connection of its own: see listener.hpp.
#include "store/listener.hpp"

#include "store/notification.hpp"
#include "store/session_impl.hpp"

#include <array>
#include <cerrno>
#include <utility>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace runner::store {

namespace {

class Receiver : public pqxx::notification_receiver {
public:
    Receiver(pqxx::connection& connection, const char* channel, bool& heard)
        : notification_receiver(connection, channel), heard_(heard) {}

    void operator()(const std::string&, int) override { heard_ = true; }

private:
    bool& heard_;
};

} // namespace

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
        results.reset();
        jobs.reset();
        session.disconnect();
    }

    pqxx::connection& connect() {
        if (results && session.connected())
            return *session.impl().connection;
        disconnect();
        auto& connection = session.impl().connect();
        results = std::make_unique<Receiver>(connection, result_channel, arrived.results);
        jobs = std::make_unique<Receiver>(connection, job_channel, arrived.jobs);
        arrived.connected_anew = true;
        return connection;
    }

    Session session;
    int wake_fd;
    Notifications arrived;
    std::unique_ptr<Receiver> results; // end before the connection does
    std::unique_ptr<Receiver> jobs;
};

Listener::Listener(DatabaseOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}

Listener::~Listener() = default;

Notifications Listener::wait(std::chrono::milliseconds timeout) {
    try {
        auto& connection = impl_->connect();
        connection.get_notifs(); // what came with answers to earlier questions
        if (!impl_->arrived.jobs && !impl_->arrived.results &&
            !impl_->arrived.connected_anew) {
            std::array<pollfd, 2> fds{{{connection.sock(), POLLIN, 0},
                                       {impl_->wake_fd, POLLIN, 0}}};
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

void Listener::wake() noexcept {
    (void)::eventfd_write(impl_->wake_fd, 1);
}

} // namespace runner::store
