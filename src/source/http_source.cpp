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
#include "source/page_answer.hpp"

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
    bool outdated = false;      ///< at that failure: an answer, but not of the revision
    bool refused = false;       ///< at that failure: it will not pass by itself
    bool final = false;         ///< trying again would not help
    milliseconds wait{0};       ///< Retry-After of the wiki
};

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
    HttpOptions options;
    HttpClient client;
    PageFaults faults;

    Impl(const config::WikiSettings& wiki, HttpOptions http_options)
        : base_url(wiki.entity_data_url), retries(wiki.http_retries), options(http_options),
          client({wiki.http_timeout, wiki.http_connections,
                  static_cast<std::size_t>(wiki.http_max_body), 5}),
          faults(options.page_faults,
                 entity::EntityId::parse(wiki.ids[config::ConstraintId::PropertyConstraint]),
                 [this](const entity::EntityId& page) { return answers(page); }) {
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

    [[nodiscard]] bool answers(const entity::EntityId& page);
    void fetch_all(std::vector<Fetch>& fetches, std::uint64_t min_revision);
    void take(Fetch& fetch, const std::string& url, const HttpAnswer& answer,
              std::uint64_t min_revision);
    void take_document(Fetch& fetch, const std::string& body, std::uint64_t min_revision) const;
    void tell(const std::vector<Fetch*>& failed, PageFaults::Clock::time_point began);
};

/// Whether the wiki answers at all; what, does not matter.
bool HttpSource::Impl::answers(const entity::EntityId& page) {
    const std::string asked = url({.page = page}, 0);
    const HttpAnswer answer = std::move(client.get({&asked, 1}).front());
    return answer.status == 404 || answer.status == 410 ||
           (answer.status == 200 && is_json(answer.content_type));
}

/// `url` is as it may be shown. Sets `done`, or why not. Throws EntityUnavailable for an answer
/// that can't be read.
void HttpSource::Impl::take(Fetch& fetch, const std::string& url, const HttpAnswer& answer,
                            std::uint64_t min_revision) {
    const auto fail = [&](const std::string& reason, bool refused, bool final) {
        fetch.reason = url + ": " + reason;
        fetch.refused = refused;
        fetch.final = final;
    };
    fetch.wait = milliseconds{0};
    fetch.outdated = false;
    if (answer.status == 0) { // else too large, too many redirections
        fail(answer.error, !answer.transient, !answer.transient);
        return;
    }
    const std::string status = fmt::format("HTTP status {}", answer.status);
    const bool refused = answer.status == 400 || answer.status == 404 || answer.status == 410;
    if (refused && fetch.with_revision) {
        fetch.with_revision = false;
        fail(status, true, false);
        return;
    }
    if (answer.status == 404 || answer.status == 410) {
        faults.answered(fetch.page);
        fetch.done = Lookup{.id = fetch.page, .state = State::missing};
        return;
    }
    if (answer.status == 429 || answer.status >= 500) {
        // PHP that ends with 500 does so because of the page
        fail(status, answer.status == 500, false);
        fetch.wait = answer.retry_after;
        if (answer.retry_after > options.max_retry_after)
            fail(
                fmt::format("{}, to be tried again after {} s", status, answer.retry_after.count()),
                false, true);
        return;
    }
    if (answer.status != 200) {
        fail(status, true, true);
        return;
    }
    if (!is_json(answer.content_type)) {
        fail(fmt::format("\"{}\" instead of JSON", base::utf8_prefix(answer.content_type, 80)),
             true, true);
        return;
    }
    faults.answered(fetch.page); // the wiki has; the page may be another matter
    try {
        take_document(fetch, answer.body, min_revision);
    } catch (const base::DataError& e) {
        throw EntityUnavailable(url + ": " + e.what());
    }
    if (!fetch.done)
        fail(fetch.reason, true, false);
}

void HttpSource::Impl::take_document(Fetch& fetch, const std::string& body,
                                     std::uint64_t min_revision) const {
    Lookup found = read_page_answer(body, fetch.page);
    if (found.state == State::found && found.revision != 0 && found.revision < min_revision) {
        fetch.reason = fmt::format("revision {} instead of {}", found.revision, min_revision);
        fetch.outdated = true;
        return;
    }
    fetch.done = std::move(found);
}

/// Throws, for pages that were not fetched.
void HttpSource::Impl::tell(const std::vector<Fetch*>& failed,
                            PageFaults::Clock::time_point began) {
    std::vector<FailedPage> pages;
    for (const Fetch* fetch : failed)
        if (!fetch->outdated)
            pages.push_back({fetch->page, fetch->reason, fetch->refused});
    if (!pages.empty())
        if (const FailedPage* first = faults.judge(pages, began))
            throw SourceUnavailable(first->reason);
    throw EntityUnavailable(failed.front()->reason);
}

void HttpSource::Impl::fetch_all(std::vector<Fetch>& fetches, std::uint64_t min_revision) {
    const auto began = PageFaults::Clock::now();
    std::vector<Fetch*> open, failed;
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
            take(*open[i], base::mask_urls(urls[i]), answers[i], min_revision);
            if (open[i]->done)
                continue;
            if (open[i]->final) {
                failed.push_back(open[i]);
                continue;
            }
            only_dropped_revision &= had_revision && !open[i]->with_revision;
            wait = std::max(wait, open[i]->wait);
            still_open.push_back(open[i]);
        }
        open = std::move(still_open);
        if (open.empty())
            break;
        if (only_dropped_revision) // another question, not another attempt
            continue;
        const bool hopeless = std::all_of(open.begin(), open.end(), [&](const Fetch* fetch) {
            return faults.is_at_fault(fetch->page);
        });
        if (attempt >= retries || hopeless) {
            for (Fetch* fetch : open)
                fetch->reason += fmt::format(" ({} attempts)", attempt + 1);
            failed.insert(failed.end(), open.begin(), open.end());
            break;
        }
        const milliseconds backoff =
            std::min(options.backoff_max, options.backoff * (1U << std::min(attempt, 16U)));
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
    if (!failed.empty())
        tell(failed, began);
}

HttpSource::HttpSource(const config::WikiSettings& wiki, HttpOptions options)
    : impl_(std::make_unique<Impl>(wiki, options)) {}

HttpSource::~HttpSource() = default;

std::vector<Lookup> HttpSource::load(std::span<const entity::EntityId> ids,
                                     std::uint64_t min_revision) {
    std::vector<Fetch> fetches;
    std::unordered_map<entity::EntityId, std::size_t> by_page;
    for (const entity::EntityId& id : ids)
        if (by_page.emplace(id.page(), fetches.size()).second)
            fetches.push_back({.page = id.page(), .with_revision = min_revision > 0});
    for (const Fetch& fetch : fetches) // of a batch that failed, each is asked for alone
        if (const auto reason = impl_->faults.failed_just_now(fetch.page);
            reason && min_revision == 0)
            throw EntityUnavailable(*reason);
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
