// SPDX-License-Identifier: GPL-2.0-or-later
// See file_list.hpp. The items are looked up in their order: what each is called, where it was
// renamed to, what became of it. At the end files that an earlier import of the same list had and
// this one did not find have vanished.
#include "imports/file_list.hpp"

#include "imports/category_name.hpp"
#include "imports/commons_replica.hpp"
#include "imports/file_filter.hpp"
#include "imports/list_address.hpp"
#include "imports/replica_work.hpp"
#include "store/imports/import_items.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <utility>

namespace runner::imports {

namespace json = boost::json;

namespace {

using store::ImportItem;
using store::ItemOutcome;

constexpr std::uint32_t items_at_once = 5'000; // named in one statement
constexpr std::uint32_t most_fetches = 3;      // of a list whose address does not answer
constexpr unsigned most_steps = 5;             // from one title to the next

/// An item that is being looked up.
struct Search {
    ImportItem item;
    std::string title;               ///< where it is looked for now; empty: by its page
    std::vector<std::string> others; ///< other spellings of the title that was asked for
    bool renamed = false, redirected = false;
    std::optional<std::uint64_t> page;
    bool over = false;
};

std::uint64_t number_in(std::string_view text) {
    std::uint64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

void end(Search& search, ItemOutcome outcome, std::string reason) {
    search.item.outcome = outcome;
    search.item.reason = std::move(reason);
    search.over = true;
}

/// As the wiki has it; what no file can be called, as it is.
std::string known_title(const std::string& name) {
    try {
        return read_file_name(name, "name").name;
    } catch (const BadRequest&) {
        return name;
    }
}

/// "12: File:A.jpg": by its number it is found again.
std::string item_text(const ImportItem& item) {
    return fmt::format("{}: {}", item.number, item.asked);
}

class FileListImporter final : public Importer {
public:
    FileListImporter(const Context& context, const store::ImportLease& lease)
        : wiki_(context.wiki), sessions_(context.sessions), replica_(context.wiki),
          filter_(filter_of(json::parse(lease.parameters))), addresses_(context.settings.imports) {
        const json::value parameters = json::parse(lease.parameters);
        const json::object& object = parameters.as_object();
        if (const json::value* address = object.if_contains("address"))
            address_ = address->as_string();
        else
            by_ = parameters.at("by").as_string();
        if (const json::value* dry = object.if_contains("dry_run"))
            dry_run_ = dry->as_bool();
        if (const json::value* listed = object.if_contains("listed"))
            listed_ = listed->to_number<std::uint64_t>();
    }

    Chunk next(const store::ImportLease& lease, std::uint32_t size) override {
        note_by(lease);
        return with_replica(replica_, lease.cursor.has_value(), [&] {
            if (!lease.cursor)
                return begin(lease);
            const json::value cursor = json::parse(*lease.cursor);
            const auto after = cursor.at("after").to_number<std::uint64_t>();
            size = std::min(size, items_at_once);
            return cursor.at("phase").as_string() == "items" ? items(lease, after, size)
                                                             : vanished(lease, after, size);
        });
    }

    Chunk retry(const store::ImportLease& lease,
                std::span<const store::ImportProblem> problems) override {
        note_by(lease);
        return with_replica(replica_, lease.cursor.has_value(), [&] {
            std::vector<std::uint64_t> numbers;
            for (const store::ImportProblem& problem : problems)
                numbers.push_back(number_in(problem.item));
            std::vector<ImportItem> list;
            {
                const auto session = sessions_.borrow();
                list = store::ImportItemStore(*session).of_numbers(lease.key.id, numbers);
            }
            Chunk chunk = answered(lease, std::move(list));
            chunk.cursor = lease.cursor.value_or("");
            return chunk;
        });
    }

    void interrupt() noexcept override {
        addresses_.interrupt();
        replica_.interrupt();
    }

private:
    static std::string cursor(const char* phase, std::uint64_t after) {
        return json::serialize(json::object{{"phase", phase}, {"after", after}});
    }

    /// Of a list that was fetched, the status says what its items are.
    void note_by(const store::ImportLease& lease) {
        if (address_.empty() || !lease.cursor)
            return;
        by_ = json::parse(lease.details).at("listed_by").as_string();
    }

    Chunk begin(const store::ImportLease& lease) {
        Chunk chunk;
        chunk.sized = false;
        chunk.cursor = cursor("items", 0);
        json::object details{{"schema", replica_.schema()}};
        if (filter_)
            details["filter"] = filter_object(*filter_);
        note_age(replica_, wiki_, details);
        if (dry_run_)
            details["dry_run"] = true;
        if (!address_.empty()) {
            fetch(lease, chunk, details);
        } else if (dry_run_) {
            chunk.total = {listed_, true};
        } else {
            const auto session = sessions_.borrow();
            chunk.total = {store::ImportItemStore(*session).count(lease.key.id), true};
        }
        if (by_ == "file_id")
            (void)replica_.titles_of({}); // refused at once where there are none
        chunk.details = json::serialize(details);
        chunk.last = dry_run_;
        return chunk;
    }

    /// The list at the address becomes the items of the import, unless they are only counted.
    void fetch(const store::ImportLease& lease, Chunk& chunk, json::object& details) {
        const bool last_attempt = dry_run_ || lease.attempts + 1 >= most_fetches;
        ListedFiles list = addresses_.fetch(address_, last_attempt);
        by_ = list.by;
        details["listed_by"] = by_;
        details["list_form"] = list.form;
        chunk.total = {list.items.size(), true};
        if (dry_run_)
            return;
        auto rows = std::make_unique<store::ListedRows>();
        rows->items = std::move(list.items);
        rows->known_names = std::move(list.known_names);
        rows->known_times = std::move(list.known_times);
        chunk.rows = std::move(rows);
    }

    Chunk items(const store::ImportLease& lease, std::uint64_t after, std::uint32_t size) {
        std::vector<ImportItem> list;
        {
            const auto session = sessions_.borrow();
            list = store::ImportItemStore(*session).page(lease.key.id, after, size).items;
        }
        const bool last = list.size() < size;
        const std::uint64_t reached = list.empty() ? after : list.back().number;
        Chunk chunk = answered(lease, std::move(list));
        chunk.sized = !last;
        chunk.current = fmt::format("up to number {} of the list", reached);
        chunk.cursor = last ? cursor("vanished", 0) : cursor("items", reached);
        json::object details = json::parse(lease.details).as_object();
        details["schema"] = replica_.schema();
        chunk.details = json::serialize(details);
        return chunk;
    }

    Chunk vanished(const store::ImportLease& lease, std::uint64_t after, std::uint32_t size) {
        std::vector<store::CommonsFileStore::Known> known;
        {
            const auto session = sessions_.borrow();
            known = store::CommonsFileStore(*session).known(lease.key, after, size);
        }
        Chunk chunk;
        chunk.last = known.size() < size;
        chunk.sized = !chunk.last;
        auto rows = std::make_unique<store::CommonsFileRows>();
        for (const auto& file : known)
            if (!file.seen && !file.vanished)
                rows->vanished.push_back(file.file.page_id);
        const auto count = [&](const char* name) {
            const auto at = lease.counts.find(name);
            return at == lease.counts.end() ? 0 : at->second;
        };
        if (chunk.last && count("files_imported") == 0 && count("files_vanished") == 0 &&
            rows->vanished.empty() && count("files_left_out") > 0)
            throw Hopeless("all_left_out", fmt::format("the filter leaves out all of the {} files",
                                                       count("files_left_out")));
        if (chunk.last && count("files_imported") == 0 && count("files_vanished") == 0 &&
            rows->vanished.empty())
            throw Hopeless("nothing_imported",
                           fmt::format("none of the {} files of the list is there; the problems "
                                       "say why",
                                       lease.failed));
        chunk.rows = std::move(rows);
        chunk.current = "files that are gone";
        chunk.cursor = cursor("vanished", known.empty() ? after : known.back().file.page_id);
        return chunk;
    }

    Chunk answered(const store::ImportLease& lease, std::vector<ImportItem> list);
    void read_names(std::vector<Search>& searches);
    void find_pages(std::vector<Search>& searches);
    void find_files(std::vector<Search>& searches);
    void find_titles(std::vector<Search>& searches);
    bool step(std::vector<Search>& searches, bool first);

    const config::WikiSettings& wiki_;
    store::SessionPool& sessions_;
    CommonsReplica replica_;
    std::string by_; ///< empty until a list was fetched
    const std::optional<store::FileFilter> filter_;
    ListAddress addresses_;
    std::string address_; ///< of the list; empty: it came with the request
    bool dry_run_ = false;
    std::uint64_t listed_ = 0; ///< items of a list that came with the request, of a dry run
};

void FileListImporter::read_names(std::vector<Search>& searches) {
    for (Search& search : searches) {
        try {
            PageName name = read_file_name(search.item.asked, "name");
            search.title = std::move(name.name);
            search.others = std::move(name.others);
        } catch (const BadRequest& error) {
            end(search, ItemOutcome::bad_name, error.what());
        }
    }
}

void FileListImporter::find_pages(std::vector<Search>& searches) {
    std::vector<std::uint64_t> pages;
    for (const Search& search : searches)
        pages.push_back(number_in(search.item.asked));
    const auto found = replica_.numbered(pages);
    std::vector<std::uint64_t> missing;
    for (const std::uint64_t page : pages)
        if (!found.contains(page))
            missing.push_back(page);
    const auto deleted = replica_.deleted(missing);
    for (Search& search : searches) {
        const std::uint64_t page = number_in(search.item.asked);
        const auto at = found.find(page);
        if (at == found.end())
            end(search, deleted.contains(page) ? ItemOutcome::deleted : ItemOutcome::missing,
                deleted.contains(page) ? "the page was deleted" : "there is no such page");
        else if (!at->second.is_file)
            end(search, ItemOutcome::no_file, "the page is not in the namespace of files");
        else if (at->second.is_redirect)
            search.title = at->second.title;
        else
            search.page = page;
    }
}

void FileListImporter::find_files(std::vector<Search>& searches) {
    std::vector<std::uint64_t> numbers;
    for (const Search& search : searches)
        numbers.push_back(number_in(search.item.asked));
    const auto titles = replica_.titles_of(numbers);
    for (Search& search : searches) {
        const auto at = titles.find(number_in(search.item.asked));
        if (at == titles.end())
            end(search, ItemOutcome::missing, "there is no file of that number");
        else
            search.title = at->second;
    }
}

/// From each title to its page, or to the next title; false when all are over.
bool FileListImporter::step(std::vector<Search>& searches, bool first) {
    std::set<std::string> titles;
    for (const Search& search : searches) {
        if (search.over || search.page)
            continue;
        titles.insert(search.title);
        if (first)
            titles.insert(search.others.begin(), search.others.end());
    }
    if (titles.empty())
        return false;
    const auto pages = replica_.named(titles);
    std::set<std::string> odd;
    for (Search& search : searches) {
        if (search.over || search.page)
            continue;
        if (first && !pages.contains(search.title))
            for (const std::string& other : search.others)
                if (pages.contains(other)) {
                    search.title = other;
                    break;
                }
        const auto at = pages.find(search.title);
        if (at == pages.end() || at->second.is_redirect)
            odd.insert(search.title);
        else
            search.page = at->second.page_id;
    }
    const auto log = replica_.logged(odd);
    for (Search& search : searches) {
        if (search.over || search.page)
            continue;
        const auto at = pages.find(search.title);
        const auto entry = log.find(search.title);
        const auto moved = entry == log.end() ? std::nullopt : entry->second.moved_to;
        const std::string shown = shown_name(search.title);
        if (at != pages.end() && !at->second.target) {
            end(search, ItemOutcome::no_file,
                fmt::format("File:{} redirects to a page that is no file", shown));
        } else if (at != pages.end()) {
            (moved ? search.renamed : search.redirected) = true;
            search.title = *at->second.target;
        } else if (entry != log.end() && entry->second.deleted) {
            end(search, ItemOutcome::deleted, fmt::format("File:{} was deleted", shown));
        } else if (moved) {
            search.renamed = true;
            search.title = *moved;
        } else {
            end(search, ItemOutcome::missing, fmt::format("there is no page File:{}", shown));
        }
    }
    return true;
}

void FileListImporter::find_titles(std::vector<Search>& searches) {
    for (unsigned i = 0; i < most_steps; ++i)
        if (!step(searches, i == 0))
            return;
    for (Search& search : searches)
        if (!search.over && !search.page)
            end(search, ItemOutcome::missing,
                fmt::format("more than {} redirects and renamings; File:{} was not looked up",
                            most_steps, shown_name(search.title)));
}

/// Rows of the files that items lead to, and an answer to each item.
Chunk FileListImporter::answered(const store::ImportLease& lease, std::vector<ImportItem> list) {
    std::vector<Search> searches;
    for (ImportItem& item : list) {
        Search& search = searches.emplace_back();
        search.item.number = item.number;
        search.item.asked = std::move(item.asked);
        search.item.known_name = std::move(item.known_name);
        search.item.known_at = std::move(item.known_at);
    }
    if (by_ == "name")
        read_names(searches);
    else if (by_ == "page_id")
        find_pages(searches);
    else
        find_files(searches);
    find_titles(searches);

    std::vector<std::uint64_t> pages;
    for (const Search& search : searches)
        if (search.page && std::find(pages.begin(), pages.end(), *search.page) == pages.end())
            pages.push_back(*search.page);
    CommonsReplica::Files files = replica_.files(pages);
    leave_out(filter_, files.found);
    std::map<std::uint64_t, const store::CommonsFile*> by_page;
    std::map<std::uint64_t, std::string> reasons;
    for (const store::CommonsFile& file : files.found)
        by_page.emplace(file.page_id, &file);
    Chunk chunk;
    for (store::ImportProblem& problem : files.problems) {
        if (problem.counted)
            reasons.emplace(number_in(problem.item.substr(problem.item.find(':') + 1)),
                            std::move(problem.reason));
        else
            chunk.problems.push_back(std::move(problem));
    }
    std::map<std::uint64_t, std::uint64_t> before;
    if (!searches.empty()) {
        const auto session = sessions_.borrow();
        before = store::ImportItemStore(*session).pages_before(lease.key.id,
                                                               searches.front().item.number, pages);
    }
    auto rows = std::make_unique<store::FileListRows>();
    for (Search& search : searches) {
        ImportItem& item = search.item;
        if (search.page) {
            item.page_id = search.page;
            const auto file = by_page.find(*search.page);
            const auto [earlier, is_first] = before.emplace(*search.page, item.number);
            if (file == by_page.end()) {
                item.outcome = ItemOutcome::no_file;
                item.reason = reasons[*search.page];
            } else {
                item.title = file->second->name;
                search.renamed = search.renamed || (by_ != "name" && item.known_name &&
                                                    known_title(*item.known_name) != item.title);
                if (item.known_at)
                    item.replaced = *item.known_at != file->second->latest_at;
                item.outcome = !is_first && earlier->second != item.number ? ItemOutcome::twice
                               : search.renamed                            ? ItemOutcome::renamed
                               : search.redirected                         ? ItemOutcome::redirect
                                                                           : ItemOutcome::found;
                if (file->second->left_out) {
                    item.outcome = ItemOutcome::left_out;
                    item.reason =
                        fmt::format("by {}", store::left_out_names.at(static_cast<std::size_t>(
                                                 *file->second->left_out)));
                }
                if (item.outcome == ItemOutcome::twice)
                    item.reason = fmt::format("as number {}", earlier->second);
            }
        }
        chunk.looked_at.push_back(item_text(item));
        if (!item.title) {
            store::ImportProblem problem;
            problem.code = store::item_outcomes.at(static_cast<std::size_t>(item.outcome));
            problem.item = item_text(item);
            problem.reason = item.reason.value_or("");
            chunk.problems.push_back(std::move(problem));
        }
        rows->answers.push_back(std::move(item));
    }
    chunk.done = files.found.size();
    chunk.done_is = "items_done";
    rows->files.files = std::move(files.found);
    chunk.rows = std::move(rows);
    return chunk;
}

} // namespace

std::unique_ptr<Importer> make_file_list(const Context& context, const store::ImportLease& lease) {
    return std::make_unique<FileListImporter>(context, lease);
}

} // namespace runner::imports
