// SPDX-License-Identifier: GPL-2.0-or-later
// What a request for categories says. See category.hpp.
#include "imports/category.hpp"
#include "imports/category_name.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace runner::imports {

namespace json = boost::json;

namespace {

constexpr std::size_t most_categories = 1'000;

/// "category" or "categories" of the request.
std::vector<std::string> asked_categories(const json::object& fields) {
    const auto one = fields.find("category");
    const auto several = fields.find("categories");
    if ((one == fields.end()) == (several == fields.end()))
        throw BadRequest("categories", one == fields.end() ? "missing; a list of names"
                                                           : "beside category; give one of them");
    std::vector<std::string> names;
    if (one != fields.end()) {
        if (!one->value().is_string())
            throw BadRequest("category", "not a string");
        names.push_back(category_name(one->value().as_string(), "category"));
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
        std::string name = category_name(list[i].as_string(), field);
        if (std::find(names.begin(), names.end(), name) == names.end())
            names.push_back(std::move(name));
    }
    return names;
}

} // namespace

void plan_category(std::string_view text, const config::WikiSettings& wiki,
                   store::NewImport& into) {
    const json::value value = json::parse(text);
    const json::object& fields = value.as_object();
    for (const auto& field : fields)
        if (field.key() != "category" && field.key() != "categories" &&
            field.key() != "follow_redirects")
            throw BadRequest(std::string(field.key()).substr(0, 60),
                             "there is no such field; there are import_method, wiki, category, "
                             "categories, follow_redirects");
    std::vector<std::string> names = asked_categories(fields);
    bool follow = true;
    if (const auto at = fields.find("follow_redirects"); at != fields.end()) {
        if (!at->value().is_bool())
            throw BadRequest("follow_redirects", "not true or false");
        follow = at->value().as_bool();
    }
    if (wiki.replica_database.empty())
        throw BadRequest("wiki", wiki.id + " has no replica_database in the configuration, from "
                                           "which categories could be read");
    into.parameters = json::serialize(
        json::object{{"categories", json::value_from(names)}, {"follow_redirects", follow}});
    std::sort(names.begin(), names.end()); // whatever the order, it is the same import
    into.subject = follow ? "" : "(without redirects) ";
    for (const std::string& name : names)
        into.subject += (&name == &names.front() ? "" : " | ") + shown_name(name);
    for (const char* count : {"files_imported", "files_new", "files_changed", "files_renamed",
                              "files_unchanged", "files_vanished"})
        into.counts[count] = 0;
}

} // namespace runner::imports
