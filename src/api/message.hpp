// SPDX-License-Identifier: GPL-2.0-or-later
// A request and its response as the handlers see them, without Beast. A response may be given
// later and from any thread, through the Responder.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace runner::api {

/// The holder of a token.
struct Client {
    std::string name;
    std::vector<std::string> wikis; ///< that it may see; empty: all
};

/// What the log says that a request is about.
struct RequestSubject {
    std::string wiki;         ///< empty: several, or none
    std::uint64_t import = 0; ///< 0: none
};

struct Request {
    std::string method; ///< "GET"; HEAD arrives as "GET", the server leaves the body out
    std::string path;   ///< percent-decoded, without the query
    std::vector<std::pair<std::string, std::string>> query; ///< percent-decoded, in order
    std::string content_type;
    std::string accept;        ///< the header, as it came
    std::string last_event_id; ///< likewise, as the next two
    std::string accept_encoding;
    std::string if_none_match;
    std::string
        client; ///< whose connection it is: "uid 33" of the socket, "tcp", or the token's name
    std::shared_ptr<const Client> token; ///< whose token came with it; null: none was needed
    std::string body;
    std::vector<std::string> captures; ///< the `{…}` segments of the route, in order
    /// Filled in before the answer; outlives the request.
    std::shared_ptr<RequestSubject> subject = std::make_shared<RequestSubject>();

    /// The value of the first query parameter of that name; empty when there is none.
    [[nodiscard]] std::string_view parameter(std::string_view name) const noexcept;
    /// Whether the client's token permits the wiki; without a token all are permitted.
    [[nodiscard]] bool may_see(std::string_view wiki) const noexcept;
    /// Whether the client is restricted to certain wikis.
    [[nodiscard]] bool is_bound() const noexcept { return token && !token->wikis.empty(); }
    /// How much the client wants `type` ("text/csv"), in thousandths; 0: it does not name it, or
    /// refuses it. "*/*" names nothing.
    [[nodiscard]] unsigned wants(std::string_view type) const noexcept;
    [[nodiscard]] bool accepts(std::string_view type) const noexcept { return wants(type) > 0; }
};

/// A body produced piece by piece; destroyed when the client is gone. All calls come from the
/// network thread and must not block.
class BodyStream {
public:
    virtual ~BodyStream() = default;

    /// Called once, first: `more` may be called from any thread when take() has a new piece.
    virtual void on_more(std::function<void()> more) = 0;
    /// The next piece; empty: none yet; no value: the body is complete. Throws when the rest is
    /// unavailable: the connection then ends without the end of the body.
    [[nodiscard]] virtual std::optional<std::string> take() = 0;
    /// The client has not read a piece within the write timeout, and is disconnected.
    virtual void too_slow() = 0;
};

struct Response {
    unsigned status = 200;
    std::string content_type = "application/json";
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers;
    std::shared_ptr<BodyStream> stream; ///< instead of `body`; the connection ends with it
};

/// An answer that is an error; thrown by handlers and parsers, or sent as it is.
struct ApiError {
    unsigned status = 500;
    std::string code;         ///< for programs, "bad_request"
    std::string message;      ///< for people, one sentence
    std::string field;        ///< path of the field that is wrong, "jobs[3].entity"; may be empty
    unsigned retry_after = 0; ///< seconds, sent as Retry-After when not 0
};

/// `{"error":{"code","message","field"?}}`
[[nodiscard]] Response error_response(const ApiError& error);

/// `text` as a JSON string with its quotes; bytes that are not UTF-8 become U+FFFD.
void append_json_string(std::string& out, std::string_view text);
/// `["…","…"]`.
[[nodiscard]] std::string json_strings(const std::vector<std::string>& texts);
[[nodiscard]] std::string json_string(std::string_view text);

/// Sends the answer, once. Copies share the one answer; when the last copy goes without having
/// answered, the client gets 500 rather than silence. Thread-safe.
class Responder {
public:
    using Send = std::function<void(Response&&)>;
    explicit Responder(Send send);

    void operator()(Response response) const;
    void operator()(const ApiError& error) const { (*this)(error_response(error)); }

private:
    struct State;
    std::shared_ptr<State> state_;
};

using Handler = std::function<void(Request&&, Responder)>;

} // namespace runner::api
