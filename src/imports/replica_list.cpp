// SPDX-License-Identifier: GPL-2.0-or-later
// The pages of entities in a wiki's database: see entity_list.hpp.
#include "imports/entity_list.hpp"
#include "source/replica.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace runner::imports {

namespace {

using source::Replica;

constexpr std::uint32_t most_counted = 1'000'000; // pages or links, one by one
constexpr std::chrono::seconds count_time{5};
constexpr std::uint32_t most_sampled = 5'000; // pages of a namespace, for their models

/// A page of an item is called by its id; in what namespace, the wiki alone knows, so what does
/// not look like an id is passed over. Files have their media information under their number.
class ReplicaList final : public EntityList {
public:
    ReplicaList(const config::WikiSettings& wiki, PageFilter filter)
        : replica_(wiki), filter_(std::move(filter)) {}

    EntityPage page(const std::string& after, std::uint32_t size) override {
        EntityPage page;
        std::uint64_t last = 0;
        std::from_chars(after.data(), after.data() + after.size(), last);
        auto rows = replica_.query(fmt::format(
            "SELECT page_id, page_title, page_latest FROM {} AND page_is_redirect = 0 AND {} "
            "ORDER BY {} LIMIT {}",
            from(last), condition(), filter_.property.empty() ? "page_id" : "pl_from", size));
        std::uint32_t found = 0;
        for (; rows.next(); ++found) {
            last = rows.number(0);
            const auto id = filter_.letter == "M"
                                ? entity::EntityId::parse("M" + std::to_string(last))
                                : entity::EntityId::parse(rows.text(1));
            if (id && id->sub == 0 && id->type != entity::EntityType::entity_schema)
                page.entities.push_back({*id, rows.number(2)});
        }
        page.after = std::to_string(last);
        page.last = found < size;
        page.share = page.last ? 1 : static_cast<double>(last) / std::max<double>(1, highest());
        return page;
    }

    /// Counted; where that takes too long the share of the numbers of pages says it by and by.
    std::optional<store::ImportTotal> total() override {
        try {
            auto rows = replica_.query(fmt::format("SELECT COUNT(*) FROM (SELECT 1 FROM {} AND "
                                                   "page_is_redirect = 0 AND {} LIMIT {}) c",
                                                   from(0), condition(), most_counted),
                                       count_time);
            const std::uint64_t counted = rows.next() ? rows.number(0) : 0;
            if (counted < most_counted)
                return store::ImportTotal{counted, false};
        } catch (const source::ReplicaTimeout&) {
        }
        return std::nullopt;
    }

    void interrupt() noexcept override { replica_.interrupt(); }

private:
    /// In the order of an index, whichever table comes first.
    std::string from(std::uint64_t after) {
        return filter_.property.empty()
                   ? fmt::format("page WHERE page_id > {}", after)
                   : fmt::format("pagelinks STRAIGHT_JOIN page ON page_id = pl_from "
                                 "WHERE {} AND pl_from > {}",
                                 links(), after);
    }

    /// The highest number of a page.
    double highest() {
        if (!highest_) {
            auto rows = replica_.query("SELECT MAX(page_id) FROM page");
            highest_ = rows.next() ? static_cast<double>(rows.number(0)) : 0;
        }
        return *highest_;
    }

    /// Which pages are entities. A model that is not said is that of the namespace, so the
    /// namespaces are those in which pages with such titles have a model that is said.
    const std::string& condition() {
        if (!condition_.empty())
            return condition_;
        if (filter_.letter == "M")
            return condition_ = "page_namespace = 6";
        std::vector<std::uint64_t> namespaces;
        for (auto rows = replica_.query("SELECT DISTINCT page_namespace FROM page "
                                        "WHERE page_namespace >= 0");
             rows.next();)
            namespaces.push_back(rows.number(0));
        for (const auto& [letter, model] : {std::pair{'Q', "wikibase-item"},
                                            {'P', "wikibase-property"},
                                            {'L', "wikibase-lexeme"}}) {
            if (!filter_.letter.empty() && filter_.letter.front() != letter)
                continue;
            for (const std::uint64_t each : with_model(namespaces, letter, model))
                condition_ +=
                    fmt::format("{}(page_namespace = {} AND page_title RLIKE '^{}[1-9][0-9]*$')",
                                condition_.empty() ? "(" : " OR ", each, letter);
        }
        if (condition_.empty())
            throw source::ReplicaRefused("no_entities",
                                         "no page of the wiki is known to be such an entity");
        return condition_ += ") AND (page_content_model IS NULL OR page_content_model IN "
                             "('wikibase-item', 'wikibase-property', 'wikibase-lexeme'))";
    }

    /// The namespaces of a model, by the first pages in each whose titles look like ids, in the
    /// order of the index on titles. Where no page at all says its model, any that is not for talk.
    std::vector<std::uint64_t> with_model(const std::vector<std::uint64_t>& namespaces, char letter,
                                          const char* model) {
        std::vector<std::uint64_t> known, unknown;
        for (const std::uint64_t each : namespaces) {
            auto rows = replica_.query(fmt::format(
                "SELECT COUNT(*), COUNT(page_content_model), SUM(page_content_model = '{}') FROM "
                "(SELECT page_content_model FROM page WHERE page_namespace = {} AND "
                "page_title >= '{}1' AND page_title < '{}:' LIMIT {}) p",
                model, each, letter, letter, most_sampled));
            if (!rows.next() || rows.number(0) == 0)
                continue;
            if (rows.number(2) > 0)
                known.push_back(each);
            else if (rows.number(1) == 0 && each % 2 == 0)
                unknown.push_back(each);
        }
        return known.empty() ? unknown : known;
    }

    /// The condition for links to the property's page, in the generation of tables that is there.
    /// While a wiki moves from titles to targets it has both, and the titles are complete.
    const std::string& links() {
        if (!links_.empty())
            return links_;
        const std::string title = Replica::literal(filter_.property);
        // where the model is not said it is the namespace's own
        auto page = replica_.query(fmt::format(
            "SELECT page_namespace FROM page WHERE page_title = {} AND (page_content_model IS NULL "
            "OR page_content_model = 'wikibase-property') "
            "ORDER BY page_content_model IS NULL, page_namespace LIMIT 1",
            title));
        if (!page.next())
            throw source::ReplicaRefused("no_such_property",
                                         "the wiki has no property " + filter_.property);
        const std::uint64_t name_space = page.number(0);
        auto columns = replica_.query(
            "SELECT 1 FROM information_schema.columns WHERE table_schema = DATABASE() "
            "AND table_name = 'pagelinks' AND column_name = 'pl_title'");
        if (columns.next()) {
            links_ = fmt::format("pl_namespace = {} AND pl_title = {}", name_space, title);
        } else {
            auto target = replica_.query(fmt::format(
                "SELECT lt_id FROM linktarget WHERE lt_namespace = {} AND lt_title = {}",
                name_space, title));
            links_ = fmt::format("pl_target_id = {}", target.next() ? target.number(0) : 0);
        }
        return links_;
    }

    Replica replica_;
    const PageFilter filter_;
    std::string links_, condition_;
    std::optional<double> highest_;
};

} // namespace

std::unique_ptr<EntityList> make_replica_list(const config::WikiSettings& wiki, PageFilter filter) {
    return std::make_unique<ReplicaList>(wiki, std::move(filter));
}

} // namespace runner::imports
