// SPDX-License-Identifier: GPL-2.0-or-later
// Looks up titles through a MediaWiki API over HTTP, as MediaWiki's MediaWikiPageNameNormalizer
// does (redirects are followed), but many at a time.
#pragma once

#include "source/http_client.hpp"
#include "source/title_source.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace runner::source {

/// What MediaWiki's Validator::cleanUp does to unwanted bytes: control characters,
/// ill-formed UTF-8 and U+FFFE, U+FFFF become U+FFFD. (It makes NFC of the rest; so does the API.)
[[nodiscard]] std::string clean_title(std::string_view title);

class TitleApi final : public TitleSource {
public:
    /// `url`: of api.php.
    TitleApi(std::string url, std::chrono::milliseconds timeout, std::size_t connections);

    /// GET, or POST when the URL would be long. A problem names the URL.
    [[nodiscard]] TitleAnswer ask(std::span<const std::string> titles) override;

private:
    const std::string url_;
    HttpClient client_;
};

} // namespace runner::source
