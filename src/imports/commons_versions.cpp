// SPDX-License-Identifier: GPL-2.0-or-later
// Files and their versions as MediaWiki's tables have them. See commons_replica.hpp. One statement
// brings pages, files and all versions, in the order of pages: what is near to each other in one
// table mostly is in the others. The first version is found here, and users, types and targets of
// redirects are asked for once in a chunk: grouping and joining them cost the replica more.
#include "imports/commons_replica.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

namespace runner::imports {

namespace {

using source::ReplicaRows;

template <typename Range, typename Number>
std::string numbers(const Range& range, Number number) {
    std::string out;
    for (const auto& each : range) {
        out += out.empty() ? "" : ",";
        out += std::to_string(number(each));
    }
    return out;
}

template <typename Range>
std::string numbers(const Range& range) {
    return numbers(range, [](std::uint64_t value) { return value; });
}

/// Rows for so many files; a file has more than one version now and then.
constexpr std::size_t most_rows(std::size_t files) { return 4 * files + 1'000; }

/// The table to read pages from, which are in order. When nearly all from the first to the last are
/// among them, these two say which. A list is a table that is joined: in a condition each of its
/// numbers would be planned as a range of its own, which costs as much as finding a page.
std::string from_pages(std::span<const std::uint64_t> sorted, std::string_view joined) {
    if (sorted.back() - sorted.front() < sorted.size() + sorted.size() / 4)
        return fmt::format("page {} WHERE page_id BETWEEN {} AND {}", joined, sorted.front(),
                           sorted.back());
    std::string values;
    for (const std::uint64_t page : sorted)
        values += fmt::format("{}({})", values.empty() ? "" : ",", page);
    return fmt::format(
        "(WITH v (number) AS (VALUES {}) SELECT number FROM v) AS asked JOIN page ON "
        "page_id = number {}",
        values, joined);
}

} // namespace

std::vector<std::uint64_t> CommonsReplica::unseen(std::span<const CategoryPosition> links,
                                                  const Seen& seen) {
    std::vector<std::uint64_t> pages;
    for (const CategoryPosition& link : links)
        pages.push_back(link.page_id);
    if (seen)
        std::erase_if(pages,
                      [known = seen(pages)](std::uint64_t page) { return known.contains(page); });
    return pages;
}

Actors CommonsReplica::actors(const std::set<std::uint64_t>& ids) {
    Actors found;
    if (ids.empty())
        return found;
    ReplicaRows rows = replica_.query(fmt::format(
        "SELECT actor_id, actor_user, actor_name FROM actor WHERE actor_id IN ({})", numbers(ids)));
    while (rows.next()) {
        Actor& actor = found[rows.number(0)];
        if (rows.number(1) != 0)
            actor.user = rows.number(1);
        if (rows[2])
            actor.name = rows.text(2);
    }
    return found;
}

/// Of pages that have a file in the new tables: its MIME type, and the latest version where that is
/// not among those of the file.
void CommonsReplica::complete(FilePages& pages) {
    std::map<std::uint64_t, FilePage*> astray;
    bool unknown = false;
    for (auto& [number, page] : pages) {
        if (!page.file.file_id)
            continue;
        unknown = unknown || !types_.contains(page.type);
        if (!page.has_file)
            astray.emplace(*page.file.latest_revision, &page);
    }
    if (unknown) {
        ReplicaRows rows =
            replica_.query("SELECT ft_id, ft_major_mime, ft_minor_mime FROM filetypes");
        while (rows.next())
            types_[rows.number(0)] = {rows.text(1), rows.text(2)};
    }
    if (!astray.empty()) {
        ReplicaRows rows = replica_.query(fmt::format(
            "SELECT fr_id, fr_timestamp, fr_width, fr_height, fr_actor, fr_deleted FROM "
            "filerevision WHERE fr_id IN ({})",
            numbers(astray, [](const auto& entry) { return entry.first; })));
        while (rows.next())
            if (const auto at = astray.find(rows.number(0)); at != astray.end())
                at->second->add_latest(rows, 1);
    }
    for (auto& [number, page] : pages)
        if (const auto type = types_.find(page.type); page.file.file_id && type != types_.end())
            std::tie(page.file.major_mime, page.file.minor_mime) = type->second;
}

/// Titles of files that the pages redirect to.
std::map<std::uint64_t, std::string>
CommonsReplica::redirect_targets(const std::set<std::uint64_t>& pages) {
    std::map<std::uint64_t, std::string> targets;
    if (pages.empty())
        return targets;
    ReplicaRows rows = replica_.query(
        fmt::format("SELECT rd_from, rd_title FROM redirect WHERE rd_namespace = {} AND rd_from IN "
                    "({})",
                    FilePage::file_namespace, numbers(pages)));
    while (rows.next())
        targets[rows.number(0)] = rows.text(1);
    return targets;
}

/// Files, or why there is none, of pages in the namespace of files.
void CommonsReplica::judge(FilePages& pages, Files& files) {
    if (probed().file_tables)
        complete(pages);
    std::set<std::uint64_t> wanted, redirects;
    for (auto& [number, page] : pages) {
        page.sort();
        wanted.insert({page.latest_actor(), page.first_actor()});
        if (page.is_redirect && !page.has_file)
            redirects.insert(number);
    }
    wanted.erase(0);
    const Actors users = actors(wanted);
    const auto targets = redirect_targets(redirects);
    for (auto& [number, page] : pages) {
        auto remark = page.set_users(users);
        const auto target = targets.find(number);
        if (auto reason = page.reason_against(target == targets.end() ? "" : target->second)) {
            files.problems.push_back(std::move(*reason));
            continue;
        }
        if (remark)
            files.problems.push_back(std::move(*remark));
        files.found.push_back(std::move(page.file));
    }
}

/// Takes away what is no page of the namespace of files. That is a problem when one of the
/// categories has it as a file all the same; without `categories`, always.
void CommonsReplica::set_apart(FilePages& pages, std::span<const std::uint64_t> asked,
                               std::span<const std::string> categories, Files& files) {
    std::vector<std::uint64_t> others;
    for (const std::uint64_t number : asked) {
        const auto at = pages.find(number);
        if (at != pages.end() && at->second.name_space == FilePage::file_namespace)
            files.there.insert(number);
        else
            others.push_back(number);
    }
    const std::set<std::uint64_t> there =
        categories.empty() ? std::set<std::uint64_t>(others.begin(), others.end())
                           : still_in(categories, others);
    for (const std::uint64_t number : others) {
        const auto at = pages.find(number);
        const bool is_page = at != pages.end() && at->second.name_space;
        pages.erase(number);
        if (!there.contains(number))
            continue;
        files.there.insert(number);
        files.problems.push_back(
            is_page ? page_problem("no_file_page", number,
                                   fmt::format("page {} is not in the namespace of files", number))
                    : page_problem("page_missing", number,
                                   fmt::format("page {} is in the category, but there is no such "
                                               "page",
                                               number)));
    }
}

CommonsReplica::Files CommonsReplica::files(std::span<const std::uint64_t> asked,
                                            std::span<const std::string> categories) {
    Files files;
    const std::string links = in_categories(categories);
    if (asked.empty() || (!categories.empty() && links.empty()))
        return files;
    std::vector<std::uint64_t> sorted(asked.begin(), asked.end());
    std::sort(sorted.begin(), sorted.end());
    sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
    const bool file_tables = probed().file_tables;
    const std::size_t most = most_rows(asked.size());
    const std::string joined =
        links.empty() ? std::string(FilePage::tables(file_tables))
                      : fmt::format("JOIN categorylinks ON cl_from = page_id AND {} AND cl_type = "
                                    "'file' {}",
                                    links, FilePage::tables(file_tables));
    ReplicaRows rows = replica_.query(fmt::format(
        "SELECT STRAIGHT_JOIN page_id, {} FROM {}{}", FilePage::columns(file_tables),
        from_pages(sorted, joined), asked.size() > 1 ? fmt::format(" LIMIT {}", most) : ""));
    FilePages pages;
    std::size_t count = 0;
    for (; rows.next(); ++count)
        if (std::binary_search(sorted.begin(), sorted.end(), rows.number(0)))
            pages.try_emplace(rows.number(0), rows).first->second.add(rows, file_tables);
    if (asked.size() > 1 && count == most) { // very many versions: fewer files at once
        for (const auto part : {asked.first(asked.size() / 2), asked.subspan(asked.size() / 2)}) {
            Files some = this->files(part, categories);
            std::move(some.found.begin(), some.found.end(), std::back_inserter(files.found));
            std::move(some.problems.begin(), some.problems.end(),
                      std::back_inserter(files.problems));
            files.there.merge(some.there);
        }
        return files;
    }
    set_apart(pages, asked, categories, files);
    judge(pages, files);
    return files;
}

/// The links are those of an index, which has their order and not their type: the page's namespace
/// says the same, but for those of no_files_in().
CommonsReplica::Next CommonsReplica::next_files(const std::string& name,
                                                const CategoryPosition& position,
                                                std::uint32_t limit, const Seen& seen) {
    Next next;
    next.position = position;
    const auto links = links_after(name, position, limit);
    if (!links)
        return next;
    const bool file_tables = probed().file_tables;
    const unsigned time = FilePage::width(file_tables);
    const std::size_t most = most_rows(limit);
    ReplicaRows rows = replica_.query(fmt::format(
        "SELECT STRAIGHT_JOIN cl_from, {}, cl_timestamp FROM (SELECT cl_from, cl_timestamp FROM "
        "categorylinks {}) AS link LEFT JOIN page ON page_id = cl_from {} ORDER BY cl_from{}",
        FilePage::columns(file_tables), *links, FilePage::tables(file_tables),
        limit > 1 ? fmt::format(" LIMIT {}", most) : ""));
    FilePages pages;
    std::vector<CategoryPosition> order;
    std::size_t count = 0;
    for (; rows.next(); ++count) {
        const std::uint64_t number = rows.number(0);
        if (order.empty() || order.back().page_id != number)
            order.push_back({rows.text(time), number});
        pages.try_emplace(number, rows).first->second.add(rows, file_tables);
    }
    if (limit > 1 && count == most) // very many versions: fewer files at once
        return next_files(name, position, limit / 2, seen);
    next.more = order.size() == limit;
    std::sort(order.begin(), order.end());
    if (!order.empty())
        next.position = order.back();
    const std::size_t all = order.size();
    if (const auto& others = no_files_in(name); !others.empty())
        std::erase_if(order, [&](const auto& link) { return others.contains(link.page_id); });
    const std::vector<std::uint64_t> asked = unseen(order, seen);
    if (asked.size() < all)
        std::erase_if(pages, [wanted = std::set(asked.begin(), asked.end())](const auto& page) {
            return !wanted.contains(page.first);
        });
    set_apart(pages, asked, std::span(&name, 1), next.files);
    judge(pages, next.files);
    return next;
}

} // namespace runner::imports
