// SPDX-License-Identifier: GPL-2.0-or-later
// See title_answer.hpp. WBQC asks for one title at a time and takes the only page of the answer,
// whatever its title; with several titles each has to be followed to its own page.
#include "source/title_answer.hpp"

#include "base/utf8.hpp"
#include "source/api_json.hpp"

#include <boost/json.hpp>

#include <optional>
#include <unordered_map>

namespace runner::source {
namespace {

namespace json = boost::json;

/// PHP's isset(): there and not null; but `false` of formatversion 2 says no as well.
bool is_set(const json::object& page, std::string_view flag) {
    const json::value* value = page.if_contains(flag);
    return value != nullptr && !value->is_null() && !(value->is_bool() && !value->get_bool());
}

TitleState state_of(const json::object& page) {
    return is_set(page, "missing") || is_set(page, "invalid") || !text_in(page, "title")
               ? TitleState::missing
               : TitleState::exists;
}

int hex(char c) noexcept {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                  : -1;
}

std::string percent_decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size() && hex(text[i + 1]) >= 0 &&
            hex(text[i + 2]) >= 0) {
            out += static_cast<char>(hex(text[i + 1]) * 16 + hex(text[i + 2]));
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

using Steps = std::unordered_map<std::string, std::string>;

/// `[{"from", "to", "fromencoded"?}]`.
Steps steps_in(const json::object& query, std::string_view list) {
    Steps out;
    const json::value* value = query.if_contains(list);
    const json::array* entries = value == nullptr ? nullptr : value->if_array();
    if (entries == nullptr)
        return out;
    for (const json::value& entry : *entries) {
        const json::object* step = entry.if_object();
        if (step == nullptr)
            continue;
        const auto from = text_in(*step, "from");
        const auto to = text_in(*step, "to");
        if (from && to)
            out.emplace(is_set(*step, "fromencoded") ? percent_decoded(*from) : std::string(*from),
                        *to);
    }
    return out;
}

/// As long as there are steps, but no more than `most` of them.
void follow(std::string& title, const Steps& steps, std::size_t most) {
    for (std::size_t i = 0; i < most; ++i) {
        const auto step = steps.find(title);
        if (step == steps.end())
            return;
        title = step->second;
    }
}

/// The records of the pages: a list in formatversion 2, an object by page id before.
std::vector<const json::object*> pages_in(const json::object& query) {
    std::vector<const json::object*> out;
    const json::value* value = query.if_contains("pages");
    const auto add = [&](const json::value& page) {
        if (const json::object* record = page.if_object())
            out.push_back(record);
    };
    if (value != nullptr && value->is_array())
        for (const json::value& page : value->get_array())
            add(page);
    else if (value != nullptr && value->is_object())
        for (const auto& member : value->get_object())
            add(member.value());
    return out;
}

TitleAnswer problem(std::string text, bool transient = false) {
    return {.problem = std::move(text), .transient = transient};
}

/// `{"error": {"code", "info"}}`.
TitleAnswer told_error(const json::object& error, std::span<const std::string> titles) {
    const std::string code(text_in(error, "code").value_or("?"));
    if (code == "toomanyvalues" && titles.size() == 1) // "a|b|…": WBQC finds no page in the answer
        return {.states = {TitleState::missing}};
    return problem("the API says " + std::string(base::utf8_prefix(code, 60)) + ": " +
                       std::string(base::utf8_prefix(text_in(error, "info").value_or(""), 200)),
                   is_transient_error(code));
}

TitleAnswer read(const json::value& answer, std::span<const std::string> titles) {
    const json::object* root = answer.if_object();
    if (root == nullptr)
        return problem("the response is not a JSON object");
    if (const json::object* error = object_in(*root, "error"))
        return told_error(*error, titles);
    const json::object* query = object_in(*root, "query");
    if (query == nullptr || query->empty())
        return problem("the answer says nothing about titles");

    const auto pages = pages_in(*query);
    if (titles.size() == 1 && pages.size() == 1)
        return {.states = {state_of(*pages.front())}};
    const Steps normalized = steps_in(*query, "normalized");
    const Steps converted = steps_in(*query, "converted");
    const Steps redirects = steps_in(*query, "redirects");
    std::unordered_map<std::string_view, TitleState> states;
    for (const json::object* page : pages)
        if (const auto title = text_in(*page, "title"))
            states.emplace(*title, state_of(*page));

    TitleAnswer out;
    for (const std::string& asked : titles) {
        std::string title = asked;
        follow(title, normalized, 2); // to NFC, and from there to the canonical form
        follow(title, converted, 1);
        follow(title, redirects, redirects.size());
        const auto state = states.find(title);
        // one that was asked alone and has no page (a link to another wiki, a redirect to itself)
        // does not exist for WBQC
        out.states.push_back(state != states.end() ? state->second
                             : titles.size() == 1  ? TitleState::missing
                                                   : TitleState::unknown);
    }
    return out;
}

} // namespace

TitleAnswer read_title_answer(std::string_view body, std::span<const std::string> titles) {
    TitleAnswer out;
    try {
        json::error_code error;
        const json::value answer = json::parse(body, error);
        out =
            error ? problem("the response is not JSON: " + error.message()) : read(answer, titles);
    } catch (const std::exception& e) { // memory
        out = problem(std::string("the answer can't be read: ") + e.what());
    }
    if (!out.problem.empty())
        out.states.assign(titles.size(), TitleState::unknown);
    return out;
}

} // namespace runner::source
