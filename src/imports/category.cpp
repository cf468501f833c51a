// SPDX-License-Identifier: GPL-2.0-or-later
// See category.hpp. An import goes through three phases, told apart by its cursor: none (redirects
// are followed, files counted), "files" (each category in the order of its index), "vanished"
// (files known from earlier imports that were not seen, looked at one by one).
#include "imports/category.hpp"

#include "imports/category_name.hpp"
#include "imports/commons_replica.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

namespace runner::imports {

namespace json = boost::json;

namespace {

constexpr std::uint32_t pages_at_once = 5'000; // named in one statement
constexpr std::uint32_t attempts_alone = 2;   // of a single file that takes too long

std::vector<std::string> strings(const json::value& array) {
    std::vector<std::string> list;
    for (const json::value& each : array.as_array())
        list.emplace_back(each.as_string());
    return list;
}

json::array array_of(const std::vector<std::string>& list) {
    json::array array;
    for (const std::string& each : list)
        array.emplace_back(each);
    return array;
}

std::string hex(std::string_view bytes) {
    std::string text;
    for (const char c : bytes)
        text += fmt::format("{:02x}", static_cast<unsigned char>(c));
    return text;
}

std::string from_hex(std::string_view text) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
        unsigned byte = 0;
        std::from_chars(text.data() + i, text.data() + i + 2, byte, 16);
        bytes += static_cast<char>(byte);
    }
    return bytes;
}

/// Where an import is; what its cursor says.
struct Place {
    std::vector<std::string> categories;
    bool files = true;          ///< else what vanished
    std::size_t category = 0;   ///< whose files are being taken
    CategoryPosition position;  ///< in it
    std::uint64_t page = 0;     ///< of those that vanished

    [[nodiscard]] std::string text() const {
        json::object object;
        object["categories"] = array_of(categories);
        object["phase"] = files ? "files" : "vanished";
        object["category"] = category;
        object["sort_key"] = hex(position.sort_key);
        object["page"] = files ? position.page_id : page;
        return json::serialize(object);
    }
    static Place of(const std::string& cursor) {
        const json::value value = json::parse(cursor);
        Place place;
        place.categories = strings(value.at("categories"));
        place.files = value.at("phase").as_string() == "files";
        place.category = value.at("category").to_number<std::size_t>();
        place.position.sort_key = from_hex(value.at("sort_key").as_string());
        (place.files ? place.position.page_id : place.page) =
            value.at("page").to_number<std::uint64_t>();
        return place;
    }
};

class CategoryImporter final : public Importer {
public:
    CategoryImporter(const Context& context, const store::ImportLease& lease)
        : wiki_(context.wiki), sessions_(context.sessions), replica_(context.wiki) {
        const json::value parameters = json::parse(lease.parameters);
        asked_ = strings(parameters.at("categories"));
        follow_ = parameters.at("follow_redirects").as_bool();
    }

    Chunk next(const store::ImportLease& lease, std::uint32_t size) override {
        return said([&] {
            if (!lease.cursor)
                return begin();
            Place place = Place::of(*lease.cursor);
            return place.files ? files(lease, std::move(place), size)
                               : vanished(lease, std::move(place), size);
        });
    }

    Chunk retry(const store::ImportLease& lease,
                std::span<const store::ImportProblem> problems) override {
        return said([&] { return again(lease, problems); });
    }

    void interrupt() noexcept override { replica_.interrupt(); }

private:
    /// The errors of the replica in the engine's words.
    template <typename Work>
    Chunk said(Work work) {
        try {
            return work();
        } catch (const source::ReplicaTimeout& error) {
            throw TooMuch(error.what());
        } catch (const source::ReplicaRefused& error) {
            throw Hopeless(error.code, error.what());
        }
    }

    CommonsReplica::Files look_up(std::span<const std::uint64_t> pages, std::uint32_t attempts);
    Chunk begin();
    Chunk files(const store::ImportLease& lease, Place place, std::uint32_t size);
    Chunk vanished(const store::ImportLease& lease, Place place, std::uint32_t size);
    Chunk again(const store::ImportLease& lease, std::span<const store::ImportProblem> problems);

    const config::WikiSettings& wiki_;
    store::SessionPool& sessions_;
    CommonsReplica replica_;
    std::vector<std::string> asked_;
    bool follow_ = true;
};

/// Which categories there are, and how many files. Redirects that were followed are shown.
Chunk CategoryImporter::begin() {
    std::vector<std::string> lists;
    for (const std::string& name : wiki_.category_redirect_categories)
        lists.push_back(category_name(name, "category_redirect_categories"));
    Categories categories = follow_redirects(
        asked_, follow_ ? wiki_.category_redirect_hops : 0, lists,
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
        problem.retryable = false;
        chunk.problems.push_back(std::move(problem));
    }
    if (categories.names.empty())
        throw Hopeless("no_such_category", chunk.problems.back().reason);

    store::ImportTotal total{0, true};
    for (const std::string& name : categories.names) {
        const store::ImportTotal count = replica_.count_files(name);
        total.count += count.count;
        total.known = total.known && count.known;
    }
    Place place;
    place.categories = std::move(categories.names);
    chunk.cursor = place.text();
    chunk.total = total;
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
    chunk.details = json::serialize(details);
    chunk.current = "Category:" + shown_name(place.categories.front());
    return chunk;
}

/// One file that takes too long by itself, time and again, does not hold up all others.
CommonsReplica::Files CategoryImporter::look_up(std::span<const std::uint64_t> pages,
                                                std::uint32_t attempts) {
    try {
        return replica_.files(pages);
    } catch (const source::ReplicaTimeout& error) {
        if (pages.size() != 1 || attempts < attempts_alone)
            throw;
        CommonsReplica::Files files;
        store::ImportProblem problem;
        problem.code = "timeout";
        problem.item = fmt::format("file:{}", pages[0]);
        problem.reason = fmt::format("page {} by itself takes too long: {}", pages[0], error.what());
        files.problems.push_back(std::move(problem));
        return files;
    }
}

Chunk CategoryImporter::files(const store::ImportLease& lease, Place place, std::uint32_t size) {
    Chunk chunk;
    size = std::min(size, pages_at_once);
    const std::string& name = place.categories.at(place.category);
    const auto links = replica_.files_after(name, place.position, size);
    std::vector<std::uint64_t> pages;
    for (const CategoryPosition& link : links)
        pages.push_back(link.page_id);
    CommonsReplica::Files files = look_up(pages, lease.attempts);
    chunk.done = files.found.size();
    chunk.problems = std::move(files.problems);
    auto rows = std::make_unique<store::CommonsFileRows>();
    rows->files = std::move(files.found);
    chunk.current = "Category:" + shown_name(name);
    if (!rows->files.empty())
        chunk.current += ", up to File:" + shown_name(rows->files.back().name);
    chunk.rows = std::move(rows);
    if (links.size() == size) {
        place.position = links.back();
    } else {
        chunk.sized = !links.empty() && place.category + 1 < place.categories.size();
        place.position = {};
        if (++place.category == place.categories.size()) {
            place.files = false;
            if (!lease.total || !lease.total->known)
                chunk.total = store::ImportTotal{
                    lease.done + lease.failed + chunk.done + chunk.problems.size(), true};
        }
    }
    chunk.cursor = place.text();
    return chunk;
}

/// Files that earlier imports had and this one did not see. One that only moved in the order of
/// its category while that was read is still there.
Chunk CategoryImporter::vanished(const store::ImportLease& lease, Place place,
                                 std::uint32_t size) {
    Chunk chunk;
    size = std::min(size, pages_at_once);
    std::vector<std::uint64_t> pages;
    {
        const auto session = sessions_.borrow();
        pages = store::CommonsFileStore(*session).unseen(lease.key, place.page, size);
    }
    const auto there = replica_.still_in(place.categories, pages);
    auto rows = std::make_unique<store::CommonsFileRows>();
    rows->files = replica_.files(std::vector<std::uint64_t>(there.begin(), there.end())).found;
    chunk.done = rows->files.size();
    std::set<std::uint64_t> found;
    for (const store::CommonsFile& file : rows->files)
        found.insert(file.page_id);
    for (const std::uint64_t page : pages)
        if (!found.contains(page))
            rows->vanished.push_back(page);
    chunk.current = "files that are gone";
    chunk.last = pages.size() < size;
    chunk.sized = !chunk.last;
    if (!pages.empty())
        place.page = pages.back();
    const auto so_far = [&](const char* name) {
        const auto at = lease.counts.find(name);
        return at == lease.counts.end() ? 0 : at->second;
    };
    if (chunk.last && rows->files.empty() && rows->vanished.empty() && lease.failed == 0 &&
        so_far("files_imported") == 0 && so_far("files_vanished") == 0)
        throw Hopeless("empty_category", place.categories.size() == 1
                                             ? fmt::format("there are no files in category \"{}\"",
                                                           shown_name(place.categories.front()))
                                             : "there are no files in any of these categories");
    chunk.rows = std::move(rows);
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
    const auto there = replica_.still_in(place.categories, pages);
    CommonsReplica::Files files =
        replica_.files(std::vector<std::uint64_t>(there.begin(), there.end()));
    Chunk chunk;
    chunk.cursor = *lease.cursor;
    chunk.done = files.found.size();
    chunk.problems = std::move(files.problems);
    auto rows = std::make_unique<store::CommonsFileRows>();
    rows->files = std::move(files.found);
    chunk.rows = std::move(rows);
    chunk.current = "what failed, once more";
    return chunk;
}

} // namespace

std::unique_ptr<Importer> make_category(const Context& context, const store::ImportLease& lease) {
    return std::make_unique<CategoryImporter>(context, lease);
}

} // namespace runner::imports
