// SPDX-License-Identifier: GPL-2.0-or-later
// Conditional responses (ETag) and compression (gzip), for all routes.
#pragma once

#include "api/message.hpp"

#include <string>

namespace runner::api {

/// The relevant fields of a request head.
struct Encoding {
    bool get = false;  ///< only answers to GET have an ETag
    bool gzip = false; ///< the client accepts it
    std::string if_none_match;
};

[[nodiscard]] Encoding encoding_of(const Request& request);

/// Gives an answer with status 200 an ETag (weak: of the content, packed or not), unless it is a
/// stream or has one; answers 304 when the client has it. Compresses text of a kilobyte and more,
/// and streams of text, when the client accepts gzip. Any thread.
[[nodiscard]] Response encode(Response&& response, const Encoding& encoding);

/// The value of the header for content that depends on `text` alone.
[[nodiscard]] std::string etag_of(std::string_view text);

} // namespace runner::api
