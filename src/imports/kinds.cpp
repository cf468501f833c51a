// SPDX-License-Identifier: GPL-2.0-or-later
// The table, and the fields that all kinds have. A new kind is a file and a row here.
#include "imports/kinds.hpp"

#include "base/suggest.hpp"
#include "base/utf8.hpp"
#include "imports/category.hpp"
#include "imports/category_name.hpp"
#include "imports/dump.hpp"
#include "imports/entities.hpp"
#include "imports/file_list.hpp"
#include "source/public_http.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace runner::imports {

namespace json = boost::json;

namespace {

constexpr std::size_t longest_label = 200;
constexpr std::size_t longest_url = 2'000;
constexpr std::array table{category_kind, dump_kind, entities_kind, file_list_kind};

/// A field of text, taken out of the object.
std::string take_text(json::object& fields, const char* name) {
    const auto at = fields.find(name);
    if (at == fields.end())
        throw BadRequest(name, "missing");
    if (!at->value().is_string())
        throw BadRequest(name, "not a string");
    std::string text(at->value().as_string());
    fields.erase(at);
    return text;
}

bool is_allowed(std::span<const std::string> allowed, const std::string& wiki) {
    return allowed.empty() || std::find(allowed.begin(), allowed.end(), wiki) != allowed.end();
}

/// The one wiki that has a replica.
std::string only_replica(const config::Settings& settings, std::span<const std::string> allowed) {
    std::string found;
    for (const config::WikiSettings& wiki : settings.wikis) {
        if (wiki.replica_database.empty() || !is_allowed(allowed, wiki.id))
            continue;
        if (!found.empty())
            throw BadRequest("wiki", "missing, and several wikis have a replica");
        found = wiki.id;
    }
    if (found.empty())
        throw BadRequest("wiki", "missing, and no wiki has a replica_database");
    return found;
}

/// The address that is to be told of the end; empty: none.
std::string take_notify(json::object& fields, const config::ImportSettings& settings) {
    if (!fields.contains("notify"))
        return {};
    std::string url = take_text(fields, "notify");
    if (settings.webhook_secret.empty())
        throw BadRequest("notify", "this runner has no imports.webhook_secret_file, so it tells no "
                                   "address of anything");
    if (url.size() > longest_url)
        throw BadRequest("notify", fmt::format("longer than {} bytes", longest_url));
    const std::string problem =
        source::public_url_problem(url, {settings.private_addresses, settings.plain_http});
    if (!problem.empty()) // the URL is not repeated: a part of it may be a secret
        throw BadRequest("notify", "it " + problem);
    return url;
}

std::string shortened(const std::string& text) {
    return text.size() <= 60 ? text : std::string(base::utf8_prefix(text, 60)) + "…";
}

} // namespace

std::span<const ImportKind> kinds() noexcept { return table; }

const ImportKind* find_kind(std::string_view name) noexcept {
    const auto at = std::find_if(table.begin(), table.end(),
                                 [&](const ImportKind& kind) { return kind.name == name; });
    return at == table.end() ? nullptr : &*at;
}

store::NewImport read_request(std::string_view body, const config::Settings& settings,
                              std::span<const std::string> allowed) {
    boost::system::error_code error;
    json::parse_options strict;
    strict.max_depth = 16;
    json::value value = json::parse(body, error, {}, strict);
    if (error)
        throw BadRequest("body", "no JSON: " + error.message());
    if (!value.is_object())
        throw BadRequest("body", "not an object");
    json::object& fields = value.as_object();

    std::string label;
    if (fields.contains("label")) {
        label = take_text(fields, "label");
        if (label.size() > longest_label || !is_text(label))
            throw BadRequest(
                "label", fmt::format("longer than {} bytes, or not valid UTF-8", longest_label));
    }
    std::string notify = take_notify(fields, settings.imports);
    const std::string method = take_text(fields, "import_method");
    const ImportKind* kind = find_kind(method);
    if (kind == nullptr) {
        std::string known;
        for (const ImportKind& each : table)
            known += (known.empty() ? "" : ", ") + std::string(each.name);
        throw BadRequest("import_method",
                         fmt::format("there is no \"{}\"; there is {}", shortened(method), known));
    }
    store::NewImport import;
    import.wiki = fields.contains("wiki") || !kind->from_replica ? take_text(fields, "wiki")
                                                                 : only_replica(settings, allowed);
    import.kind = kind->name;
    import.label = std::move(label);
    import.notify = std::move(notify);
    const config::WikiSettings* wiki = settings.find_wiki(import.wiki);
    if (wiki == nullptr || !is_allowed(allowed, import.wiki))
        throw UnknownWiki("wiki",
                          fmt::format("\"{}\" is not configured here", shortened(import.wiki)));
    kind->plan(json::serialize(fields), settings, *wiki, import);
    return import;
}

} // namespace runner::imports
