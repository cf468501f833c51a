// SPDX-License-Identifier: GPL-2.0-or-later
// See page_api.hpp.
#include "source/page_api.hpp"

#include "base/url.hpp"
#include "base/utf8.hpp"
#include "source/api_json.hpp"
#include "source/url_text.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace runner::source {

namespace json = boost::json;

namespace {

constexpr std::size_t max_body = std::size_t{8} << 20;
constexpr std::uint32_t max_pages = 500; // what the API gives without rights of a bot

std::uint64_t number_in(const json::object& object, const char* key) {
    const json::value* value = object.if_contains(key);
    return value != nullptr && value->is_int64() && value->get_int64() > 0
               ? static_cast<std::uint64_t>(value->get_int64())
               : 0;
}

std::string copy_in(const json::object& object, const char* key) {
    return std::string(text_in(object, key).value_or(""));
}

/// The response as an object; throws its error, if any.
json::object parsed(const std::string& url, const std::string& body) {
    json::error_code failed;
    json::value answer = json::parse(body, failed);
    if (failed || !answer.is_object())
        throw ApiRefused("no_answer", url + ": the response is not a JSON object");
    if (const json::object* error = object_in(answer.get_object(), "error")) {
        const std::string code = copy_in(*error, "code");
        const std::string what = fmt::format("{} says {}: {}", url, code,
                                             base::utf8_prefix(copy_in(*error, "info"), 200));
        if (is_transient_error(code))
            throw base::UnavailableError(what);
        throw ApiRefused(code, what);
    }
    return std::move(answer.get_object());
}

std::optional<entity::EntityType> entities_of(std::string_view content_model) {
    if (content_model == "wikibase-item")
        return entity::EntityType::item;
    if (content_model == "wikibase-property")
        return entity::EntityType::property;
    if (content_model == "wikibase-lexeme")
        return entity::EntityType::lexeme;
    return std::nullopt;
}

} // namespace

PageApi::PageApi(std::string url, std::chrono::milliseconds timeout)
    : url_(std::move(url)), name_(base::mask_urls(url_)),
      http_({.timeout = timeout, .connections = 1, .max_body = max_body}) {}

std::string PageApi::ask(const std::string& parameters) {
    const std::array<HttpRequest, 1> requests{
        HttpRequest{url_ + "?action=query&format=json&formatversion=2&maxlag=5" + parameters, {}}};
    HttpAnswer answer = http_.fetch(requests).front();
    const auto problem = [&] {
        return answer.status == 0 ? name_ + ": " + answer.error
                                  : fmt::format("{}: HTTP status {}", name_, answer.status);
    };
    if (answer.status == 429 || answer.status >= 500 || (answer.status == 0 && answer.transient))
        throw base::UnavailableError(problem());
    if (answer.status != 200)
        throw ApiRefused(answer.status == 0 ? "no_answer" : fmt::format("http_{}", answer.status),
                         problem());
    return std::move(answer.body);
}

std::optional<std::string> PageApi::settings() {
    const json::object answer = parsed(name_, ask("&meta=constraintrunnersettings"));
    const json::object* query = object_in(answer, "query");
    const json::value* settings =
        query != nullptr ? query->if_contains("constraintrunnersettings") : nullptr;
    if (settings != nullptr)
        return json::serialize(*settings);
    if (answer.contains("batchcomplete") || answer.contains("warnings"))
        return std::nullopt;
    throw ApiRefused("no_answer", name_ + ": the response does not contain settings");
}

PageApi::Site PageApi::site() {
    const json::object answer = parsed(name_, ask("&meta=siteinfo&siprop=namespaces%7Cstatistics"));
    const json::object* query = object_in(answer, "query");
    const json::object* namespaces = query != nullptr ? object_in(*query, "namespaces") : nullptr;
    if (namespaces == nullptr)
        throw ApiRefused("no_answer", name_ + ": the response does not contain namespaces");
    Site site;
    for (const auto& each : *namespaces) {
        const json::object* about = each.value().if_object();
        const json::value* id = about != nullptr ? about->if_contains("id") : nullptr;
        if (id != nullptr && id->is_int64() && id->get_int64() >= 0)
            site.namespaces.push_back({static_cast<int>(id->get_int64()), copy_in(*about, "name"),
                                       entities_of(copy_in(*about, "defaultcontentmodel"))});
    }
    std::sort(site.namespaces.begin(), site.namespaces.end(),
              [](const Namespace& a, const Namespace& b) { return a.number < b.number; });
    if (const json::object* statistics = object_in(*query, "statistics"))
        site.articles = number_in(*statistics, "articles");
    return site;
}

/// How the list continues: the value of `key` where that is all there is. Else everything that the
/// answer names comes with the next request, behind a "|", with which no title begins.
std::string PageApi::continuation(const json::object& next, const std::string& key) const {
    std::string all = "|";
    bool others = false;
    for (const auto& each : next) {
        if (!each.value().is_string())
            continue;
        others = others || (each.key() != key && each.key() != "continue");
        append_encoded((all += '&').append(each.key()).append("="),
                       std::string(each.value().as_string()));
    }
    if (all.size() == 1)
        throw ApiRefused("bad_answer", name_ + ": the response continues, but does not say where");
    const std::string value = copy_in(next, key.c_str());
    return others || value.empty() ? all : value;
}

PageApi::Pages PageApi::pages(int name_space, const std::string& linked, const std::string& after,
                              std::uint32_t size) {
    const std::string prefix = linked.empty() ? "gap" : "gbl";
    std::string parameters = fmt::format(
        "&generator={1}&{0}filterredir=nonredirects&prop=info&{0}namespace={2}&{0}limit={3}",
        prefix, linked.empty() ? "allpages" : "backlinks", name_space,
        std::clamp<std::uint32_t>(size, 1, max_pages));
    if (!linked.empty())
        append_encoded(parameters += "&gbltitle=", linked);
    if (after.starts_with('|')) // parameters, ready to be sent
        parameters += after.substr(1);
    else if (!after.empty())
        append_encoded(parameters += '&' + prefix + "continue=", after);
    const json::object answer = parsed(name_, ask(parameters));
    Pages found;
    const json::object* query = object_in(answer, "query");
    const json::value* pages = query != nullptr ? query->if_contains("pages") : nullptr;
    if (pages != nullptr && pages->is_array()) // without any there is none
        for (const json::value& each : pages->get_array())
            if (const json::object* page = each.if_object())
                found.pages.push_back({number_in(*page, "pageid"), number_in(*page, "lastrevid"),
                                       copy_in(*page, "title")});
    if (const json::object* next = object_in(answer, "continue"))
        found.after = continuation(*next, prefix + "continue");
    return found;
}

std::vector<std::string> PageApi::redirect_targets(const std::vector<std::string>& titles) {
    std::vector<std::string> targets(titles.size());
    if (titles.empty())
        return targets;
    std::string joined;
    for (const std::string& title : titles)
        joined.append(joined.empty() ? "" : "|").append(title);
    std::string parameters = "&redirects=1&titles=";
    append_encoded(parameters, joined);
    const json::object answer = parsed(name_, ask(parameters));
    const json::object* query = object_in(answer, "query");
    const json::value* redirects = query != nullptr ? query->if_contains("redirects") : nullptr;
    if (redirects == nullptr || !redirects->is_array()) // there are none
        return targets;
    for (const json::value& each : redirects->get_array()) {
        const json::object* step = each.if_object();
        if (step == nullptr)
            continue;
        const auto at = std::find(titles.begin(), titles.end(), copy_in(*step, "from"));
        if (at != titles.end())
            targets[static_cast<std::size_t>(at - titles.begin())] = copy_in(*step, "to");
    }
    return targets;
}

bool PageApi::exists(const std::string& title) {
    std::string parameters = "&titles=";
    append_encoded(parameters, title);
    const json::object answer = parsed(name_, ask(parameters));
    const json::object* query = object_in(answer, "query");
    const json::value* pages = query != nullptr ? query->if_contains("pages") : nullptr;
    if (pages == nullptr || !pages->is_array() || pages->get_array().empty() ||
        !pages->get_array().front().is_object())
        throw ApiRefused("no_answer", name_ + ": the response does not contain the page");
    return !pages->get_array().front().get_object().contains("missing");
}

} // namespace runner::source
