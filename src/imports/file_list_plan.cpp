// SPDX-License-Identifier: GPL-2.0-or-later
// What a request for a list of files says. See file_list.hpp.
#include "base/sha1.hpp"
#include "base/utf8.hpp"
#include "imports/category_name.hpp"
#include "imports/file_filter.hpp"
#include "imports/file_list.hpp"
#include "imports/list_address.hpp"
#include "imports/list_text.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace runner::imports {

namespace json = boost::json;

namespace {

constexpr std::size_t shown = 60;

constexpr std::array<std::string_view, 6> ways{"files", "page_ids", "file_ids",
                                               "csv",   "address",  "of_import"};

/// The numbers of a request's array.
std::vector<std::string> numbers_of(const json::array& list, const std::string& field) {
    std::vector<std::string> items;
    for (std::size_t i = 0; i < list.size(); ++i) {
        const json::value& each = list[i];
        std::string text = each.is_int64() && each.get_int64() > 0
                               ? std::to_string(each.get_int64())
                               : std::string();
        if (!is_number(text))
            throw BadRequest(fmt::format("{}[{}]", field, i), "not a positive number");
        items.push_back(std::move(text));
    }
    return items;
}

std::vector<std::string> names_of(const json::array& list, const std::string& field) {
    std::vector<std::string> items;
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (!list[i].is_string())
            throw BadRequest(fmt::format("{}[{}]", field, i), "not a string");
        items.emplace_back(list[i].as_string());
    }
    return items;
}

ListedFiles asked_files(const json::object& fields) {
    std::string_view way;
    for (const std::string_view each : ways)
        if (fields.contains(each)) {
            if (!way.empty())
                throw BadRequest(std::string(each),
                                 fmt::format("beside {}; give one of them", way));
            way = each;
        }
    if (way.empty())
        throw BadRequest("files", "missing; a list of names, or page_ids, file_ids, csv, address "
                                  "or of_import");
    const json::value& value = fields.at(way);
    const std::string field(way);
    if (way == "of_import" || way == "address")
        return {"page_id", {}};
    if (way == "csv") {
        if (!value.is_string())
            throw BadRequest(field, "not a string");
        try {
            return listed_files(value.as_string());
        } catch (const BadList& error) {
            throw BadRequest(field, error.what());
        }
    }
    if (!value.is_array())
        throw BadRequest(field, "not an array");
    const json::array& list = value.as_array();
    if (list.size() > most_listed)
        throw BadRequest(field, fmt::format("more than {}", most_listed));
    if (way == "files")
        return {"name", names_of(list, field)};
    return {way == "page_ids" ? "page_id" : "file_id", numbers_of(list, field)};
}

/// The address of the request; empty when there is none.
std::string asked_address(const json::object& fields, const config::ImportSettings& settings) {
    const json::value* given = fields.if_contains("address");
    if (given == nullptr)
        return {};
    if (!given->is_string())
        throw BadRequest("address", "not a string");
    const std::string address = encoded_address(given->as_string());
    if (address.size() > longest_item)
        throw BadRequest("address",
                         fmt::format("{} bytes; the longest has {}", address.size(), longest_item));
    if (const std::string problem = address_problem(address, settings); !problem.empty())
        throw BadRequest("address", problem);
    return address;
}

/// The same for equal lists.
std::string subject_of(const ListedFiles& list) {
    std::string all = list.by;
    for (const std::string& item : list.items)
        all += '\n' + item;
    for (const auto* known : {&list.known_names, &list.known_times})
        for (const std::string& each : *known)
            all += '\n' + each;
    return fmt::format("{} files by {}, list {}", list.items.size(),
                       list.by == "name"      ? "name"
                       : list.by == "page_id" ? "page id"
                                              : "file id",
                       base::sha1_hex(all).substr(0, 16));
}

/// "dry_run" of the request.
bool only_counts(const json::object& fields) {
    const json::value* given = fields.if_contains("dry_run");
    if (given == nullptr)
        return false;
    if (!given->is_bool())
        throw BadRequest("dry_run", "not true or false");
    if (given->as_bool() && fields.contains("of_import"))
        throw BadRequest("dry_run", "not with of_import, whose files are known");
    return given->as_bool();
}

} // namespace

void plan_file_list(std::string_view text, const config::Settings& settings,
                    const config::WikiSettings& wiki, store::NewImport& into) {
    const json::value value = json::parse(text);
    const json::object& fields = value.as_object();
    for (const auto& field : fields)
        if (field.key() != "filter" && field.key() != "dry_run" &&
            std::find(ways.begin(), ways.end(), field.key()) == ways.end())
            throw BadRequest(std::string(base::utf8_prefix(field.key(), shown)),
                             "there is no such field; there are import_method, wiki, files, "
                             "page_ids, file_ids, csv, address, of_import, dry_run, filter");
    ListedFiles list = asked_files(fields);
    const std::string address = asked_address(fields, settings.imports);
    const json::value* of = fields.if_contains("of_import");
    if (of != nullptr && (!of->is_int64() || of->get_int64() < 1))
        throw BadRequest("of_import", "not the number of an import");
    const std::string field = fields.contains("csv") ? "csv"
                              : list.by == "name"    ? "files"
                                                     : list.by + "s";
    const bool dry_run = only_counts(fields);
    if (list.items.empty() && of == nullptr && address.empty())
        throw BadRequest(field, "an empty list");
    require_items(list, field);
    if (wiki.replica_database.empty())
        throw BadRequest("wiki", wiki.id + " has no replica_database in the configuration, from "
                                           "which files could be read");
    into.subject = dry_run ? "(dry run) " : "";
    json::object parameters;
    if (of != nullptr) {
        into.list_of = static_cast<std::uint64_t>(of->get_int64());
        into.subject += fmt::format("files of import {}", into.list_of);
    } else if (!address.empty()) {
        into.subject += "files listed at " + address;
        parameters["address"] = address;
    } else {
        into.subject += subject_of(list);
    }
    plan_filter(fields, into);
    if (address.empty())
        parameters["by"] = list.by; // else the list says it
    if (dry_run) {
        parameters["dry_run"] = true;
        parameters["listed"] = list.items.size();
    } else {
        into.items = std::move(list.items);
        into.known_names = std::move(list.known_names);
        into.known_times = std::move(list.known_times);
    }
    into.parameters = json::serialize(parameters);
    for (const char* count : {"files_imported", "files_new", "files_changed", "files_renamed",
                              "files_unchanged", "files_vanished", "items_done", "items_found",
                              "items_renamed", "items_redirect", "items_deleted", "items_missing",
                              "items_twice", "items_no_file", "items_bad_name", "items_replaced"})
        into.counts[count] = 0;
    if (into.filter)
        into.counts["items_left_out"] = 0;
}

} // namespace runner::imports
