// SPDX-License-Identifier: GPL-2.0-or-later
#include "imports/entity_list.hpp"

#include "source/page_api.hpp"
#include "source/replica.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <string_view>
#include <utility>

namespace runner::imports {

namespace {

std::uint64_t number_of(const std::string& text) {
    std::uint64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

class FixedList final : public EntityList {
public:
    explicit FixedList(std::vector<entity::EntityId> ids) : ids_(std::move(ids)) {}

    EntityPage page(const std::string& after, std::uint32_t size) override {
        EntityPage page;
        std::size_t at = std::min<std::size_t>(number_of(after), ids_.size());
        for (; at < ids_.size() && page.entities.size() < size; ++at)
            page.entities.push_back({ids_[at], 0});
        page.after = std::to_string(at);
        page.last = at == ids_.size();
        return page;
    }
    store::ImportTotal total() override { return {ids_.size(), true}; }

private:
    const std::vector<entity::EntityId> ids_;
};

class StoredList final : public EntityList {
public:
    StoredList(const config::WikiSettings& wiki, store::SessionPool& sessions,
               store::StoredFilter filter)
        : wiki_(wiki), sessions_(sessions), filter_(std::move(filter)) {}

    EntityPage page(const std::string& after, std::uint32_t size) override {
        const auto session = sessions_.borrow();
        EntityPage page;
        page.after = after;
        const auto ids = store::StoredEntities(*session).page(wiki_.id, filter_, after, size);
        for (const std::string& text : ids) {
            page.after = text;
            if (const auto id = entity::EntityId::parse(text))
                page.entities.push_back({*id, 0});
        }
        page.last = ids.size() < size;
        return page;
    }
    store::ImportTotal total() override {
        const auto session = sessions_.borrow();
        return store::StoredEntities(*session).count(wiki_.id, filter_);
    }

private:
    const config::WikiSettings& wiki_;
    store::SessionPool& sessions_;
    const store::StoredFilter filter_;
};

/// A page of an item is called by its id; in what namespace, the wiki alone knows, so what does
/// not look like an id is passed over. Files have their media information under their number.
class ReplicaList final : public EntityList {
public:
    ReplicaList(const config::WikiSettings& wiki, std::string letter)
        : replica_(wiki), letter_(std::move(letter)) {}

    EntityPage page(const std::string& after, std::uint32_t size) override {
        EntityPage page;
        std::uint64_t last = number_of(after);
        auto rows = replica_.query(
            "SELECT page_id, page_title, page_latest FROM page WHERE page_id > " +
            std::to_string(last) + " AND page_is_redirect = 0 AND " + condition() +
            " ORDER BY page_id LIMIT " + std::to_string(size));
        std::uint32_t found = 0;
        for (; rows.next(); ++found) {
            last = rows.number(0);
            const auto id = letter_ == "M"
                                ? entity::EntityId::parse("M" + std::to_string(last))
                                : entity::EntityId::parse(rows.text(1));
            if (id && id->sub == 0 && id->type != entity::EntityType::entity_schema)
                page.entities.push_back({*id, rows.number(2)});
        }
        page.after = std::to_string(last);
        page.last = found < size;
        return page;
    }
    store::ImportTotal total() override {
        auto rows = replica_.query("SELECT max(page_id) FROM page");
        return {rows.next() ? rows.number(0) : 0, false};
    }
    void interrupt() noexcept override { replica_.interrupt(); }

private:
    [[nodiscard]] std::string condition() const {
        if (letter_ == "M")
            return "page_namespace = 6";
        const std::string letters = letter_.empty() ? "[QPL]" : letter_;
        return "page_title RLIKE '^" + letters +
               "[1-9][0-9]*$' AND (page_content_model IS NULL OR page_content_model IN "
               "('wikibase-item', 'wikibase-property', 'wikibase-lexeme'))";
    }

    source::Replica replica_;
    const std::string letter_;
};

/// A place is the number of a namespace and, after a space, where to go on in it.
class ApiList final : public EntityList {
public:
    ApiList(const config::WikiSettings& wiki, std::string letter)
        : api_(wiki.api_url, wiki.http_timeout), letter_(std::move(letter)) {}

    EntityPage page(const std::string& after, std::uint32_t size) override {
        if (!known_)
            read_site();
        EntityPage page;
        page.after = after;
        const auto number = static_cast<int>(number_of(after));
        const auto at = std::lower_bound(namespaces_.begin(), namespaces_.end(), number);
        page.last = at == namespaces_.end();
        if (page.last)
            return page;
        const auto space = after.find(' ');
        const bool continued = space != std::string::npos && *at == number;
        auto found = api_.pages(*at, continued ? after.substr(space + 1) : std::string(), size);
        for (const auto& each : found.pages) {
            const auto id = *at == files
                                ? entity::EntityId::parse("M" + std::to_string(each.id))
                                : entity::EntityId::parse(without_namespace(each.title));
            if (id && id->sub == 0 && id->type != entity::EntityType::entity_schema &&
                (letter_.empty() || id->to_string().front() == letter_.front()))
                page.entities.push_back({*id, each.revision});
        }
        if (found.after.empty()) {
            page.after = std::to_string(*at + 1);
            page.last = std::next(at) == namespaces_.end();
        } else {
            page.after = std::to_string(*at) + ' ' + found.after;
        }
        return page;
    }
    store::ImportTotal total() override {
        read_site();
        return {pages_, false};
    }

private:
    static constexpr int files = 6;

    void read_site() {
        const auto site = api_.site();
        namespaces_.clear();
        for (const auto& each : site.namespaces)
            if ((each.content_model == "wikibase-item" && wants("Q")) ||
                (each.content_model == "wikibase-property" && wants("P")) ||
                (each.content_model == "wikibase-lexeme" && wants("L")) ||
                (each.number == files && letter_ == "M"))
                namespaces_.push_back(each.number);
        pages_ = site.pages;
        known_ = true;
    }
    [[nodiscard]] bool wants(std::string_view letter) const {
        return letter_.empty() || letter_ == letter;
    }
    static std::string_view without_namespace(std::string_view title) noexcept {
        const auto colon = title.find(':');
        return colon == std::string_view::npos ? title : title.substr(colon + 1);
    }

    source::PageApi api_;
    const std::string letter_;
    std::vector<int> namespaces_; ///< sorted
    std::uint64_t pages_ = 0;
    bool known_ = false;
};

} // namespace

std::unique_ptr<EntityList> make_fixed_list(std::vector<entity::EntityId> ids) {
    return std::make_unique<FixedList>(std::move(ids));
}

std::unique_ptr<EntityList> make_stored_list(const config::WikiSettings& wiki,
                                             store::SessionPool& sessions,
                                             store::StoredFilter filter) {
    return std::make_unique<StoredList>(wiki, sessions, std::move(filter));
}

std::unique_ptr<EntityList> make_replica_list(const config::WikiSettings& wiki,
                                              std::string letter) {
    return std::make_unique<ReplicaList>(wiki, std::move(letter));
}

std::unique_ptr<EntityList> make_api_list(const config::WikiSettings& wiki, std::string letter) {
    return std::make_unique<ApiList>(wiki, std::move(letter));
}

} // namespace runner::imports
