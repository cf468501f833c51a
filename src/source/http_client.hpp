// SPDX-License-Identifier: GPL-2.0-or-later
// Parallel requests with limits; the only user of libcurl. Connections are kept alive between
// calls. Trying again and making sense of an answer are the caller's.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <sys/socket.h>
#include <vector>

namespace runner::source {

struct HttpLimits {
    std::chrono::milliseconds timeout{10'000};    ///< from connecting to the last byte
    std::size_t connections = 4;                  ///< at once, of one call
    std::size_t max_body = std::size_t{32} << 20; ///< bytes, unpacked
    long max_redirects = 5;                       ///< 0: a redirect is an answer like others
    bool https_only = false;
    /// Each address before a socket is made for it; one that is refused is not connected to. With
    /// it no proxy is used, which would do the connecting.
    bool (*address_allowed)(const sockaddr& address) noexcept = nullptr;
    /// Once it is true, what is not answered within a tenth of a second is given up.
    const std::atomic<bool>* interrupted = nullptr;
};

struct HttpRequest {
    std::string url;  ///< http or https
    std::string form; ///< not empty: POST, of application/x-www-form-urlencoded unless
                      ///< `headers` says another type
    std::vector<std::string> headers; ///< "Name: value"
};

struct HttpAnswer {
    long status = 0;             ///< 0 when there was no complete answer; `error` says why
    std::string error;           ///< of the transfer, not of the status
    bool transient = false;      ///< of an error: the same request may work later
    std::string refused_address; ///< of an error: HttpLimits::address_allowed refused it
    bool too_large = false;      ///< of an error: it was longer than HttpLimits::max_body
    std::string location;        ///< where a redirect that was not followed leads, absolute
    std::string content_type;
    std::chrono::seconds retry_after{0}; ///< 0: the answer did not say
    std::string body;
};

/// Thread-safe; each thread inside a call has connections of its own.
class HttpClient {
public:
    explicit HttpClient(HttpLimits limits);
    ~HttpClient();
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;

    /// One answer for each request, in their order. HTTP redirects are followed, a POST as a POST.
    [[nodiscard]] std::vector<HttpAnswer> fetch(std::span<const HttpRequest> requests);
    /// The same for plain URLs.
    [[nodiscard]] std::vector<HttpAnswer> get(std::span<const std::string> urls);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace runner::source
