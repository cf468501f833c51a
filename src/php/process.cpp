// SPDX-License-Identifier: GPL-2.0-or-later
// The only user of Boost.Process. Its traps, and what is done about them: a failed exec leaves a
// zombie (the program is looked at before, and the child waited for in any case); descriptors of
// this process, its listening sockets too, would be inherited (all but the three are closed on
// exec); so would be its blocked signals (the child begins with none).
#include "php/process.hpp"

#include "base/error.hpp"

#include <boost/process/args.hpp>
#include <boost/process/child.hpp>
#include <boost/process/error.hpp>
#include <boost/process/exe.hpp>
#include <boost/process/extend.hpp>
#include <boost/process/search_path.hpp>
#include <fmt/format.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <utility>

namespace runner::php {

namespace bp = boost::process;

namespace {

class Descriptor {
public:
    Descriptor() = default;
    explicit Descriptor(int fd) : fd_(fd) {}
    ~Descriptor() { close(); }
    Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    [[nodiscard]] int get() const noexcept { return fd_; }
    void close() noexcept {
        if (fd_ >= 0)
            ::close(std::exchange(fd_, -1));
    }

private:
    int fd_ = -1;
};

/// In the child, between fork and exec: only what is safe there.
struct PrepareChild : bp::extend::handler {
    PrepareChild(int socket, int error, int parent)
        : socket_(socket), error_(error), parent_(parent) {}

    template <typename Executor>
    void on_exec_setup(Executor&) const {
        ::dup2(socket_, 0);
        ::dup2(socket_, 1);
        ::dup2(error_, 2);
        ::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
        ::setpgid(0, 0); // what it starts itself is killed with it
        std::signal(SIGPIPE, SIG_DFL);
        sigset_t none;
        sigemptyset(&none);
        ::sigprocmask(SIG_SETMASK, &none, nullptr);
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (::getppid() != parent_) // ended between the fork and the line above
            ::_exit(127);
    }

private:
    int socket_;
    int error_;
    int parent_;
};

std::string executable(const std::string& program) {
    const std::string found =
        program.find('/') == std::string::npos ? bp::search_path(program).string() : program;
    if (found.empty())
        throw base::OsError(program + ": no such program in PATH");
    if (::access(found.c_str(), X_OK) != 0)
        throw base::OsError(found + ": " + std::strerror(errno));
    return found;
}

[[noreturn]] void fail(const char* what) {
    throw base::OsError(std::string(what) + ": " + std::strerror(errno));
}

} // namespace

struct Process::Impl {
    Descriptor socket;
    Descriptor error;
    bp::child child;
    pid_t id = 0;
    bool ended = false;
    int status = 0; ///< as waitpid says
};

Process::Process(const std::vector<std::string>& command) : impl_(std::make_unique<Impl>()) {
    if (command.empty())
        throw base::OsError("the command is empty");
    const std::string program = executable(command.front());
    int pair[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        fail("socketpair");
    impl_->socket = Descriptor(pair[0]);
    const Descriptor childs_socket(pair[1]);
    int pipe[2];
    if (::pipe2(pipe, O_CLOEXEC) != 0)
        fail("pipe");
    impl_->error = Descriptor(pipe[0]);
    const Descriptor childs_error(pipe[1]);
    for (const int fd : {impl_->socket.get(), impl_->error.get()})
        ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK); // of our ends alone
    std::error_code error;
    impl_->child = bp::child(
        bp::exe = program, bp::args = std::vector<std::string>(command.begin() + 1, command.end()),
        PrepareChild(childs_socket.get(), childs_error.get(), ::getpid()), error);
    impl_->id = impl_->child.id();
    if (error) {
        if (impl_->id > 0)
            ::waitpid(impl_->id, nullptr, 0);
        impl_->child.detach();
        throw base::OsError(program + ": " + error.message());
    }
    impl_->child.detach(); // waited for here, where the status is kept
}

Process::~Process() {
    if (impl_ != nullptr)
        kill();
}

Process::Process(Process&&) noexcept = default;

int Process::socket() const noexcept { return impl_->socket.get(); }

int Process::error_pipe() const noexcept { return impl_->error.get(); }

int Process::id() const noexcept { return impl_->id; }

void Process::close_errors() noexcept { impl_->error.close(); }

void Process::close_input() noexcept { ::shutdown(impl_->socket.get(), SHUT_RDWR); }

bool Process::running() noexcept {
    if (impl_->ended)
        return false;
    int status = 0;
    const pid_t who = ::waitpid(impl_->id, &status, WNOHANG);
    if (who == 0 || (who < 0 && errno == EINTR))
        return true;
    impl_->ended = true;
    impl_->status = status;
    return false;
}

bool Process::wait_for(std::chrono::milliseconds time) noexcept {
    const auto until = std::chrono::steady_clock::now() + time;
    while (running()) {
        if (std::chrono::steady_clock::now() >= until)
            return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return true;
}

void Process::kill() noexcept {
    // before it is waited for: afterwards the number may be another's
    if (!impl_->ended) {
        ::kill(-impl_->id, SIGKILL); // its group, which may not be there yet
        ::kill(impl_->id, SIGKILL);
        int status = 0;
        while (::waitpid(impl_->id, &status, 0) < 0 && errno == EINTR) {
        }
        impl_->ended = true;
        impl_->status = status;
    }
}

std::string Process::how_it_ended() const {
    if (WIFSIGNALED(impl_->status))
        return fmt::format("signal {}", WTERMSIG(impl_->status));
    return fmt::format("exit code {}", WEXITSTATUS(impl_->status));
}

} // namespace runner::php
