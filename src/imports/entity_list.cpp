// SPDX-License-Identifier: GPL-2.0-or-later
#include "imports/entity_list.hpp"

#include "source/page_api.hpp"

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
    std::optional<store::ImportTotal> total() override {
        return store::ImportTotal{ids_.size(), true};
    }

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
    std::optional<store::ImportTotal> total() override {
        const auto session = sessions_.borrow();
        return store::StoredEntities(*session).count(wiki_.id, filter_);
    }

private:
    const config::WikiSettings& wiki_;
    store::SessionPool& sessions_;
    const store::StoredFilter filter_;
};

/// A place is the number of a namespace and, after a space, where to go on in it.
class ApiList final : public EntityList {
public:
    ApiList(const config::WikiSettings& wiki, PageFilter filter)
        : api_(wiki.api_url, wiki.http_timeout), filter_(std::move(filter)) {}

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
        auto found =
            api_.pages(*at, linked_, continued ? after.substr(space + 1) : std::string(), size);
        for (const auto& each : found.pages) {
            const auto id = *at == files
                                ? entity::EntityId::parse("M" + std::to_string(each.id))
                                : entity::EntityId::parse(source::without_namespace(each.title));
            if (id && id->sub == 0 && id->type != entity::EntityType::entity_schema &&
                (filter_.letter.empty() || id->to_string().front() == filter_.letter.front()))
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
    std::optional<store::ImportTotal> total() override {
        read_site();
        // the API counts neither links nor the pages of a namespace; content is items, nearly all
        if (!linked_.empty() || articles_ == 0 || !wants("Q"))
            return std::nullopt;
        return store::ImportTotal{articles_, false};
    }

private:
    static constexpr int files = 6;

    void read_site() {
        const auto site = api_.site();
        namespaces_.clear();
        for (const auto& each : site.namespaces) {
            using enum entity::EntityType;
            if (each.entities == property && !filter_.property.empty())
                linked_ = each.prefix() + filter_.property;
            if ((each.entities == item && wants("Q")) ||
                (each.entities == property && wants("P")) ||
                (each.entities == lexeme && wants("L")) ||
                (each.number == files && filter_.letter == "M"))
                namespaces_.push_back(each.number);
        }
        if (!filter_.property.empty() && (linked_.empty() || !api_.exists(linked_)))
            throw source::ApiRefused("no_such_property",
                                     "the wiki has no property " + filter_.property);
        articles_ = site.articles;
        known_ = true;
    }
    [[nodiscard]] bool wants(std::string_view letter) const {
        return filter_.letter.empty() || filter_.letter == letter;
    }

    source::PageApi api_;
    const PageFilter filter_;
    std::string linked_;          ///< the title of the filter's property
    std::vector<int> namespaces_; ///< sorted
    std::uint64_t articles_ = 0;
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

std::unique_ptr<EntityList> make_api_list(const config::WikiSettings& wiki, PageFilter filter) {
    return std::make_unique<ApiList>(wiki, std::move(filter));
}

} // namespace runner::imports
