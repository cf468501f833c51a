// SPDX-License-Identifier: GPL-2.0-or-later
// See file_filter.hpp.
#include "imports/file_filter.hpp"

#include "base/utf8.hpp"
#include "imports/category_name.hpp"
#include "imports/importer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <utility>
#include <vector>

namespace runner::imports {

namespace json = boost::json;

namespace {

constexpr std::size_t most_names = 1'000;
constexpr std::size_t longest_name = 255;
constexpr std::int64_t most_pixels = 1'000'000'000'000;

/// "2025-09-01", also with "T12:00", seconds or a "Z" behind: 14 digits, and whether it is UTC.
std::pair<std::string, bool> read_time(const json::value& value, const std::string& field) {
    const auto wrong = [&] {
        return BadRequest(field, "not a time; a day as 2025-09-01, or 2025-09-01T12:00:00");
    };
    if (!value.is_string())
        throw wrong();
    std::string text(value.as_string());
    const bool utc = text.size() > 10 && text.ends_with('Z');
    if (utc)
        text.pop_back();
    const std::string_view pattern = "dddd-dd-ddTdd:dd:dd";
    if (text.size() != 10 && text.size() != 16 && text.size() != 19)
        throw wrong();
    std::string digits;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool digit = text[i] >= '0' && text[i] <= '9';
        if (pattern[i] == 'd' ? !digit : text[i] != pattern[i] && (i != 10 || text[i] != ' '))
            throw wrong();
        if (digit)
            digits += text[i];
    }
    digits.resize(14, '0');
    const auto number = [&](std::size_t at, std::size_t size) {
        unsigned found = 0;
        std::from_chars(digits.data() + at, digits.data() + at + size, found);
        return found;
    };
    const std::chrono::year_month_day day{std::chrono::year(static_cast<int>(number(0, 4))),
                                          std::chrono::month(number(4, 2)),
                                          std::chrono::day(number(6, 2))};
    if (!day.ok() || number(0, 4) == 0 || number(8, 2) > 23 || number(10, 2) > 59 ||
        number(12, 2) > 59)
        throw wrong();
    return {digits, utc};
}

std::uint64_t read_size(const json::value& value, const std::string& field) {
    if (!value.is_int64() || value.get_int64() < 0 || value.get_int64() > most_pixels)
        throw BadRequest(field, fmt::format("not a whole number from 0 to {}", most_pixels));
    return static_cast<std::uint64_t>(value.get_int64());
}

std::vector<std::string> read_names(const json::value& value, const std::string& field) {
    if (!value.is_array())
        throw BadRequest(field, "not an array");
    const json::array& list = value.get_array();
    if (list.empty() || list.size() > most_names)
        throw BadRequest(field,
                         list.empty() ? "an empty list" : fmt::format("more than {}", most_names));
    std::vector<std::string> names;
    for (std::size_t i = 0; i < list.size(); ++i) {
        const std::string each = fmt::format("{}[{}]", field, i);
        if (!list[i].is_string())
            throw BadRequest(each, "not a string");
        std::string name(list[i].get_string());
        if (name.empty() || name.size() > longest_name || !is_text(name))
            throw BadRequest(each, "empty, too long, or not valid UTF-8");
        names.push_back(std::move(name));
    }
    return names;
}

/// As the wiki writes names of users: spaces, and a capital first.
std::string user_name(std::string name) {
    std::replace(name.begin(), name.end(), '_', ' ');
    if (name.starts_with("User:"))
        name.erase(0, 5);
    if (!name.empty() && name.front() >= 'a' && name.front() <= 'z')
        name.front() = static_cast<char>(name.front() - 'a' + 'A');
    return name;
}

std::vector<std::string> read_users(const json::value& value, const std::string& field) {
    std::vector<std::string> users = read_names(value, field);
    std::transform(users.begin(), users.end(), users.begin(), user_name);
    return users;
}

std::vector<std::string> read_types(const json::value& value, const std::string& field) {
    std::vector<std::string> types = read_names(value, field);
    for (std::size_t i = 0; i < types.size(); ++i) {
        const std::size_t slash = types[i].find('/');
        if (slash == std::string::npos || slash == 0 || slash + 1 == types[i].size())
            throw BadRequest(fmt::format("{}[{}]", field, i),
                             "not a type such as image/jpeg or image/*");
    }
    return types;
}

} // namespace

store::FileFilter read_filter(const json::object& fields, const std::string& within) {
    store::FileFilter filter;
    filter.time_zone = "UTC";
    bool in_utc = false;
    bool local = false;
    for (const auto& [key, value] : fields) {
        const std::string field = within + std::string(base::utf8_prefix(key, 60));
        if (key == "uploaded_from" || key == "uploaded_before") {
            auto [time, utc] = read_time(value, field);
            (key == "uploaded_from" ? filter.uploaded_from : filter.uploaded_before) =
                std::move(time);
            (utc ? in_utc : local) = true;
        } else if (key == "time_zone") {
            if (!value.is_string() || value.get_string().empty() ||
                value.get_string().size() > longest_name || !is_text(value.get_string()))
                throw BadRequest(field, "not the name of a time zone, such as Europe/Kyiv");
            filter.time_zone = std::string(value.get_string());
        } else if (key == "versions") {
            const auto* at = value.is_string() ? std::find(store::versions_names.begin(),
                                                           store::versions_names.end(),
                                                           std::string_view(value.get_string()))
                                               : store::versions_names.end();
            if (at == store::versions_names.end())
                throw BadRequest(field, "not first, latest or any");
            filter.versions = static_cast<store::Versions>(at - store::versions_names.begin());
        } else if (key == "min_pixels") {
            filter.min_pixels = read_size(value, field);
        } else if (key == "min_side") {
            filter.min_side = read_size(value, field);
        } else if (key == "mime_types") {
            filter.mime_types = read_types(value, field);
        } else if (key == "uploaders") {
            filter.uploaders = read_users(value, field);
        } else if (key == "not_uploaders") {
            filter.not_uploaders = read_users(value, field);
        } else {
            throw BadRequest(field, fmt::format("there is no such field; there are {}",
                                                fmt::join(filter_fields, ", ")));
        }
    }
    if (in_utc && (local || fields.contains("time_zone")))
        throw BadRequest(within + "time_zone", "beside a time that ends with Z, which is UTC");
    if (!filter.uploaded_before.empty() && filter.uploaded_from >= filter.uploaded_before)
        throw BadRequest(within + "uploaded_before", "not later than uploaded_from");
    if (filter.empty())
        throw BadRequest(within.empty() ? "filter" : within.substr(0, within.size() - 1),
                         "it leaves nothing out");
    return filter;
}

void plan_filter(const json::object& fields, store::NewImport& into) {
    const json::value* given = fields.if_contains("filter");
    if (given == nullptr)
        return;
    if (!given->is_object())
        throw BadRequest("filter", "not an object");
    into.filter = read_filter(given->get_object(), "filter.");
    into.subject += " (filter " + json::serialize(filter_object(*into.filter)) + ')';
    into.counts["files_left_out"] = 0;
    for (const std::string_view name : store::left_out_names)
        into.counts["left_out_by_" + std::string(name)] = 0;
}

void settle_filter(store::NewImport& import, store::Session& session) {
    if (!import.filter)
        return;
    const std::string zone = import.filter->time_zone;
    if (!store::resolve_times(session, *import.filter))
        throw BadRequest("filter.time_zone", "there is no time zone \"" + zone + '"');
    json::object parameters = json::parse(import.parameters).as_object();
    parameters["filter"] = filter_object(*import.filter);
    import.parameters = json::serialize(parameters);
}

std::optional<store::FileFilter> filter_of(const json::value& parameters) {
    const json::value* kept = parameters.as_object().if_contains("filter");
    if (kept == nullptr)
        return std::nullopt;
    return read_filter(kept->as_object(), "filter.");
}

json::object filter_object(const store::FileFilter& filter) {
    json::object object;
    const auto time = [](const std::string& t) {
        return fmt::format("{}-{}-{}T{}:{}:{}", t.substr(0, 4), t.substr(4, 2), t.substr(6, 2),
                           t.substr(8, 2), t.substr(10, 2), t.substr(12, 2));
    };
    if (!filter.uploaded_from.empty())
        object["uploaded_from"] = time(filter.uploaded_from);
    if (!filter.uploaded_before.empty())
        object["uploaded_before"] = time(filter.uploaded_before);
    if (!filter.uploaded_from.empty() || !filter.uploaded_before.empty())
        object["time_zone"] = filter.time_zone;
    if (filter.versions != store::Versions::first)
        object["versions"] =
            std::string(store::versions_names.at(static_cast<std::size_t>(filter.versions)));
    if (filter.min_pixels != 0)
        object["min_pixels"] = filter.min_pixels;
    if (filter.min_side != 0)
        object["min_side"] = filter.min_side;
    for (const auto& [name, names] : {std::pair{"mime_types", &filter.mime_types},
                                      {"uploaders", &filter.uploaders},
                                      {"not_uploaders", &filter.not_uploaders}})
        if (!names->empty())
            object[name] = json::value_from(*names);
    return object;
}

void leave_out(const std::optional<store::FileFilter>& filter,
               std::vector<store::CommonsFile>& files) {
    if (filter)
        for (store::CommonsFile& file : files)
            file.left_out = filter->reason_against(file);
}

} // namespace runner::imports
