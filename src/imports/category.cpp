// SPDX-License-Identifier: GPL-2.0-or-later
// See category.hpp. Before the first chunk redirects are followed and files counted. Then an import
// goes through rounds of phases, told apart by its cursor: "files" (each category, in the order in
// which files were put in), "check" (what is known against what the wiki has now), "problems" (what
// failed, once more), "finish" (counted again). What changed meanwhile makes another round.
#include "imports/category.hpp"

#include "imports/category_name.hpp"
#include "imports/category_place.hpp"
#include "imports/category_tree.hpp"
#include "imports/commons_replica.hpp"
#include "imports/file_filter.hpp"
#include "imports/replica_work.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <set>
#include <utility>

namespace runner::imports {

namespace json = boost::json;

namespace {

constexpr std::uint32_t pages_at_once = 5'000; // named in one statement
constexpr std::uint32_t attempts_alone = 2;    // of a single file that takes too long
constexpr std::uint32_t most_rounds = 6;       // of a category that does not come to rest

std::string item_of(std::uint64_t page) { return fmt::format("file:{}", page); }

std::int64_t count_of(const store::ImportLease& lease, std::string_view name) {
    const auto at = lease.counts.find(name);
    return at == lease.counts.end() ? 0 : at->second;
}

class CategoryImporter final : public Importer {
public:
    CategoryImporter(const Context& context, const store::ImportLease& lease)
        : wiki_(context.wiki), sessions_(context.sessions), replica_(context.wiki) {
        const json::value parameters = json::parse(lease.parameters);
        asked_ = strings_of(parameters.at("categories"));
        follow_ = parameters.at("follow_redirects").as_bool();
        filter_ = filter_of(parameters);
        const json::object& object = parameters.as_object();
        if (const json::value* spellings = object.if_contains("spellings"))
            for (const auto& [name, others] : spellings->as_object())
                spellings_[std::string(name)] = strings_of(others);
        if (const json::value* dry = object.if_contains("dry_run"))
            dry_run_ = dry->as_bool();
        if (const json::value* depth = object.if_contains("depth")) {
            tree_.depth = depth->to_number<std::uint32_t>();
            tree_.most = parameters.at("max_categories").to_number<std::size_t>();
            tree_.excluded = strings_of(parameters.at("exclude"));
        }
    }

    Chunk next(const store::ImportLease& lease, std::uint32_t size) override {
        return read(lease, [&] {
            if (!lease.cursor)
                return begin();
            Place place = Place::of(*lease.cursor);
            size = std::min(size, pages_at_once);
            if (place.phase == Phase::finish && !worked_) // tried again after it failed
                place.next_round(true);
            switch (place.phase) {
            case Phase::files: return files(lease, std::move(place), size);
            case Phase::check: return check(lease, std::move(place), size);
            case Phase::problems: return problems(lease, std::move(place), size);
            case Phase::finish: break;
            }
            return finish(lease, std::move(place));
        });
    }

    Chunk retry(const store::ImportLease& lease,
                std::span<const store::ImportProblem> problems) override {
        return read(lease, [&] { return again(lease, problems); });
    }

    void interrupt() noexcept override { replica_.interrupt(); }

private:
    template <typename Work>
    Chunk read(const store::ImportLease& lease, Work work) {
        return with_replica(replica_, lease.cursor.has_value(), [&] {
            Chunk chunk = work();
            worked_ = true;
            note_schema(lease, chunk);
            return chunk;
        });
    }

    CommonsReplica::Files look_up(std::span<const std::uint64_t> pages,
                                  std::span<const std::string> categories, std::uint32_t attempts);
    CommonsReplica::Next next_files(const store::ImportLease& lease, const Place& place,
                                    std::uint32_t size);
    Chunk begin();
    Chunk files(const store::ImportLease& lease, Place place, std::uint32_t size);
    Chunk check(const store::ImportLease& lease, Place place, std::uint32_t size);
    Chunk problems(const store::ImportLease& lease, Place place, std::uint32_t size);
    Chunk finish(const store::ImportLease& lease, Place place);
    Chunk again(const store::ImportLease& lease, std::span<const store::ImportProblem> problems);
    void note_schema(const store::ImportLease& lease, Chunk& chunk);
    [[nodiscard]] std::vector<std::string> spelled();
    [[nodiscard]] store::ImportTotal count(std::span<const std::string> categories);

    const config::WikiSettings& wiki_;
    store::SessionPool& sessions_;
    CommonsReplica replica_;
    std::vector<std::string> asked_;
    std::map<std::string, std::vector<std::string>> spellings_; ///< others, of some names
    std::optional<store::FileFilter> filter_;
    bool follow_ = true;
    bool dry_run_ = false;
    TreeLimits tree_;
    bool worked_ = false; ///< this importer has made a chunk
};

/// Files that were looked up: rows, problems, and which earlier problems are settled by that.
template <typename Pages>
void take(Chunk& chunk, CommonsReplica::Files&& files, const Pages& looked_at,
          std::unique_ptr<store::CommonsFileRows> rows) {
    chunk.done = files.found.size();
    chunk.done_is = "files_imported+files_left_out";
    chunk.problems = std::move(files.problems);
    for (const std::uint64_t page : looked_at)
        chunk.looked_at.push_back(item_of(page));
    for (const store::ImportProblem& problem : chunk.problems)
        if (!problem.counted)
            chunk.looked_at.push_back(problem.item);
    rows->files = std::move(files.found);
    chunk.rows = std::move(rows);
}

/// The names that were asked for, in the spelling that the wiki has.
std::vector<std::string> CategoryImporter::spelled() {
    std::vector<std::string> names;
    for (const std::string& asked : asked_) {
        std::string name = asked;
        const auto is_there = [&](const std::string& spelling) {
            const CategoryFacts facts = replica_.category(spelling);
            return facts.exists || facts.has_members;
        };
        if (const auto others = spellings_.find(asked);
            others != spellings_.end() && !is_there(asked))
            for (const std::string& other : others->second)
                if (is_there(other)) {
                    name = other;
                    break;
                }
        if (std::find(names.begin(), names.end(), name) == names.end())
            names.push_back(std::move(name));
    }
    return names;
}

store::ImportTotal CategoryImporter::count(std::span<const std::string> categories) {
    if (categories.size() > 1)
        try {
            return {replica_.count_distinct(categories), true};
        } catch (const source::ReplicaTimeout&) { // each by itself is quicker, or known
        }
    store::ImportTotal total{0, categories.size() == 1};
    for (const std::string& name : categories) {
        const store::ImportTotal count = replica_.count_files(name);
        total.count += count.count;
        total.known = total.known && count.known;
    }
    return total;
}

/// The status says which tables are read, also after they changed.
void CategoryImporter::note_schema(const store::ImportLease& lease, Chunk& chunk) {
    const std::string schema = replica_.schema();
    const json::value details = json::parse(chunk.details ? *chunk.details : lease.details);
    const json::value* told = details.as_object().if_contains("schema");
    if (told != nullptr && told->is_string() && told->as_string() == schema)
        return;
    json::object changed = details.as_object();
    changed["schema"] = schema;
    chunk.details = json::serialize(changed);
}

/// Which categories there are, and how many files. Redirects that were followed are shown.
Chunk CategoryImporter::begin() {
    std::vector<std::string> lists;
    for (const std::string& name : wiki_.category_redirect_categories)
        lists.push_back(category_name(name, "category_redirect_categories"));
    const std::vector<std::string> asked = spelled();
    Categories categories =
        follow_redirects(asked, follow_ ? wiki_.category_redirect_hops : 0, lists,
                         [this](const std::string& name) { return replica_.category(name); });
    Chunk chunk;
    chunk.sized = false;
    chunk.problems = std::move(categories.problems);
    for (const std::string& name : categories.missing) {
        store::ImportProblem problem;
        problem.code = "no_such_category";
        problem.item = "Category:" + shown_name(name);
        problem.reason = fmt::format("there is no category \"{}\": no page, and nothing in it",
                                     shown_name(name));
        problem.retryable = problem.counted = false;
        chunk.problems.push_back(std::move(problem));
    }
    if (categories.names.empty())
        throw Hopeless("no_such_category", chunk.problems.back().reason);
    if (tree_.depth > 0) {
        CategoryTree tree =
            with_subcategories(categories.names, tree_, [this](std::span<const std::string> names) {
                return replica_.subcategories(names);
            });
        if (tree.cut) {
            store::ImportProblem problem;
            problem.code = "too_many_categories";
            problem.item = "Category:" + shown_name(tree.names.back());
            problem.reason = fmt::format("more than {} categories; those after this one are left "
                                         "out",
                                         tree_.most);
            problem.retryable = problem.counted = false;
            chunk.problems.push_back(std::move(problem));
        }
        if (tree.names.empty())
            throw Hopeless("no_category", "all categories are excluded");
        categories.names = std::move(tree.names);
    }

    chunk.counts["category_problems"] = static_cast<std::int64_t>(chunk.problems.size());
    Place place;
    place.categories = std::move(categories.names);
    place.positions.resize(place.categories.size());
    if (!chunk.problems.empty()) {
        place.code = chunk.problems.front().code;
        place.reason = chunk.problems.front().item + ": " + chunk.problems.front().reason;
    }
    chunk.cursor = place.text();
    chunk.total = count(place.categories);
    json::object details;
    json::array shown, followed;
    for (const std::string& name : place.categories)
        shown.emplace_back(shown_name(name));
    for (const CategoryRedirect& redirect : categories.followed)
        followed.push_back(json::object{{"from", shown_name(redirect.from)},
                                        {"to", shown_name(redirect.to)},
                                        {"kind", redirect.hard ? "hard" : "soft"}});
    details["categories"] = std::move(shown);
    details["redirects"] = std::move(followed);
    details["schema"] = replica_.schema();
    if (filter_)
        details["filter"] = filter_object(*filter_);
    note_age(replica_, wiki_, details);
    if (dry_run_) {
        json::array found;
        for (const std::string& name : place.categories) {
            const CommonsReplica::Members members = replica_.members(name);
            found.push_back(json::object{{"category", shown_name(name)},
                                         {"files", members.files},
                                         {"subcategories", members.subcategories},
                                         {"pages", members.pages}});
        }
        details["dry_run"] = true;
        details["members"] = std::move(found);
        chunk.last = true;
    }
    chunk.details = json::serialize(details);
    chunk.current = "Category:" + shown_name(place.categories.front());
    return chunk;
}

/// Of the pages those that are in the categories. One file that takes too long by itself, time and
/// again, does not hold up all others.
CommonsReplica::Files CategoryImporter::look_up(std::span<const std::uint64_t> pages,
                                                std::span<const std::string> categories,
                                                std::uint32_t attempts) {
    try {
        return replica_.files(pages, categories);
    } catch (const source::ReplicaTimeout& error) {
        if (pages.size() != 1 || attempts < attempts_alone)
            throw;
        CommonsReplica::Files files;
        store::ImportProblem problem;
        problem.code = "timeout";
        problem.item = item_of(pages[0]);
        problem.reason =
            fmt::format("page {} by itself takes too long: {}", pages[0], error.what());
        files.problems.push_back(std::move(problem));
        files.there.insert(pages[0]);
        return files;
    }
}

/// The files of the next members of a category but for those that this import has.
CommonsReplica::Next CategoryImporter::next_files(const store::ImportLease& lease,
                                                  const Place& place, std::uint32_t size) {
    const std::string& name = place.categories.at(place.category);
    const CategoryPosition& position = place.positions.at(place.category);
    CommonsReplica::Seen seen;
    if (place.again || place.round > 0 || place.category > 0) // some have been read already
        seen = [&](std::span<const std::uint64_t> pages) {
            const auto session = sessions_.borrow();
            return store::CommonsFileStore(*session).seen(lease.key, pages);
        };
    if (!place.again && size > 1)
        return replica_.next_files(name, position, size, seen);
    // nearly all have been read; or which one is it that takes too long?
    CommonsReplica::Next next;
    const auto links = replica_.members_after(name, position, size);
    next.files = look_up(CommonsReplica::unseen(links, seen), std::span(&name, 1), lease.attempts);
    next.position = links.empty() ? position : links.back();
    next.more = links.size() == size;
    return next;
}

Chunk CategoryImporter::files(const store::ImportLease& lease, Place place, std::uint32_t size) {
    Chunk chunk;
    const std::string& name = place.categories.at(place.category);
    CategoryPosition& position = place.positions.at(place.category);
    CommonsReplica::Next next = next_files(lease, place, size);
    leave_out(filter_, next.files.found);
    for (store::CommonsFile& file : next.files.found)
        file.category = name;
    const std::set<std::uint64_t> there = std::move(next.files.there);
    take(chunk, std::move(next.files), there, std::make_unique<store::CommonsFileRows>());
    chunk.current = "Category:" + shown_name(name);
    const bool some =
        next.position.page_id != position.page_id || next.position.time != position.time;
    if (some) {
        position = std::move(next.position);
        chunk.current += ", put in until " + position.time;
    }
    if (!next.more) {
        chunk.sized = some && place.category + 1 < place.categories.size();
        if (++place.category == place.categories.size()) {
            place.phase = place.check ? Phase::check : Phase::finish;
            place.page = 0;
        }
    }
    chunk.cursor = place.text();
    return chunk;
}

/// All files that are known, from this import and earlier ones, against what the wiki has now:
/// what was renamed, replaced, hidden, deleted or taken out meanwhile.
Chunk CategoryImporter::check(const store::ImportLease& lease, Place place, std::uint32_t size) {
    Chunk chunk;
    if (place.page == 0) { // in each round: the wiki may write to other tables by now
        replica_.forget_schema();
        json::object details = json::parse(lease.details).as_object();
        note_age(replica_, wiki_, details);
        chunk.details = json::serialize(details);
    }
    std::vector<store::CommonsFileStore::Known> known;
    {
        const auto session = sessions_.borrow();
        known = store::CommonsFileStore(*session).known(lease.key, place.page, size);
    }
    std::vector<std::uint64_t> pages;
    for (const auto& each : known)
        if (!each.vanished)
            pages.push_back(each.file.page_id);
    CommonsReplica::Files files = look_up(pages, place.categories, lease.attempts);
    leave_out(filter_, files.found);
    const std::set<std::uint64_t> there = std::move(files.there);
    std::map<std::uint64_t, const store::CommonsFile*> found;
    for (const store::CommonsFile& file : files.found)
        found.emplace(file.page_id, &file);
    auto rows = std::make_unique<store::CommonsFileRows>();
    std::set<std::uint64_t> read; // that are written, or are gone
    for (const auto& each : known) {
        if (each.vanished)
            continue;
        const std::uint64_t page = each.file.page_id;
        const auto at = found.find(page);
        if (at != found.end() && each.seen && each.file.same_in_wiki(*at->second))
            continue;
        if (at == found.end())
            rows->vanished.push_back(page);
        if (there.contains(page))
            read.insert(page);
        place.changed = place.changed || each.seen;
    }
    std::erase_if(files.found,
                  [&](const store::CommonsFile& file) { return !read.contains(file.page_id); });
    take(chunk, std::move(files), read, std::move(rows));
    chunk.current = "what changed meanwhile";
    if (!known.empty())
        place.page = known.back().file.page_id;
    if (known.size() < size) {
        chunk.sized = false;
        place.phase = lease.failed > 0 ? Phase::problems : Phase::finish;
        place.page = 0;
    }
    chunk.cursor = place.text();
    return chunk;
}

/// What could not be taken, once more: some of it was just being moved.
Chunk CategoryImporter::problems(const store::ImportLease& lease, Place place, std::uint32_t size) {
    Chunk chunk;
    std::vector<std::uint64_t> pages;
    {
        const auto session = sessions_.borrow();
        pages = store::CommonsFileStore(*session).problem_pages(lease.key, place.page, size);
    }
    CommonsReplica::Files files = look_up(pages, place.categories, lease.attempts);
    leave_out(filter_, files.found);
    take(chunk, std::move(files), pages, std::make_unique<store::CommonsFileRows>());
    chunk.current = "what failed, once more";
    if (!pages.empty())
        place.page = pages.back();
    if (pages.size() < size) {
        chunk.sized = false;
        place.phase = Phase::finish;
        place.page = 0;
    }
    chunk.cursor = place.text();
    return chunk;
}

/// Complete means that what is done and what failed is what there is: otherwise another round.
Chunk CategoryImporter::finish(const store::ImportLease& lease, Place place) {
    Chunk chunk;
    chunk.sized = false;
    chunk.current = "counting what is there";
    const auto left_out = static_cast<std::uint64_t>(count_of(lease, "files_left_out"));
    const auto have =
        static_cast<std::uint64_t>(count_of(lease, "files_imported")) + left_out + lease.failed;
    store::ImportTotal total = count(place.categories);
    const bool differ = total.known && total.count != have;
    if ((differ || place.changed) && place.round + 1 < most_rounds) {
        // what is not at the end of the categories was put in late: its time is an earlier one
        const bool missing = total.count > have && place.round > 0;
        place.check = place.changed || total.count < have;
        place.next_round(missing);
        chunk.cursor = place.text();
        chunk.total = total;
        return chunk;
    }
    if (count_of(lease, "files_imported") == 0 && count_of(lease, "files_vanished") == 0) {
        if (left_out > 0)
            throw Hopeless("all_left_out",
                           fmt::format("the filter leaves out all of the {} files", left_out));
        if (lease.failed > 0)
            throw Hopeless("nothing_imported",
                           fmt::format("none of the {} files could be imported; the problems say "
                                       "why",
                                       lease.failed));
        if (!place.code.empty())
            throw Hopeless(place.code, place.reason);
        throw Hopeless("empty_category", place.categories.size() == 1
                                             ? fmt::format("there are no files in category \"{}\"",
                                                           shown_name(place.categories.front()))
                                             : "there are no files in any of these categories");
    }
    chunk.total = store::ImportTotal{have, total.known && !differ};
    chunk.last = true;
    chunk.cursor = place.text();
    return chunk;
}

Chunk CategoryImporter::again(const store::ImportLease& lease,
                              std::span<const store::ImportProblem> problems) {
    constexpr std::string_view of_file = "file:";
    std::vector<std::uint64_t> pages;
    for (const store::ImportProblem& problem : problems) {
        std::uint64_t page = 0;
        const std::string_view item = problem.item;
        if (item.starts_with(of_file))
            std::from_chars(item.data() + of_file.size(), item.data() + item.size(), page);
        if (page != 0 && std::find(pages.begin(), pages.end(), page) == pages.end())
            pages.push_back(page);
    }
    const Place place = Place::of(lease.cursor.value());
    Chunk chunk;
    chunk.cursor = *lease.cursor;
    CommonsReplica::Files files = replica_.files(pages, place.categories);
    leave_out(filter_, files.found);
    take(chunk, std::move(files), pages, std::make_unique<store::CommonsFileRows>());
    chunk.total = count(place.categories);
    chunk.current = "what failed, once more";
    return chunk;
}

} // namespace

std::unique_ptr<Importer> make_category(const Context& context, const store::ImportLease& lease) {
    return std::make_unique<CategoryImporter>(context, lease);
}

} // namespace runner::imports
