// SPDX-License-Identifier: GPL-2.0-or-later
// What the answers of Special:EntityData mean. Asked with `revision=`, it says 404 both for a
// deleted entity and for a revision that its replica does not have yet; the question without
// `revision=` tells the two apart.
#include "source/http_source.hpp"

#include "base/url.hpp"
#include "base/utf8.hpp"
#include "base/work_permits.hpp"
#include "source/entity_unavailable.hpp"
#include "source/http_client.hpp"
#include "source/json_scanner.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <optional>
#include <random>
#include <thread>
#include <unordered_map>
#include <utility>

namespace runner::source {
namespace {

using std::chrono::milliseconds;

/// One page to fetch, until it is done.
struct Fetch {
    entity::EntityId page;
    bool with_revision = false; ///< request min_revision itself
    std::optional<Lookup> done; ///< of the page
    std::string reason;         ///< of the last failure
    bool entity_at_fault = false; ///< perhaps, at that failure
    milliseconds wait{0};       ///< Retry-After of the wiki
};

/// The one document of `{"entities": {"Q1": {…}}}`; throws base::DataError.
std::string_view document_of(std::string_view body) {
    JsonScanner scan(body);
    scan.expect('{');
    do {
        scan.skip_white();
        const std::string_view key = scan.string();
        scan.expect(':');
        if (key != "entities") {
            (void)scan.value();
            continue;
        }
        scan.expect('{');
        scan.skip_white();
        (void)scan.string();
        scan.expect(':');
        return scan.value();
    } while (scan.take(','));
    throw base::DataError("no \"entities\" in it");
}

bool is_json(std::string_view content_type) {
    const std::string_view type = content_type.substr(0, content_type.find(';'));
    return type.starts_with("application/json") || type.ends_with("+json");
}

milliseconds jittered(milliseconds wait) {
    thread_local std::minstd_rand random{std::random_device{}()};
    std::uniform_int_distribution<milliseconds::rep> half(wait.count() / 2, wait.count());
    return milliseconds{half(random)};
}

} // namespace

struct HttpSource::Impl {
    std::string base_url;
    unsigned retries;
    HttpRetryOptions options;
    HttpClient client;

    Impl(const config::WikiSettings& wiki, HttpRetryOptions retry_options)
        : base_url(wiki.entity_data_url), retries(wiki.http_retries), options(retry_options),
          client({wiki.http_timeout, wiki.http_connections,
                  static_cast<std::size_t>(wiki.http_max_body), 5}) {
        if (!base_url.ends_with('/') && !base_url.ends_with('='))
            base_url += '/';
    }

    [[nodiscard]] std::string url(const Fetch& fetch, std::uint64_t min_revision) const {
        std::string text = base_url + fetch.page.to_string() + ".json";
        if (fetch.with_revision)
            text += (text.find('?') == std::string::npos ? "?revision=" : "&revision=") +
                    std::to_string(min_revision);
        return text;
    }

    void fetch_all(std::vector<Fetch>& fetches, std::uint64_t min_revision);
    void take(Fetch& fetch, const std::string& url, HttpAnswer answer,
              std::uint64_t min_revision) const;
    void take_document(Fetch& fetch, const std::string& body, std::uint64_t min_revision) const;
};

/// `url` is as it may be shown. Sets `done` or the reason to try again; throws when trying again
/// would not help.
void HttpSource::Impl::take(Fetch& fetch, const std::string& url, HttpAnswer answer,
                            std::uint64_t min_revision) const {
    const auto give_up = [&](const std::string& reason) {
        throw SourceUnavailable(url + ": " + reason);
    };
    fetch.wait = milliseconds{0};
    fetch.entity_at_fault = false;
    if (answer.status == 0) {
        if (!answer.transient) // too large, too many redirections
            throw EntityUnavailable(url + ": " + answer.error);
        fetch.reason = url + ": " + answer.error;
        return;
    }
    const bool refused = answer.status == 400 || answer.status == 404 || answer.status == 410;
    if (refused && fetch.with_revision) {
        fetch.with_revision = false;
        fetch.reason = fmt::format("{}: HTTP status {}", url, answer.status);
        return;
    }
    if (answer.status == 404 || answer.status == 410) {
        fetch.done = Lookup{.id = fetch.page, .state = State::missing};
        return;
    }
    if (answer.status == 429 || answer.status >= 500) {
        fetch.reason = fmt::format("{}: HTTP status {}", url, answer.status);
        fetch.entity_at_fault = answer.status == 500;
        if (answer.retry_after > options.max_retry_after)
            give_up(fmt::format("HTTP status {}, to be tried again after {} s", answer.status,
                                answer.retry_after.count()));
        fetch.wait = answer.retry_after;
        return;
    }
    if (answer.status != 200)
        give_up(fmt::format("HTTP status {}", answer.status));
    if (!is_json(answer.content_type))
        give_up(fmt::format("\"{}\" instead of JSON", base::utf8_prefix(answer.content_type, 80)));
    try {
        take_document(fetch, answer.body, min_revision);
    } catch (const base::DataError& e) {
        throw EntityUnavailable(url + ": " + e.what());
    }
    if (!fetch.done)
        fetch.reason = url + ": " + fetch.reason;
}

void HttpSource::Impl::take_document(Fetch& fetch, const std::string& body,
                                     std::uint64_t min_revision) const {
    auto document = entity::parse_entity(document_of(body));
    const entity::Entity& found = document->entity();
    Lookup lookup{.id = fetch.page};
    if (found.id != fetch.page) {
        lookup.state = State::redirect;
        lookup.redirect_target = found.id;
        fetch.done = std::move(lookup);
        return;
    }
    if (found.revision != 0 && found.revision < min_revision) {
        fetch.reason = fmt::format("revision {} instead of {}", found.revision, min_revision);
        fetch.entity_at_fault = true;
        return;
    }
    lookup.state = State::found;
    lookup.revision = found.revision;
    lookup.document = std::move(document);
    fetch.done = std::move(lookup);
}

void HttpSource::Impl::fetch_all(std::vector<Fetch>& fetches, std::uint64_t min_revision) {
    std::vector<Fetch*> open;
    for (Fetch& fetch : fetches)
        open.push_back(&fetch);
    for (unsigned attempt = 0;;) {
        std::vector<std::string> urls;
        for (const Fetch* fetch : open)
            urls.push_back(url(*fetch, min_revision));
        std::vector<HttpAnswer> answers;
        {
            const base::Waiting waiting; // others work meanwhile
            answers = client.get(urls);
        }

        milliseconds wait{0};
        std::vector<Fetch*> still_open;
        bool only_dropped_revision = true;
        for (std::size_t i = 0; i < open.size(); ++i) {
            const bool had_revision = open[i]->with_revision;
            take(*open[i], base::mask_urls(urls[i]), std::move(answers[i]), min_revision);
            if (open[i]->done)
                continue;
            only_dropped_revision &= had_revision && !open[i]->with_revision;
            wait = std::max(wait, open[i]->wait);
            still_open.push_back(open[i]);
        }
        open = std::move(still_open);
        if (open.empty())
            return;
        if (only_dropped_revision) // another question, not another attempt
            continue;
        if (attempt >= retries) {
            const std::string reason =
                open.front()->reason + fmt::format(" ({} attempts)", attempt + 1);
            if (open.front()->entity_at_fault)
                throw EntityUnavailable(reason);
            throw SourceUnavailable(reason);
        }
        const milliseconds backoff = std::min(
            options.backoff_max, options.backoff * (1U << std::min(attempt, 16U)));
        wait = std::max(wait, jittered(backoff));
        spdlog::debug("{}; retrying in {} ms", open.front()->reason, wait.count());
        for (Fetch* fetch : open)
            fetch->with_revision = min_revision > 0;
        {
            const base::Waiting waiting;
            std::this_thread::sleep_for(wait);
        }
        ++attempt;
    }
}

HttpSource::HttpSource(const config::WikiSettings& wiki, HttpRetryOptions options)
    : impl_(std::make_unique<Impl>(wiki, options)) {}

HttpSource::~HttpSource() = default;

std::vector<Lookup> HttpSource::load(std::span<const entity::EntityId> ids,
                                     std::uint64_t min_revision) {
    std::vector<Fetch> fetches;
    std::unordered_map<entity::EntityId, std::size_t> by_page;
    for (const entity::EntityId& id : ids)
        if (by_page.emplace(id.page(), fetches.size()).second)
            fetches.push_back({.page = id.page(), .with_revision = min_revision > 0});
    if (!fetches.empty())
        impl_->fetch_all(fetches, min_revision);

    std::vector<Lookup> lookups;
    lookups.reserve(ids.size());
    for (const entity::EntityId& id : ids) {
        const Lookup& page = *fetches[by_page.at(id.page())].done;
        lookups.push_back(lookup_on_page(id, page));
    }
    return lookups;
}

} // namespace runner::source
