// SPDX-License-Identifier: GPL-2.0-or-later
// What a client may have instead of a whole answer as it is: that it has it already (ETag), or gzip.
// The same for all routes.
#pragma once

#include "api/message.hpp"

#include <string>

namespace runner::api {

/// What the head of a request says about it.
struct Encoding {
    bool get = false;  ///< only answers to GET have an ETag
    bool gzip = false; ///< the client takes it
    std::string if_none_match;
};

[[nodiscard]] Encoding encoding_of(const Request& request);

/// Gives an answer with status 200 an ETag (weak: of the content, packed or not), unless it is a
/// stream or has one; answers 304 when the client has that. Packs text of a kilobyte and more, and
/// streams of text, when the client takes gzip. Any thread.
[[nodiscard]] Response encode(Response&& response, const Encoding& encoding);

/// The value of the header for content that depends on `text` alone.
[[nodiscard]] std::string etag_of(std::string_view text);

} // namespace runner::api
