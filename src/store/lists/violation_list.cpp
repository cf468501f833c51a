// SPDX-License-Identifier: GPL-2.0-or-later
// Where a class or the other filters are rare, their own list is gone through; where the class is
// common, all pairs are, and soon fill a page. Where both are common and seldom meet, a page ends
// after some work, and the next one continues.
#include "store/lists/violation_list.hpp"

#include "store/lists/violation_query.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace runner::store {

namespace {

/// Classes below one whose lists are merged at once, and after a look at the pairs.
constexpr std::size_t few_classes = 1'000;
constexpr std::size_t many_classes = 30'000;
/// Entities of a class, rows of its lists, and pairs, that one look takes.
constexpr std::size_t look_entities = 5'000;
constexpr std::size_t look_rows = 100'000;
constexpr std::size_t look_pairs = 5'000;
constexpr std::size_t more_pairs = 20'000; ///< where nothing else is left
/// Looks that find nothing, before a page stays empty.
constexpr int max_looks = 2;

class ClassPairs {
public:
    explicit ClassPairs(const ViolationQuery& query) : query_(query) {}

    ViolationPage page(const ViolationKey* after, std::size_t limit) {
        std::optional<ViolationKey> from;
        for (int look = 1;; ++look) {
            ViolationPage page = this->look(from ? &*from : after, limit);
            if (!page.rows.empty() || !page.next || look == max_looks)
                return page;
            from = std::move(page.next);
        }
    }

private:
    ViolationPage look(const ViolationKey* after, std::size_t limit) {
        if (!query_.is_filtered() && !is_general_)
            if (auto listed = list(after, limit, few_classes))
                return std::move(*listed);
        ViolationPage walked = walk(after, limit, is_general_ ? more_pairs : look_pairs);
        if (!walked.next || 2 * walked.rows.size() >= limit || is_general_)
            return walked;
        auto listed = list(after, limit, many_classes);
        is_general_ = !listed;
        const auto place = [](const ViolationKey& key) {
            return std::tie(key.entity, key.statement, key.constraint);
        };
        if (!listed || (listed->next && place(*listed->next) <= place(*walked.next)))
            return walked;
        return std::move(*listed);
    }

    /// Goes through the entities of the class; empty: too many classes are below it.
    std::optional<ViolationPage> list(const ViolationKey* after, std::size_t limit,
                                      std::size_t classes) const {
        const std::size_t wanted =
            query_.is_filtered() ? std::max(limit, look_entities) : limit + 2;
        const auto found = query_.instances(after != nullptr ? after->entity : std::string(),
                                            classes, wanted, look_rows);
        if (!found)
            return std::nullopt;
        ViolationPage page = query_.page(after, limit, &found->entities);
        if (!page.next && found->more) // after all pairs of that entity
            page.next = ViolationKey{found->entities.back(), "~", ""};
        return page;
    }

    /// Goes through the pairs that the other filters let through.
    ViolationPage walk(const ViolationKey* after, std::size_t limit, std::size_t pairs) const {
        auto end = query_.key_ahead(after, pairs + 2 * limit);
        const auto found = query_.classes(after, end ? &*end : nullptr);
        std::vector<std::string> classes;
        for (const auto& [entity, name] : found)
            classes.push_back(name);
        std::sort(classes.begin(), classes.end());
        classes.erase(std::unique(classes.begin(), classes.end()), classes.end());
        const auto right = query_.among(classes);
        // each of them has a pair in this stretch: more of them are not shown
        std::vector<std::string> entities;
        for (const auto& [entity, name] : found)
            if (entities.size() <= limit && right.contains(name) &&
                (entities.empty() || entities.back() != entity))
                entities.push_back(entity);
        ViolationPage page = query_.page(after, limit, &entities, end ? &*end : nullptr);
        if (!page.next)
            page.next = std::move(end);
        return page;
    }

    const ViolationQuery& query_;
    bool is_general_ = false; ///< there are more than many_classes below it
};

} // namespace

ViolationPage ViolationList::page(const ViolationFilter& filter, const ViolationKey* after,
                                  std::uint32_t limit) {
    return session_.impl().run([&](Transaction& transaction) {
        // all questions are short: what a compiled or parallel plan saves, its beginning costs
        // twice
        transaction.exec_text("SET LOCAL jit = off; SET LOCAL max_parallel_workers_per_gather = 0; "
                              "SET TRANSACTION READ ONLY");
        const ViolationQuery query(transaction, filter);
        return filter.of_class ? ClassPairs(query).page(after, limit) : query.page(after, limit);
    });
}

} // namespace runner::store
