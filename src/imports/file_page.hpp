// SPDX-License-Identifier: GPL-2.0-or-later
// A file page with its file and all versions of that, put together from the rows of a statement:
// one row for each version. Pure.
#pragma once

#include "source/replica.hpp"
#include "store/imports/commons_files.hpp"

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace runner::imports {

struct Actor {
    std::optional<std::uint64_t> user; ///< empty: no account
    std::optional<std::string> name;   ///< empty: hidden
};
using Actors = std::map<std::uint64_t, Actor>; ///< by actor_id

class FilePage {
public:
    static constexpr int file_namespace = 6;

    /// What to select, after the number of the page, and from what to join it to `page`. Versions
    /// whose file is hidden are left out, but for the latest.
    [[nodiscard]] static std::string_view columns(bool file_tables);
    [[nodiscard]] static std::string_view tables(bool file_tables);
    /// How many columns there are with the number of the page.
    [[nodiscard]] static unsigned width(bool file_tables);

    /// Of the first row of a page. add() takes each row, this one too; the same again does nothing.
    explicit FilePage(const source::ReplicaRows& rows);
    void add(const source::ReplicaRows& rows, bool file_tables);
    /// fr_timestamp, fr_width, fr_height, fr_actor, fr_deleted, from column `at`.
    void add_latest(const source::ReplicaRows& rows, unsigned at);

    /// To be called when all rows are there, before what follows.
    void sort();
    /// actor_id of the latest version and of the first; 0: hidden, or none.
    [[nodiscard]] std::uint64_t latest_actor() const noexcept { return latest_actor_; }
    [[nodiscard]] std::uint64_t first_actor() const noexcept {
        return old_.empty() ? 0 : old_.front().actor;
    }

    /// Fills in users and the first version: who began, when, and that version's archive name,
    /// which may be missing in production. Versions whose time is none do not count; where only the
    /// user is hidden, no user is named. Gives a remark when an old version is later than the
    /// latest one.
    std::optional<store::ImportProblem> set_users(const Actors& actors);
    /// Why the page is not taken, after set_users(); empty when it has a file that can be.
    /// `target`: of the page as a redirect.
    [[nodiscard]] std::optional<store::ImportProblem>
    reason_against(const std::string& target) const;

    store::CommonsFile file;                ///< of the page, as far as it is known yet
    std::optional<std::int64_t> name_space; ///< empty: there is no such page
    std::uint64_t type = 0;                 ///< file_type; 0 on the old tables
    bool is_redirect = false;
    bool has_file = false; ///< with a latest version

private:
    /// Not the latest one. Of several at one second the lowest revision, or archive name, counts.
    struct OldVersion {
        std::string time;
        std::uint64_t revision = 0; ///< 0 on the old tables
        std::string archive;
        std::uint64_t actor = 0;
        auto operator<=>(const OldVersion&) const = default;
    };
    void add_image(const source::ReplicaRows& rows);
    void add_file(const source::ReplicaRows& rows);
    void add_old(OldVersion version);

    std::uint64_t latest_actor_ = 0;
    std::vector<OldVersion> old_;
};

/// A problem of a page: its item is "file:ID".
[[nodiscard]] store::ImportProblem page_problem(const char* code, std::uint64_t page,
                                                std::string reason);

} // namespace runner::imports
