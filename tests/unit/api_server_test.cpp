// SPDX-License-Identifier: GPL-2.0-or-later
// The HTTP server over a real Unix socket, spoken to byte by byte.
#include "api/listen.hpp"
#include "api/server.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>

using namespace runner;
using namespace runner::api;
using std::chrono::milliseconds;

namespace {

struct TemporaryFolder {
    TemporaryFolder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "api-XXXXXX").string();
        path = ::mkdtemp(pattern.data());
    }
    ~TemporaryFolder() { std::filesystem::remove_all(path); }
    std::filesystem::path path;
};

class TestClient {
public:
    explicit TestClient(const std::string& path) : fd_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::memcpy(address.sun_path, path.c_str(), path.size());
        connected = ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    }
    ~TestClient() { ::close(fd_); }
    TestClient(const TestClient&) = delete;

    TestClient& send(std::string_view text) {
        while (!text.empty()) {
            const auto sent = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
            if (sent <= 0)
                break;
            text.remove_prefix(static_cast<std::size_t>(sent));
        }
        return *this;
    }
    /// Reads until the server closes or `timeout` passes without a byte.
    std::string read(milliseconds timeout = milliseconds(3000)) {
        std::string all;
        char part[4096];
        pollfd wait{fd_, POLLIN, 0};
        while (::poll(&wait, 1, static_cast<int>(timeout.count())) > 0) {
            const auto got = ::recv(fd_, part, sizeof part, 0);
            closed = got <= 0;
            if (closed)
                break;
            all.append(part, static_cast<std::size_t>(got));
        }
        return all;
    }
    bool connected = false;
    bool closed = false;

private:
    int fd_;
};

ServerLimits small_limits() {
    ServerLimits limits;
    limits.max_body = 1000;
    limits.max_header = 2000;
    limits.max_connections = 8;
    limits.idle_timeout = milliseconds(400);
    limits.read_timeout = milliseconds(400);
    limits.write_timeout = milliseconds(400);
    return limits;
}

struct Fixture {
    explicit Fixture(ServerLimits limits = small_limits())
        : path((folder.path / "s").string()),
          server(listeners(), limits, {}, [this](Request&& request, Responder respond) {
              handle(std::move(request), std::move(respond));
          }) {}
    ~Fixture() {
        if (later.joinable())
            later.join();
    }

    std::vector<Listener> listeners() const {
        std::vector<Listener> list;
        list.push_back(listen_unix(path, 0600, ""));
        return list;
    }
    void handle(Request&& request, Responder respond) {
        if (request.path == "/throw")
            throw std::runtime_error("bug");
        Response response;
        response.body = request.method + " " + request.path + " " + request.body;
        if (request.path == "/big")
            response.body.assign(std::size_t{32} << 20, 'x');
        if (request.path == "/block") {
            blocked = true;
            blocked.notify_one();
            blocked.wait(true);
        }
        if (request.path == "/later") {
            if (later.joinable())
                later.join();
            later = std::thread([respond, response = std::move(response)]() mutable {
                std::this_thread::sleep_for(milliseconds(600));
                respond(std::move(response));
            });
            return;
        }
        respond(std::move(response));
    }

    TemporaryFolder folder;
    std::string path;
    std::thread later;
    std::atomic<bool> blocked{false}; ///< the network thread, by a request for /block
    Server server;
};

std::string get(const std::string& path, const std::string& more = "") {
    return "GET " + path + " HTTP/1.1\r\nHost: r\r\n" + more + "\r\n";
}
std::string get_last(const std::string& path) { return get(path, "Connection: close\r\n"); }

std::size_t count(const std::string& text, const std::string& what) {
    std::size_t n = 0;
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1))
        ++n;
    return n;
}

} // namespace

TEST_CASE("api server: answers, keeps the connection, takes pipelined requests in order") {
    auto limits = small_limits();
    limits.idle_timeout = milliseconds(60'000);
    Fixture f(limits);
    TestClient client(f.path);
    const std::string answers =
        client
            .send(get("/a") + "POST /b HTTP/1.1\r\nHost: r\r\nContent-Length: 3\r\n\r\nxyz" +
                  get_last("/c"))
            .read();
    CHECK(count(answers, "HTTP/1.1 200 OK\r\n") == 3);
    CHECK(answers.find("GET /a ") < answers.find("POST /b xyz"));
    CHECK(answers.find("POST /b xyz") < answers.find("GET /c "));
    CHECK(client.closed); // and not for the idle timeout
}

TEST_CASE("api server: HEAD has the length of GET and no body; chunked bodies are joined") {
    Fixture f;
    const std::string head = TestClient(f.path)
                                 .send("HEAD /abc HTTP/1.1\r\nHost: r\r\nConnection: close\r\n\r\n")
                                 .read();
    CHECK_THAT(head, Catch::Contains("Content-Length: 9\r\n") && Catch::EndsWith("\r\n\r\n"));
    const std::string chunked =
        TestClient(f.path)
            .send("POST /c HTTP/1.1\r\nHost: r\r\nTransfer-Encoding: chunked\r\n"
                  "Connection: close\r\n\r\n"
                  "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
            .read();
    CHECK_THAT(chunked, Catch::EndsWith("POST /c abcde"));
}

TEST_CASE("api server: limits answer 413, 431 and 400, and close") {
    Fixture f;
    const auto status = [&](const std::string& request) {
        return TestClient(f.path).send(request).read().substr(0, 12);
    };
    CHECK(status("POST / HTTP/1.1\r\nHost: r\r\nContent-Length: 1001\r\n\r\n") == "HTTP/1.1 413");
    CHECK(status("POST / HTTP/1.1\r\nHost: r\r\nContent-Length: 5000\r\n\r\n" +
                 std::string(5000, 'x')) == "HTTP/1.1 413");
    CHECK(status("POST / HTTP/1.1\r\nHost: r\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n" +
                 std::string(2000, 'x') + "\r\n0\r\n\r\n") == "HTTP/1.1 413");
    CHECK(status(get("/", "X: " + std::string(3000, 'x') + "\r\n")) == "HTTP/1.1 431");
    CHECK(status("nonsense\r\n\r\n") == "HTTP/1.1 400");
    CHECK(status("GET / HTTP/9.9\r\n\r\n") == "HTTP/1.1 400");
    CHECK(status(get("/%zz")) == "HTTP/1.1 400");
    CHECK(status(get_last("/fine")) == "HTTP/1.1 200");
}

TEST_CASE("api server: half a request gets 408, a silent client is closed") {
    Fixture f;
    TestClient silent(f.path);
    TestClient half(f.path);
    half.send("POST / HTTP/1.1\r\nHost: r\r\nContent-Length: 10\r\n\r\nabc");
    TestClient half_header(f.path);
    half_header.send("GET / HT");
    // meanwhile others are served
    CHECK(TestClient(f.path).send(get_last("/x")).read().substr(0, 12) == "HTTP/1.1 200");
    CHECK(half.read().substr(0, 12) == "HTTP/1.1 408");
    CHECK(half.closed);
    CHECK(half_header.read().substr(0, 12) == "HTTP/1.1 408");
    CHECK(silent.read() == "");
    CHECK(silent.closed);
    CHECK(f.server.counts().timeouts == 2);
}

TEST_CASE("api server: a client that does not read its answer is cut off") {
    Fixture f;
    TestClient client(f.path);
    client.send(get("/big"));
    const base::Deadline deadline(std::chrono::seconds(5));
    while (f.server.counts().timeouts == 0 && !deadline.passed())
        std::this_thread::sleep_for(milliseconds(20));
    CHECK(f.server.counts().timeouts == 1);
    CHECK(client.read().size() < (std::size_t{32} << 20));
    CHECK(client.closed);
}

TEST_CASE("api server: one connection too many gets 503 and is closed; the others stay") {
    auto limits = small_limits();
    limits.max_connections_of_client = 8;
    limits.idle_timeout = milliseconds(60'000);
    Fixture f(limits);
    std::vector<std::unique_ptr<TestClient>> clients;
    for (int i = 0; i < 8; ++i) {
        clients.push_back(std::make_unique<TestClient>(f.path));
        CHECK_THAT(clients.back()->send(get("/")).read(milliseconds(50)),
                   Catch::Contains("200 OK"));
    }
    TestClient extra(f.path);
    CHECK_THAT(extra.read(), Catch::Contains("HTTP/1.1 503") && Catch::Contains("Retry-After: 1"));
    CHECK(extra.closed);
    CHECK_THAT(clients[3]->send(get("/")).read(milliseconds(50)), Catch::Contains("200 OK"));
    clients.pop_back();
    const base::Deadline deadline(std::chrono::seconds(5));
    while (f.server.counts().connections >= 8 && !deadline.passed())
        std::this_thread::sleep_for(milliseconds(10));
    CHECK_THAT(TestClient(f.path).send(get_last("/")).read(), Catch::Contains("200 OK"));
}

TEST_CASE("api server: a client that sends halves or nothing does not lock others out") {
    auto limits = small_limits();
    limits.max_connections_of_client = 4;
    limits.idle_timeout = limits.read_timeout = milliseconds(60'000);
    Fixture f(limits);
    const std::string beginning =
        GENERATE("", "POST / HTTP/1.1\r\nHost: r\r\nContent-Length: 9\r\n",
                 "POST / HTTP/1.1\r\nHost: r\r\nContent-Length: 9\r\n\r\nhalf");
    TestClient kept(f.path);
    CHECK_THAT(kept.send(get("/")).read(milliseconds(100)), Catch::Contains("200 OK"));
    std::vector<std::unique_ptr<TestClient>> silent;
    for (int i = 0; i < 20; ++i) {
        silent.push_back(std::make_unique<TestClient>(f.path));
        silent.back()->send(beginning);
    }
    CHECK_THAT(silent.back()->read(),
               Catch::Contains("HTTP/1.1 503") && Catch::Contains("Retry-After: 1"));
    const base::Deadline deadline(std::chrono::seconds(20));
    std::string answer;
    while (answer.find("200 OK") == std::string::npos && !deadline.passed())
        answer = TestClient(f.path).send(get_last("/")).read();
    CHECK_THAT(answer, Catch::Contains("200 OK"));
    CHECK_THAT(silent.front()->read(), Catch::Contains("HTTP/1.1 503")); // it gave way
    CHECK_THAT(kept.send(get("/")).read(milliseconds(100)), Catch::Contains("200 OK"));
}

TEST_CASE("api server: a head that could be read in two ways ends the connection") {
    Fixture f;
    for (const char* fields :
         {"Transfer-Encoding: gzip, chunked\r\n", "Transfer-Encoding: chunked, x\r\n",
          "Transfer-Encoding: identity\r\n", "Content-Length: 0\r\nContent-Length: 0\r\n",
          "X: a\r\n folded: b\r\n", "Host: second\r\n"}) {
        CAPTURE(fields);
        TestClient client(f.path);
        const std::string answers = client
                                        .send("POST /a HTTP/1.1\r\nHost: r\r\n" +
                                              std::string(fields) + "\r\n" + get("/smuggled"))
                                        .read();
        CHECK_THAT(answers, Catch::StartsWith("HTTP/1.1 400 ") && !Catch::Contains("smuggled") &&
                                Catch::Contains("Connection: close\r\n"));
        CHECK(count(answers, "HTTP/1.1 400 ") == 1);
        CHECK(count(answers, "HTTP/1.1 200 ") == 0);
        CHECK(client.closed);
    }
    CHECK_THAT(TestClient(f.path).send("GET / HTTP/1.1\r\n\r\n").read(),
               Catch::StartsWith("HTTP/1.1 400 "));
    CHECK_THAT(TestClient(f.path).send("\x16\x03\x01").read(), Catch::StartsWith("HTTP/1.1 400 "));
}

TEST_CASE("api server: Expect: 100-continue is answered before the body") {
    Fixture f;
    TestClient client(f.path);
    client.send("POST / HTTP/1.1\r\nHost: r\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
    CHECK(client.read(milliseconds(200)) == "HTTP/1.1 100 Continue\r\n\r\n");
    CHECK_THAT(client.send("abc").read(milliseconds(200)), Catch::EndsWith("POST / abc"));
}

TEST_CASE("api server: draining finishes requests in flight and removes the socket file") {
    Fixture f;
    TestClient idle(f.path);
    idle.send(get("/"));
    CHECK_THAT(idle.read(milliseconds(200)), Catch::Contains("200 OK"));
    TestClient busy(f.path);
    busy.send(get("/later"));
    std::this_thread::sleep_for(milliseconds(100));
    f.server.drain(true);
    CHECK_FALSE(f.server.wait_drained(milliseconds(50)));
    CHECK(idle.read() == "");
    CHECK(idle.closed);
    CHECK_THAT(busy.read(), Catch::Contains("200 OK") && Catch::Contains("Connection: close\r\n"));
    CHECK(f.server.wait_drained(milliseconds(2000)));
    CHECK_FALSE(std::filesystem::exists(f.path));
    CHECK_FALSE(TestClient(f.path).connected);
}

TEST_CASE("api server: draining answers connections whose request is on its way") {
    Fixture f;
    TestClient accepted(f.path);
    std::this_thread::sleep_for(milliseconds(100));
    std::vector<std::unique_ptr<TestClient>> waiting;
    TestClient blocking(f.path); // the network thread accepts nothing meanwhile
    blocking.send(get("/block"));
    f.blocked.wait(false);
    for (int n = 0; n < 5; ++n)
        waiting.push_back(std::make_unique<TestClient>(f.path));
    f.server.drain(true);
    f.blocked = false;
    f.blocked.notify_one();
    accepted.send(get("/"));
    CHECK_THAT(accepted.read(), Catch::Contains("200 OK"));
    for (auto& client : waiting) {
        client->send(get("/"));
        CHECK_THAT(client->read(),
                   Catch::Contains("200 OK") && Catch::Contains("Connection: close\r\n"));
    }
    CHECK(f.server.wait_drained(milliseconds(2000)));
}

TEST_CASE("api server: draining waits a second for a request and no longer") {
    Fixture f;
    TestClient silent(f.path);
    std::this_thread::sleep_for(milliseconds(100));
    f.server.drain(true);
    CHECK(f.server.wait_drained(milliseconds(5000)));
    CHECK(silent.read() == "");
    CHECK(silent.closed);
}

TEST_CASE("api server: a response after the server is gone does no harm") {
    std::optional<Responder> kept;
    {
        TemporaryFolder folder;
        std::vector<Listener> list;
        list.push_back(listen_unix((folder.path / "s").string(), 0600, ""));
        std::atomic<bool> got{false};
        Server server(std::move(list), small_limits(), {}, [&](Request&&, Responder respond) {
            kept = std::move(respond);
            got = true;
        });
        TestClient client((folder.path / "s").string());
        client.send(get("/"));
        while (!got)
            std::this_thread::sleep_for(milliseconds(5));
    }
    (*kept)(Response{});
}

TEST_CASE("api listen: mode, stale files and live ones") {
    TemporaryFolder folder;
    const std::string path = (folder.path / "s").string();
    struct stat info {};
    {
        const Listener first = listen_unix(path, 0620, "");
        REQUIRE(::stat(path.c_str(), &info) == 0);
        CHECK((info.st_mode & 0777U) == 0620U);
        CHECK_THROWS_WITH(listen_unix(path, 0600, ""), Catch::Contains("already running"));
    }
    CHECK_FALSE(std::filesystem::exists(path));

    { // a process that died leaves its file
        const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::memcpy(address.sun_path, path.c_str(), path.size());
        REQUIRE(::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
        ::close(fd);
    }
    REQUIRE(std::filesystem::exists(path));
    CHECK_NOTHROW(listen_unix(path, 0600, ""));

    std::filesystem::create_directory(path);
    CHECK_THROWS_AS(listen_unix(path, 0600, ""), base::ConfigError);
    CHECK_THROWS_AS(listen_unix(std::string(200, 'x'), 0600, ""), base::ConfigError);
    const std::string nowhere = (folder.path / "none" / "s").string();
    CHECK_THROWS_AS(listen_unix(nowhere, 0600, ""), base::ConfigError);
    CHECK_THROWS_WITH(listen_unix((folder.path / "t").string(), 0600, "no-such-group"),
                      Catch::Contains("no-such-group"));
    CHECK_FALSE(std::filesystem::exists(folder.path / "t"));
}

TEST_CASE("api listen: TCP is loopback only") {
    CHECK_THAT(listen_loopback("127.0.0.1:0").name(), Catch::StartsWith("127.0.0.1:"));
    CHECK(listen_loopback("127.0.0.1:0").name() != "127.0.0.1:0");
    for (const char* bad : {"0.0.0.0:80", "[::]:80", "192.0.2.1:80", "example.org:80", "8080",
                            "127.0.0.1:", "127.0.0.1:70000", "127.0.0.1:x"})
        CHECK_THROWS_AS(listen_loopback(bad), base::ConfigError);
}
