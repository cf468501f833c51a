// SPDX-License-Identifier: GPL-2.0-or-later
// What was gathered of other entities for the checks of one: plain values, ready to be read.
#pragma once

#include "facts/class_graph.hpp"
#include "facts/entity_cache.hpp"
#include "facts/value_index.hpp"
#include "source/title_source.hpp"

#include <algorithm>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace runner::constraints {
struct Constraint;
}

namespace runner::facts {

/// Who else has the value of a snak, as a constraint compares values.
struct Sharers {
    const entity::Snak* snak = nullptr;
    const constraints::Constraint* constraint = nullptr;
    std::vector<entity::EntityId> others; ///< sorted; at most max_named_others

    friend bool operator<(const Sharers& a, const Sharers& b) noexcept {
        return std::pair(a.snak, a.constraint) < std::pair(b.snak, b.constraint);
    }
};

class Facts {
public:
    void set_targets(std::vector<Target> targets) {
        targets_ = std::move(targets);
        std::sort(targets_.begin(), targets_.end(),
                  [](const Target& a, const Target& b) { return a.asked < b.asked; });
    }
    /// More of them; what is there already stays.
    void add_targets(std::vector<Target> targets) {
        for (Target& target : targets)
            if (find(target.asked) == nullptr)
                targets_.push_back(std::move(target));
        set_targets(std::move(targets_));
    }
    /// What was seen of other entities, in any order; an id may come twice.
    void set_observed(std::vector<Observation> observed) {
        observed_ = std::move(observed);
        std::sort(observed_.begin(), observed_.end(),
                  [](const Observation& a, const Observation& b) { return a.id < b.id; });
        observed_.erase(
            std::unique(observed_.begin(), observed_.end(),
                        [](const Observation& a, const Observation& b) { return a.id == b.id; }),
            observed_.end());
    }
    [[nodiscard]] std::span<const Observation> observed() const noexcept { return observed_; }
    void set_superclasses(std::vector<std::pair<entity::EntityId, Superclasses>> classes) {
        classes_ = std::move(classes);
        std::sort(classes_.begin(), classes_.end(),
                  [](const auto& a, const auto& b) { return a.first < b.first; });
    }
    /// Instead of lists.
    void set_ancestry(std::shared_ptr<const Ancestry> ancestry) { ancestry_ = std::move(ancestry); }
    void set_sharers(std::vector<Sharers> sharers) {
        sharers_ = std::move(sharers);
        values_known_ = true;
        std::sort(sharers_.begin(), sharers_.end());
    }

    /// `titles` sorted and without repetition; `problem` says why some are unknown.
    void set_titles(std::vector<std::string> titles, std::vector<source::TitleState> states,
                    std::string problem) {
        titles_ = std::move(titles);
        title_states_ = std::move(states);
        titles_problem_ = std::move(problem);
    }

    /// Whether the page exists; unknown without a request, or without a response.
    [[nodiscard]] source::TitleState title(std::string_view title) const noexcept {
        const auto at = std::lower_bound(titles_.begin(), titles_.end(), title);
        return at != titles_.end() && *at == title
                   ? title_states_[static_cast<std::size_t>(at - titles_.begin())]
                   : source::TitleState::unknown;
    }
    /// Why titles that were asked for are unknown; empty when none is.
    [[nodiscard]] const std::string& titles_problem() const noexcept { return titles_problem_; }

    /// The entity with that id, redirects followed; null when it does not exist, or can't be read.
    [[nodiscard]] const entity::Entity* target(const entity::EntityId& id) const noexcept {
        const Target* found = find(id);
        return found != nullptr ? found->entity : nullptr;
    }
    /// Why the entity with that id can't be read; empty when it can, or does not exist.
    [[nodiscard]] std::string_view target_problem(const entity::EntityId& id) const noexcept {
        const Target* found = find(id);
        return found != nullptr ? std::string_view(found->problem) : std::string_view{};
    }

    void set_class_problem(std::string problem) { class_problem_ = std::move(problem); }
    /// Why not all superclasses are known; empty when they are.
    [[nodiscard]] const std::string& class_problem() const noexcept { return class_problem_; }

    /// 0 when it is missing or was not gathered.
    [[nodiscard]] std::uint64_t revision(const entity::EntityId& id) const noexcept {
        const Target* found = find(id);
        return found != nullptr && found->entity != nullptr && found->entity->id == id
                   ? found->revision
                   : 0;
    }

    /// Whether one of `wanted` (sorted) is `id` or a superclass of it.
    [[nodiscard]] bool is_or_is_below(const entity::EntityId& id,
                                      std::span<const entity::EntityId> wanted) const {
        if (std::binary_search(wanted.begin(), wanted.end(), id))
            return true;
        if (ancestry_ != nullptr)
            return ancestry_->is_below(id, wanted);
        const auto at = std::lower_bound(
            classes_.begin(), classes_.end(), id,
            [](const auto& entry, const entity::EntityId& i) { return entry.first < i; });
        if (at == classes_.end() || at->first != id)
            return false;
        return std::any_of(wanted.begin(), wanted.end(), [&](const entity::EntityId& w) {
            return std::binary_search(at->second->begin(), at->second->end(), w);
        });
    }

    /// Whether the index of values was asked.
    [[nodiscard]] bool values_known() const noexcept { return values_known_; }

    /// The other entities that have the value of `snak`, sorted; at most max_named_others.
    [[nodiscard]] std::span<const entity::EntityId>
    sharers(const entity::Snak& snak, const constraints::Constraint& constraint) const noexcept {
        const auto at =
            std::lower_bound(sharers_.begin(), sharers_.end(), Sharers{&snak, &constraint, {}});
        return at != sharers_.end() && at->snak == &snak && at->constraint == &constraint
                   ? std::span(at->others)
                   : std::span<const entity::EntityId>{};
    }

private:
    [[nodiscard]] const Target* find(const entity::EntityId& id) const noexcept {
        const auto at = std::lower_bound(
            targets_.begin(), targets_.end(), id,
            [](const Target& t, const entity::EntityId& wanted) { return t.asked < wanted; });
        return at != targets_.end() && at->asked == id ? &*at : nullptr;
    }

    std::vector<Target> targets_;
    std::vector<Observation> observed_; ///< sorted by id
    std::vector<std::pair<entity::EntityId, Superclasses>> classes_;
    std::shared_ptr<const Ancestry> ancestry_;
    std::vector<std::string> titles_;
    std::vector<source::TitleState> title_states_; ///< of each of titles_
    std::string titles_problem_;
    std::string class_problem_;
    std::vector<Sharers> sharers_;
    bool values_known_ = false;
};

} // namespace runner::facts
