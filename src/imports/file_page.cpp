// SPDX-License-Identifier: GPL-2.0-or-later
// See file_page.hpp.
#include "imports/file_page.hpp"

#include "imports/category_name.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace runner::imports {

namespace {

using source::ReplicaRows;

constexpr std::uint64_t user_hidden = 4; // bit of oi_deleted and fr_deleted

// in the order of columns()
enum PageColumn : unsigned { number, name_space_column, title, redirect, of_file };
enum ImageColumn : unsigned {
    img_timestamp = of_file,
    img_width,
    img_height,
    img_major_mime,
    img_minor_mime,
    img_actor,
    oi_timestamp,
    oi_archive_name,
    oi_actor,
    oi_deleted,
    image_width
};
enum FileColumn : unsigned {
    file_id = of_file,
    file_latest,
    file_type,
    fr_id,
    fr_archive_name,
    fr_timestamp, // and the four after it: as add_latest() takes them
    fr_width,
    fr_height,
    fr_actor,
    fr_deleted,
    file_width
};

std::uint64_t visible_actor(const ReplicaRows& rows, unsigned actor, unsigned deleted) {
    return (rows.number(deleted) & user_hidden) != 0 ? 0 : rows.number(actor);
}

/// Whether it is a time as MediaWiki writes it, of a day that there may be.
bool is_time(std::string_view text) noexcept {
    const auto digits = [&](std::size_t at) { return (text[at] - '0') * 10 + text[at + 1] - '0'; };
    if (text.size() != 14 ||
        !std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }))
        return false;
    return digits(0) > 0 && digits(4) >= 1 && digits(4) <= 12 && digits(6) >= 1 && digits(6) <= 31;
}

} // namespace

store::ImportProblem page_problem(const char* code, std::uint64_t page, std::string reason) {
    store::ImportProblem made;
    made.code = code;
    made.item = fmt::format("file:{}", page);
    made.reason = std::move(reason);
    return made;
}

std::string_view FilePage::columns(bool file_tables) {
    return file_tables
               ? "page_namespace, page_title, page_is_redirect, file_id, file_latest, file_type, "
                 "fr_id, fr_archive_name, fr_timestamp, fr_width, fr_height, fr_actor, fr_deleted"
               : "page_namespace, page_title, page_is_redirect, img_timestamp, img_width, "
                 "img_height, img_major_mime, img_minor_mime, img_actor, oi_timestamp, "
                 "oi_archive_name, oi_actor, oi_deleted";
}

std::string_view FilePage::tables(bool file_tables) {
    return file_tables ? "LEFT JOIN file ON file_name = page_title AND file_deleted = 0 "
                         "LEFT JOIN filerevision ON fr_file = file_id AND (fr_id = file_latest OR "
                         "NOT fr_deleted & 1)"
                       : "LEFT JOIN image ON img_name = page_title "
                         "LEFT JOIN oldimage ON oi_name = img_name AND NOT oi_deleted & 1";
}

unsigned FilePage::width(bool file_tables) {
    if (file_tables)
        return file_width;
    return image_width;
}

FilePage::FilePage(const ReplicaRows& rows) {
    file.page_id = rows.number(number);
    file.name = rows.text(title);
    if (rows[name_space_column]) // namespaces of talk about special pages have numbers below 0
        name_space = rows[name_space_column]->starts_with('-')
                         ? -1
                         : static_cast<std::int64_t>(rows.number(name_space_column));
    is_redirect = rows.number(redirect) != 0;
}

void FilePage::add(const ReplicaRows& rows, bool file_tables) {
    if (file_tables)
        add_file(rows);
    else
        add_image(rows);
}

void FilePage::add_image(const ReplicaRows& rows) {
    if (!rows[img_timestamp])
        return;
    if (!has_file) {
        has_file = true;
        file.latest_at = rows.text(img_timestamp);
        file.width = rows.number(img_width);
        file.height = rows.number(img_height);
        file.major_mime = rows.text(img_major_mime);
        file.minor_mime = rows.text(img_minor_mime);
        latest_actor_ = rows.number(img_actor);
    }
    add_old({rows.text(oi_timestamp), 0, rows.text(oi_archive_name),
             visible_actor(rows, oi_actor, oi_deleted)});
}

void FilePage::add_file(const ReplicaRows& rows) {
    if (!rows[file_id])
        return;
    file.file_id = rows.number(file_id);
    file.latest_revision = rows.number(file_latest);
    type = rows.number(file_type);
    if (rows.number(fr_id) == *file.latest_revision)
        add_latest(rows, fr_timestamp);
    else
        add_old({rows.text(fr_timestamp), rows.number(fr_id), rows.text(fr_archive_name),
                 visible_actor(rows, fr_actor, fr_deleted)});
}

void FilePage::add_latest(const ReplicaRows& rows, unsigned at) {
    if (!rows[at])
        return;
    has_file = true;
    file.latest_at = rows.text(at);
    file.width = rows.number(at + 1);
    file.height = rows.number(at + 2);
    latest_actor_ = visible_actor(rows, at + 3, at + 4);
}

void FilePage::add_old(OldVersion version) {
    if (version.time >= "1") // else it is none
        old_.push_back(std::move(version));
}

void FilePage::sort() {
    std::sort(old_.begin(), old_.end());
    old_.erase(std::unique(old_.begin(), old_.end()), old_.end());
}

std::optional<store::ImportProblem> FilePage::set_users(const Actors& actors) {
    const auto of = [&](std::uint64_t id) {
        const auto at = actors.find(id);
        return at == actors.end() ? Actor() : at->second;
    };
    const Actor latest = of(latest_actor_);
    file.latest_user_id = file.first_user_id = latest.user;
    file.latest_user = file.first_user = latest.name;
    file.first_at = file.latest_at;
    if (old_.empty() || !has_file)
        return std::nullopt;
    std::optional<store::ImportProblem> remark;
    if (const std::string& newest = old_.back().time; newest > file.latest_at && is_time(newest)) {
        remark.emplace();
        remark->code = "newer_old_version";
        remark->item = "File:" + shown_name(file.name);
        remark->reason = fmt::format("an old version is of {}, later than the latest one of {}",
                                     newest, file.latest_at);
        remark->retryable = remark->counted = false;
    }
    const OldVersion& first = old_.front();
    const Actor began = of(first.actor);
    if (!is_text(first.archive) || !is_text(began.name.value_or("")) || !is_time(first.time) ||
        first.time > file.latest_at)
        return remark;
    file.first_at = first.time;
    file.first_user_id = began.user;
    file.first_user = began.name;
    file.archive_name = first.archive;
    std::string times = first.time;
    for (std::size_t i = 1; i < old_.size(); ++i)
        if (old_[i].time != old_[i - 1].time)
            times += ',' + old_[i].time;
    if (times.size() > first.time.size() && times.find_first_not_of("0123456789,") == times.npos)
        file.other_times = std::move(times);
    return remark;
}

std::optional<store::ImportProblem> FilePage::reason_against(const std::string& target) const {
    const std::uint64_t page = file.page_id;
    if (!is_text(file.name) || !is_text(file.latest_user.value_or("")))
        return page_problem(
            "bad_text", page,
            fmt::format("the name of page {} or of its user is not valid UTF-8", page));
    if (!has_file && is_redirect && is_text(target))
        return page_problem(
            "file_redirect", page,
            fmt::format("File:{} redirects to {}, as after a renaming, and has no file of its own",
                        shown_name(file.name),
                        target.empty() ? "another page" : "File:" + shown_name(target)));
    if (!has_file)
        return page_problem("file_missing", page,
                            fmt::format("File:{} has a page but no file: it was deleted, or is "
                                        "just being moved",
                                        shown_name(file.name)));
    if (!is_time(file.latest_at))
        return page_problem("bad_time", page,
                            fmt::format("the latest version of File:{} has no valid upload time",
                                        shown_name(file.name)));
    return std::nullopt;
}

} // namespace runner::imports
