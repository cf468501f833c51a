// SPDX-License-Identifier: GPL-2.0-or-later
// libcurl's multi interface: as many easy handles as connections, each used again for the next
// URL. A multi handle keeps the connections, so they are pooled and lent to one call at a time.
#include "source/http_client.hpp"

#include "build_options.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <netdb.h>
#include <new>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace runner::source {
namespace {

struct FreeEasy {
    void operator()(CURL* easy) const noexcept { curl_easy_cleanup(easy); }
};
struct FreeMulti {
    void operator()(CURLM* multi) const noexcept { curl_multi_cleanup(multi); }
};

struct FreeList {
    void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
};

/// One transfer in progress.
struct Transfer {
    std::unique_ptr<CURL, FreeEasy> easy{curl_easy_init()};
    std::unique_ptr<curl_slist, FreeList> headers;
    HttpAnswer* answer = nullptr;
    std::size_t max_body = 0;
    bool too_large = false;
    bool (*address_allowed)(const sockaddr&) noexcept = nullptr;
};

std::string address_text(const sockaddr& address, socklen_t length) {
    char text[NI_MAXHOST] = "";
    getnameinfo(&address, length, text, sizeof text, nullptr, 0, NI_NUMERICHOST);
    return text;
}

/// What libcurl calls for each address that it is about to connect to: the address is that of the
/// socket, so another answer of the name server between check and use changes nothing.
curl_socket_t open_allowed(void* user, curlsocktype purpose, curl_sockaddr* address) {
    auto& transfer = *static_cast<Transfer*>(user);
    if (purpose != CURLSOCKTYPE_IPCXN || !transfer.address_allowed(address->addr)) {
        transfer.answer->refused_address = address_text(address->addr, address->addrlen);
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

std::size_t take_body(char* data, std::size_t one, std::size_t count, void* user) {
    auto& transfer = *static_cast<Transfer*>(user);
    const std::size_t size = one * count;
    if (transfer.answer->body.size() + size > transfer.max_body) {
        transfer.too_large = true;
        return 0;
    }
    transfer.answer->body.append(data, size);
    return size;
}

bool is_transient(CURLcode code) noexcept {
    switch (code) {
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_PARTIAL_FILE:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM: return true;
    default: return false;
    }
}

/// The connections and handles of one call at a time.
struct Lane {
    std::unique_ptr<CURLM, FreeMulti> multi{curl_multi_init()};
    std::vector<std::unique_ptr<Transfer>> idle;

    std::unique_ptr<Transfer> transfer() {
        if (idle.empty()) {
            auto made = std::make_unique<Transfer>();
            if (made->easy == nullptr)
                throw std::bad_alloc();
            return made;
        }
        auto taken = std::move(idle.back());
        idle.pop_back();
        return taken;
    }
};

void finish(Transfer& transfer, CURLcode code, const HttpLimits& limits) {
    HttpAnswer& answer = *transfer.answer;
    CURL* easy = transfer.easy.get();
    if (code != CURLE_OK) {
        answer.transient = is_transient(code);
        answer.too_large = transfer.too_large || code == CURLE_FILESIZE_EXCEEDED;
        answer.error = answer.too_large ? "the answer is larger than " +
                                              std::to_string(limits.max_body) + " bytes"
                                        : curl_easy_strerror(code);
        if (!answer.refused_address.empty() && code == CURLE_COULDNT_CONNECT)
            answer.error = "the address " + answer.refused_address + " may not be connected to";
        else
            answer.refused_address.clear();
        answer.body.clear();
        return;
    }
    answer.refused_address.clear(); // another address of the host was allowed
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &answer.status);
    curl_off_t retry_after = 0;
    curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &retry_after);
    answer.retry_after = std::chrono::seconds{std::max<curl_off_t>(0, retry_after)};
    const char* location = nullptr;
    curl_easy_getinfo(easy, CURLINFO_REDIRECT_URL, &location);
    answer.location = location == nullptr ? "" : location;
    const char* type = nullptr;
    curl_easy_getinfo(easy, CURLINFO_CONTENT_TYPE, &type);
    answer.content_type = type == nullptr ? "" : type;
}

/// What has no answer and no error yet.
void interrupt_rest(std::vector<HttpAnswer>& answers) {
    for (HttpAnswer& answer : answers)
        if (answer.status == 0 && answer.error.empty()) {
            answer = {};
            answer.error = "interrupted";
            answer.transient = true;
        }
}

} // namespace

struct HttpClient::Impl {
    HttpLimits limits;
    std::string user_agent;
    std::mutex mutex;
    std::vector<std::unique_ptr<Lane>> lanes; ///< not in use

    std::unique_ptr<Lane> borrow() {
        const std::lock_guard lock(mutex);
        if (lanes.empty())
            return std::make_unique<Lane>();
        auto lane = std::move(lanes.back());
        lanes.pop_back();
        return lane;
    }

    void prepare(Transfer& transfer, const HttpRequest& request, HttpAnswer& answer) const {
        CURL* easy = transfer.easy.get();
        curl_easy_reset(easy); // keeps its connections
        transfer.answer = &answer;
        transfer.max_body = limits.max_body;
        transfer.too_large = false;
        const long timeout = static_cast<long>(limits.timeout.count());
        curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
        if (!request.form.empty()) { // outlives the transfer
            curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.form.data());
            curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                             static_cast<curl_off_t>(request.form.size()));
            curl_easy_setopt(easy, CURLOPT_POSTREDIR, static_cast<long>(CURL_REDIR_POST_ALL));
        }
        transfer.headers.reset();
        for (const std::string& header : request.headers) {
            curl_slist* const list = curl_slist_append(transfer.headers.get(), header.c_str());
            if (list == nullptr)
                throw std::bad_alloc();
            static_cast<void>(transfer.headers.release()); // the same list, or its beginning
            transfer.headers.reset(list);
        }
        if (transfer.headers)
            curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer.headers.get());
        transfer.address_allowed = limits.address_allowed;
        if (limits.address_allowed != nullptr) {
            curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_allowed);
            curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, &transfer);
            curl_easy_setopt(easy, CURLOPT_PROXY, ""); // nor one of the environment
        }
        curl_easy_setopt(easy, CURLOPT_USERAGENT, user_agent.c_str());
        curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
        const char* const protocols = limits.https_only ? "https" : "http,https";
        curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, protocols);
        curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, protocols);
        curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, limits.max_redirects > 0 ? 1L : 0L);
        curl_easy_setopt(easy, CURLOPT_MAXREDIRS, limits.max_redirects);
        curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
        curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, timeout);
        curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, std::min(timeout, 5'000L));
        curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(limits.max_body));
        curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
        curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
        curl_easy_setopt(easy, CURLOPT_PRIVATE, &transfer);
    }
};

HttpClient::HttpClient(HttpLimits limits) : impl_(std::make_unique<Impl>()) {
    static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (ready != CURLE_OK)
        throw std::bad_alloc();
    impl_->limits = limits;
    impl_->user_agent = std::string("constraint-runner/" VERSION " libcurl/") +
                        curl_version_info(CURLVERSION_NOW)->version;
}

HttpClient::~HttpClient() = default;

std::vector<HttpAnswer> HttpClient::get(std::span<const std::string> urls) {
    std::vector<HttpRequest> requests;
    requests.reserve(urls.size());
    for (const std::string& url : urls)
        requests.push_back({url, {}});
    return fetch(requests);
}

std::vector<HttpAnswer> HttpClient::fetch(std::span<const HttpRequest> requests) {
    std::vector<HttpAnswer> answers(requests.size());
    auto lane = impl_->borrow(); // after an exception it is thrown away with its transfers
    CURLM* multi = lane->multi.get();
    if (multi == nullptr)
        throw std::bad_alloc();
    struct Active {
        CURLM* multi;
        std::vector<std::unique_ptr<Transfer>> transfers;
        ~Active() {
            for (const auto& transfer : transfers)
                curl_multi_remove_handle(multi, transfer->easy.get());
        }
    } active{multi, {}};

    std::size_t next = 0;
    while (next < requests.size() || !active.transfers.empty()) {
        while (next < requests.size() && active.transfers.size() < impl_->limits.connections) {
            auto transfer = lane->transfer();
            impl_->prepare(*transfer, requests[next], answers[next]);
            ++next;
            curl_multi_add_handle(multi, transfer->easy.get());
            active.transfers.push_back(std::move(transfer));
        }
        int running = 0;
        curl_multi_perform(multi, &running);
        bool finished = false;
        int left = 0;
        while (const CURLMsg* message = curl_multi_info_read(multi, &left)) {
            if (message->msg != CURLMSG_DONE)
                continue;
            finished = true;
            const CURLcode code = message->data.result;
            CURL* const easy = message->easy_handle;
            const auto at = std::find_if(active.transfers.begin(), active.transfers.end(),
                                         [&](const auto& t) { return t->easy.get() == easy; });
            finish(**at, code, impl_->limits);
            curl_multi_remove_handle(multi, easy); // `message` is gone now
            lane->idle.push_back(std::move(*at));
            active.transfers.erase(at);
        }
        const std::atomic<bool>* const interrupted = impl_->limits.interrupted;
        if (interrupted != nullptr && *interrupted) {
            interrupt_rest(answers);
            break; // with the connections that are in use
        }
        if (!finished && !active.transfers.empty())
            curl_multi_poll(multi, nullptr, 0, interrupted != nullptr ? 100 : 1'000, nullptr);
    }
    if (!active.transfers.empty())
        return answers;
    const std::lock_guard lock(impl_->mutex);
    impl_->lanes.push_back(std::move(lane));
    return answers;
}

} // namespace runner::source
