// SPDX-License-Identifier: GPL-2.0-or-later
// See file_filter.hpp. PostgreSQL knows the time zones.
#include "store/imports/file_filter.hpp"

#include "store/common/session_impl.hpp"
#include "store/imports/commons_files.hpp"

#include <algorithm>

namespace runner::store {

namespace {

constexpr Statement known_time_zone{"known_time_zone",
                                    "SELECT FROM pg_timezone_names WHERE name = $1"};

// an hour that a clock goes through twice is the second one; one that it leaves out is the next
constexpr Statement time_in_utc{"time_in_utc", R"(
SELECT to_char(to_timestamp($1, 'YYYYMMDDHH24MISS')::timestamp AT TIME ZONE $2 AT TIME ZONE 'UTC',
               'YYYYMMDDHH24MISS'))"};

bool has(const std::vector<std::string>& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

/// The versions of a file that a filter looks at, as far as anything is known of them.
struct Looked {
    std::vector<std::string_view> times, users;
};

Looked looked_at(Versions versions, const CommonsFile& file) {
    Looked looked;
    if (versions != Versions::latest) {
        looked.times.emplace_back(file.first_at);
        if (file.first_user)
            looked.users.emplace_back(*file.first_user);
    }
    if (versions != Versions::first) {
        looked.times.emplace_back(file.latest_at);
        if (file.latest_user)
            looked.users.emplace_back(*file.latest_user);
    }
    if (versions == Versions::any && file.other_times)
        for (std::string_view rest = *file.other_times; !rest.empty();
             rest.remove_prefix(std::min(rest.size(), std::size_t{15})))
            looked.times.push_back(rest.substr(0, 14));
    return looked;
}

bool is_type(std::string_view wanted, const CommonsFile& file) {
    const std::size_t slash = wanted.find('/');
    const std::string_view minor = wanted.substr(std::min(slash, wanted.size() - 1) + 1);
    return wanted.substr(0, slash) == file.major_mime && (minor == "*" || minor == file.minor_mime);
}

} // namespace

bool FileFilter::empty() const noexcept {
    return uploaded_from.empty() && uploaded_before.empty() && min_pixels == 0 && min_side == 0 &&
           mime_types.empty() && uploaders.empty() && not_uploaders.empty();
}

std::optional<LeftOut> FileFilter::reason_against(const CommonsFile& file) const {
    const Looked looked = looked_at(versions, file);
    if (std::none_of(looked.times.begin(), looked.times.end(), [&](std::string_view time) {
            return time >= uploaded_from && (uploaded_before.empty() || time < uploaded_before);
        }))
        return LeftOut::date;
    if (!mime_types.empty() && std::none_of(mime_types.begin(), mime_types.end(),
                                            [&](const auto& type) { return is_type(type, file); }))
        return LeftOut::mime_type;
    if (std::min(file.width, file.height) < min_side || file.width * file.height < min_pixels)
        return LeftOut::size;
    const auto in = [&](const std::vector<std::string>& names) {
        return std::any_of(looked.users.begin(), looked.users.end(),
                           [&](std::string_view user) { return has(names, user); });
    };
    if ((!uploaders.empty() && !in(uploaders)) || in(not_uploaders))
        return LeftOut::uploader;
    return std::nullopt;
}

bool resolve_times(Session& session, FileFilter& filter) {
    if (filter.time_zone.empty() || filter.time_zone == "UTC") {
        filter.time_zone = "UTC";
        return true;
    }
    return session.impl().run([&](Transaction& transaction) {
        if (transaction.exec(known_time_zone, filter.time_zone).empty())
            return false;
        FileFilter resolved = filter;
        for (std::string* time : {&resolved.uploaded_from, &resolved.uploaded_before})
            if (!time->empty())
                *time =
                    transaction.exec(time_in_utc, *time, filter.time_zone)[0][0].as<std::string>();
        resolved.time_zone = "UTC";
        filter = std::move(resolved);
        return true;
    });
}

} // namespace runner::store
