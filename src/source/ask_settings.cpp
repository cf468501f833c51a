// SPDX-License-Identifier: GPL-2.0-or-later
// See ask_settings.hpp.
#include "source/ask_settings.hpp"

#include "base/log_fields.hpp"
#include "config/from_wiki.hpp"
#include "source/page_api.hpp"
#include "source/source.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace runner::source {

namespace json = boost::json;

namespace {

bool has_api(const config::WikiSettings& wiki) noexcept {
    return wiki.source == config::SourceKind::http && !wiki.api_url.empty();
}

/// Workers of an older extension do not know the question; some of them say which WBQC they have.
std::optional<std::string> from_greeting(php::Pool& workers) {
    const json::value greeting = json::parse(workers.greeting()); // the pool has read it already
    const json::value* wbqc = greeting.as_object().if_contains("wbqc");
    if (wbqc == nullptr || !wbqc->is_string())
        return std::nullopt;
    return json::serialize(json::object{{"settings", {{"wbqc", *wbqc}}}});
}

std::optional<std::string> ask_workers(php::Pool& workers) {
    try {
        std::string answer = workers.ask(R"({"service":"settings"})");
        json::error_code failed;
        const json::value parsed = json::parse(answer, failed);
        const json::object* object = failed ? nullptr : parsed.if_object();
        if (object != nullptr && object->contains("settings"))
            return answer;
        const json::value* error = object != nullptr ? object->if_contains("error") : nullptr;
        const json::object* said = error != nullptr ? error->if_object() : nullptr;
        if (said != nullptr && said->contains("code") && said->at("code") != "bad_request")
            throw SourceUnavailable(
                fmt::format("{} can't give the wiki's settings: {}", workers.name(),
                            json::serialize(said->contains("message") ? said->at("message")
                                                                      : said->at("code"))));
        return from_greeting(workers);
    } catch (const php::WorkersUnavailable& error) {
        throw SourceUnavailable(error.what());
    }
}

std::optional<std::string> ask_api(const config::WikiSettings& wiki) {
    const base::LogFields fields{{"wiki", wiki.id}};
    try {
        auto answer = PageApi(wiki.api_url, wiki.http_timeout).settings();
        if (!answer)
            spdlog::info("wiki {}: its API lacks the extension's settings module; using the "
                         "configuration only",
                         wiki.id);
        return answer;
    } catch (const base::UnavailableError& error) {
        throw SourceUnavailable(error.what());
    } catch (const ApiRefused& error) { // an error page, say: nothing says what they are
        throw SourceUnavailable(std::string("the wiki's settings can't be read: ") + error.what());
    }
}

} // namespace

bool can_ask_settings(const config::WikiSettings& wiki) noexcept {
    return !wiki.php_command.empty() || has_api(wiki);
}

std::optional<std::string> ask_settings(const config::WikiSettings& wiki, php::Pool* workers) {
    if (workers != nullptr)
        return ask_workers(*workers);
    if (has_api(wiki))
        return ask_api(wiki);
    return std::nullopt;
}

config::WikiSettings settings_from_wiki(const config::WikiSettings& wiki, php::Pool* workers) {
    config::WikiSettings settings = wiki;
    if (const auto answer = ask_settings(wiki, workers))
        config::take_from_wiki(settings, *answer);
    return settings;
}

} // namespace runner::source
