// SPDX-License-Identifier: GPL-2.0-or-later
// What a request for categories says. See category.hpp.
#include "base/utf8.hpp"
#include "imports/category.hpp"
#include "imports/category_name.hpp"
#include "imports/file_filter.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace runner::imports {

namespace json = boost::json;

namespace {

constexpr std::size_t most_categories = 1'000; // that are named
constexpr std::int64_t most_depth = 50;
constexpr std::int64_t most_in_tree = 10'000;

/// "category" or "categories" of the request.
std::vector<PageName> asked_categories(const json::object& fields) {
    const auto one = fields.find("category");
    const auto several = fields.find("categories");
    if ((one == fields.end()) == (several == fields.end()))
        throw BadRequest("categories", one == fields.end() ? "missing; a list of names"
                                                           : "beside category; give one of them");
    std::vector<PageName> names;
    if (one != fields.end()) {
        if (!one->value().is_string())
            throw BadRequest("category", "not a string");
        names.push_back(read_category_name(one->value().as_string(), "category"));
        return names;
    }
    if (!several->value().is_array())
        throw BadRequest("categories", "not an array");
    const json::array& list = several->value().as_array();
    if (list.empty())
        throw BadRequest("categories", "an empty list");
    if (list.size() > most_categories)
        throw BadRequest("categories", fmt::format("more than {}", most_categories));
    for (std::size_t i = 0; i < list.size(); ++i) {
        const std::string field = fmt::format("categories[{}]", i);
        if (!list[i].is_string())
            throw BadRequest(field, "not a string");
        PageName name = read_category_name(list[i].as_string(), field);
        if (std::none_of(names.begin(), names.end(),
                         [&](const PageName& each) { return each.name == name.name; }))
            names.push_back(std::move(name));
    }
    return names;
}

/// "exclude" of the request, sorted.
std::vector<std::string> excluded_categories(const json::object& fields) {
    std::vector<std::string> names;
    const auto at = fields.find("exclude");
    if (at == fields.end())
        return names;
    if (!at->value().is_array())
        throw BadRequest("exclude", "not an array");
    const json::array& list = at->value().as_array();
    if (list.size() > most_categories)
        throw BadRequest("exclude", fmt::format("more than {}", most_categories));
    for (std::size_t i = 0; i < list.size(); ++i) {
        const std::string field = fmt::format("exclude[{}]", i);
        if (!list[i].is_string())
            throw BadRequest(field, "not a string");
        names.push_back(category_name(list[i].as_string(), field));
    }
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

} // namespace

void plan_category(std::string_view text, const config::Settings& /*settings*/,
                   const config::WikiSettings& wiki, store::NewImport& into) {
    const json::value value = json::parse(text);
    const json::object& fields = value.as_object();
    for (const auto& field : fields)
        if (field.key() != "category" && field.key() != "categories" &&
            field.key() != "follow_redirects" && field.key() != "dry_run" &&
            field.key() != "depth" && field.key() != "max_categories" && field.key() != "exclude" &&
            field.key() != "filter")
            throw BadRequest(std::string(base::utf8_prefix(field.key(), 60)),
                             "there is no such field; there are import_method, wiki, category, "
                             "categories, follow_redirects, dry_run, depth, max_categories, "
                             "exclude, filter");
    std::vector<std::string> names;
    json::object spellings;
    for (const PageName& asked : asked_categories(fields)) {
        names.push_back(asked.name);
        if (!asked.others.empty())
            spellings[asked.name] = json::value_from(asked.others);
    }
    const auto flag = [&](const char* name, bool otherwise) {
        const auto at = fields.find(name);
        if (at != fields.end() && !at->value().is_bool())
            throw BadRequest(name, "not true or false");
        return at == fields.end() ? otherwise : at->value().as_bool();
    };
    const bool follow = flag("follow_redirects", true);
    const bool dry_run = flag("dry_run", false);
    const auto number = [&](const char* name, std::int64_t otherwise, std::int64_t most) {
        const auto at = fields.find(name);
        if (at == fields.end())
            return otherwise;
        if (!at->value().is_int64() || at->value().get_int64() < 0 ||
            at->value().get_int64() > most)
            throw BadRequest(name, fmt::format("not a whole number from 0 to {}", most));
        return at->value().get_int64();
    };
    const std::int64_t depth = number("depth", 0, most_depth);
    const std::int64_t max_categories = number("max_categories", 1'000, most_in_tree);
    const std::vector<std::string> excluded = excluded_categories(fields);
    for (const char* name : {"max_categories", "exclude"})
        if (depth == 0 && fields.contains(name))
            throw BadRequest(name, "only with a depth");
    if (depth > 0 && max_categories < static_cast<std::int64_t>(names.size()))
        throw BadRequest("max_categories", "fewer than the categories that are named");
    if (wiki.replica_database.empty())
        throw BadRequest("wiki", wiki.id + " has no replica_database in the configuration, from "
                                           "which categories could be read");
    json::object parameters{{"categories", json::value_from(names)}, {"follow_redirects", follow}};
    if (!spellings.empty())
        parameters["spellings"] = std::move(spellings);
    if (dry_run)
        parameters["dry_run"] = true;
    if (depth > 0) {
        parameters["depth"] = depth;
        parameters["max_categories"] = max_categories;
        parameters["exclude"] = json::value_from(excluded);
    }
    into.parameters = json::serialize(parameters);
    std::sort(names.begin(), names.end()); // whatever the order, it is the same import
    into.subject = dry_run ? "(dry run) " : "";
    into.subject += follow ? "" : "(without redirects) ";
    if (depth > 0) {
        into.subject += fmt::format("(depth {}, at most {} categories", depth, max_categories);
        for (const std::string& name : excluded)
            into.subject += ", without " + shown_name(name);
        into.subject += ") ";
    }
    for (const std::string& name : names)
        into.subject += (&name == &names.front() ? "" : " | ") + shown_name(name);
    plan_filter(fields, into);
    for (const char* count : {"files_imported", "files_new", "files_changed", "files_renamed",
                              "files_unchanged", "files_vanished", "category_problems"})
        into.counts[count] = 0;
}

} // namespace runner::imports
