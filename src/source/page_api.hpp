// SPDX-License-Identifier: GPL-2.0-or-later
// The pages of a wiki by MediaWiki's API (generator=allpages with continuation), where its database
// can't be read.
#pragma once

#include "base/error.hpp"
#include "entity/entity_id.hpp"
#include "source/http_client.hpp"

#include <boost/json.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace runner::source {

/// The API refuses, or is not an API. `code` is machine-readable: the API's own, "http_404" or
/// "no_answer".
struct ApiRefused : base::Error {
    ApiRefused(std::string program_code, const std::string& what)
        : Error(base::ExitCode::protocol, what), code(std::move(program_code)) {}
    std::string code;
};

/// The part of a title after the namespace: the text of an entity's id, if its page has that title.
[[nodiscard]] inline std::string_view without_namespace(std::string_view title) noexcept {
    return title.substr(title.find(':') + 1); // npos + 1: all of it
}

/// Its functions throw base::UnavailableError for transient failures, and ApiRefused. For one
/// thread.
class PageApi {
public:
    /// `url`: of api.php.
    PageApi(std::string url, std::chrono::milliseconds timeout);

    struct Namespace {
        int number = 0;
        std::string name; ///< before the colon in titles; empty for the main one
        std::optional<entity::EntityType> entities; ///< what its pages are, as a rule

        /// As titles have it: "", "Property:".
        [[nodiscard]] std::string prefix() const { return name.empty() ? "" : name + ':'; }
    };
    struct Site {
        std::vector<Namespace> namespaces;
        std::uint64_t articles = 0; ///< pages with content, as the wiki counts them; about
    };
    [[nodiscard]] Site site();

    /// The wiki's settings from the extension, JSON (see config::take_from_wiki); empty
    /// when the wiki does not have this module.
    [[nodiscard]] std::optional<std::string> settings();

    struct Page {
        std::uint64_t id = 0;
        std::uint64_t revision = 0; ///< the latest
        std::string title;          ///< with its namespace
    };
    struct Pages {
        std::vector<Page> pages; ///< in no order
        std::string after;       ///< where the next ones begin; empty: there are no more
    };
    /// Up to `size` pages (the API gives 500 at most) of a namespace that are not redirects; only
    /// those that link to the page `linked`, if it is not empty.
    [[nodiscard]] Pages pages(int name_space, const std::string& linked, const std::string& after,
                              std::uint32_t size);

    /// Whether there is a page of that title.
    [[nodiscard]] bool exists(const std::string& title);

    /// Where pages redirect to, whether there is a page of that title or not; one for each of
    /// `titles` (50 at most), empty for one that does not redirect. Only the first hop of a chain.
    [[nodiscard]] std::vector<std::string> redirect_targets(const std::vector<std::string>& titles);

private:
    [[nodiscard]] std::string ask(const std::string& parameters);
    [[nodiscard]] std::string continuation(const boost::json::object& next,
                                           const std::string& key) const;

    const std::string url_;
    const std::string name_; ///< the URL as it may be shown
    HttpClient http_;
};

} // namespace runner::source
