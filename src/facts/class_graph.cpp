// SPDX-License-Identifier: GPL-2.0-or-later
// See class_graph.hpp. What counts as a superclass follows WBQC's TypeCheckerHelper.
#include "facts/class_graph.hpp"

#include "source/load_or_explain.hpp"

#include <algorithm>
#include <limits>
#include <mutex>
#include <utility>

namespace runner::facts {

namespace {

using State = ClassTable::State;
using results::ClassNode;
using results::KeptClass;

constexpr std::size_t max_remembered = 2'000'000; // ids in remembered answers, 56 MB
constexpr std::size_t max_in_lists = 500'000;     // superclasses in all answers for one entity
constexpr std::size_t answer_frame = 8;           // what an answer costs besides, in ids
constexpr std::size_t take_at_once = 2'000;       // others may ask in between
constexpr std::int64_t tick = 10;                 // ms
constexpr std::chrono::minutes lag_patience{1};   // then a source that lagged is asked again
constexpr std::int64_t longest = std::int64_t{1} << 40; // ms, 34 years
constexpr std::int32_t never = std::numeric_limits<std::int32_t>::min();

State state_of(ClassNode::State state) noexcept {
    switch (state) {
    case ClassNode::State::found: return State::found;
    case ClassNode::State::missing: return State::missing;
    case ClassNode::State::redirect: break;
    }
    return State::redirect;
}

} // namespace

std::vector<entity::EntityId> best_links(const entity::Entity& entity,
                                         entity::PropertyId property) {
    std::vector<entity::EntityId> preferred;
    std::vector<entity::EntityId> normal;
    bool has_preferred = false;
    for (const entity::Statement& statement : entity.statements) {
        if (statement.main.property != property || statement.rank == entity::Rank::deprecated)
            continue;
        has_preferred = has_preferred || statement.rank == entity::Rank::preferred;
        if (statement.main.type != entity::SnakType::value)
            continue;
        if (const auto* id = entity::entity_id_of(statement.main.value))
            (statement.rank == entity::Rank::preferred ? preferred : normal).push_back(*id);
    }
    return has_preferred ? preferred : normal;
}

ClassGraph::ClassGraph(entity::PropertyId subclass_of, std::chrono::milliseconds age,
                       std::shared_ptr<ClassKeeper> keeper)
    : subclass_of_(subclass_of), age_(age), keeper_(std::move(keeper)) {}

ClassGraph::Ticks ClassGraph::now() const noexcept { return before(std::chrono::milliseconds(0)); }

ClassGraph::Ticks ClassGraph::before(std::chrono::milliseconds age) const noexcept {
    const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - start_);
    const std::int64_t ticks =
        (since.count() - std::clamp<std::int64_t>(age.count(), 0, longest)) / tick;
    return static_cast<Ticks>(std::max<std::int64_t>(ticks, never + 1));
}

bool ClassGraph::valid(const Answer& answer, Ticks oldest) const noexcept {
    return answer.superclasses != nullptr && answer.version == version_ && answer.oldest > oldest;
}

/// What the source, a document or the keeper says of a class, which is not older than what is
/// known.
void ClassGraph::store(const ClassNode& node, Ticks read) {
    if (!unreadable_.empty())
        unreadable_.erase(node.id);
    const Number number = table_.number(node.id);
    const bool other_edges = table_.set_edges(number, node.superclasses);
    ClassTable::Class& place = table_[number];
    const State state = state_of(node.state);
    if (place.state != State::unknown && (other_edges || place.state != state))
        ++version_;
    place.state = state;
    place.outdated = false;
    place.revision = std::max(place.revision, node.revision);
    place.read = read;
}

void ClassGraph::take_one(const KeptClass& kept) {
    const ClassNode& node = kept.node;
    const ClassTable::Class& place = table_[table_.number(node.id)];
    const Ticks read = before(kept.age);
    const bool revision_known = node.revision != 0 && place.revision != 0;
    const bool older = revision_known && node.revision < place.revision;
    const bool newer = revision_known && node.revision > place.revision;
    if (older || (place.state != State::unknown && !place.outdated && !newer && read <= place.read))
        return;
    store(node, read);
}

void ClassGraph::take(std::span<const KeptClass> classes) {
    while (!classes.empty()) {
        const auto some = classes.first(std::min(classes.size(), take_at_once));
        classes = classes.subspan(some.size());
        const std::unique_lock lock(mutex_);
        for (const KeptClass& kept : some)
            take_one(kept);
    }
}

/// Takes what is kept of `ids`; returns those that must be read from the source.
ClassGraph::Ids ClassGraph::take_kept(const Ids& ids, Ticks oldest) {
    if (keeper_ == nullptr)
        return ids;
    take(keeper_->find(ids)); // another runner may have read them meanwhile
    Ids left;
    const std::shared_lock lock(mutex_);
    for (const auto& id : ids) {
        const auto number = table_.find(id);
        if (!number || table_[*number].state == State::unknown || table_[*number].outdated ||
            table_[*number].read <= oldest)
            left.push_back(id);
    }
    return left;
}

/// They are as if nothing was above them, for a while, but in the graph alone: the keeper hears
/// nothing of it.
void ClassGraph::take_unreadable(std::span<const source::ReadableLookup> found) {
    const std::unique_lock lock(mutex_);
    const Ticks read = age_ == std::chrono::milliseconds::max() // what is read does not change
                           ? now()
                           : before(age_ - std::min<std::chrono::milliseconds>(age_, lag_patience));
    for (const source::ReadableLookup& each : found) {
        if (each.problem.empty())
            continue;
        store({each.lookup.id, 0, ClassNode::State::missing, {}}, read);
        unreadable_[each.lookup.id] = each.problem;
    }
}

std::string ClassGraph::problem(std::span<const entity::EntityId> classes) const {
    std::unordered_map<entity::EntityId, std::string> unreadable;
    {
        const std::shared_lock lock(mutex_);
        if (unreadable_.empty())
            return {};
        unreadable = unreadable_;
    }
    Walked walked;
    const auto above = ancestry(classes, walked);
    for (const auto& [id, reason] : unreadable) {
        const std::span<const entity::EntityId> wanted(&id, 1);
        for (const entity::EntityId& each : classes)
            if (each == id || above->is_below(each, wanted))
                return reason;
    }
    return {};
}

void ClassGraph::read(const Ids& ids, source::EntitySource& source) {
    const auto found = source::load_or_explain(source, ids);
    take_unreadable(found);
    std::vector<ClassNode> nodes;
    nodes.reserve(ids.size());
    for (std::size_t i = 0; i < ids.size(); ++i) {
        if (!found[i].problem.empty())
            continue;
        const source::Lookup& lookup = found[i].lookup;
        ClassNode node{ids[i], lookup.revision, ClassNode::State::missing, {}};
        const entity::Entity* entity = nullptr;
        if (lookup.state == source::State::redirect) {
            node.state = ClassNode::State::redirect;
            node.superclasses = {lookup.redirect_target};
        } else if (lookup.state == source::State::found &&
                   (entity = lookup.document->find(ids[i])) != nullptr) {
            node.state = ClassNode::State::found;
            node.superclasses = best_links(*entity, subclass_of_);
        }
        nodes.push_back(std::move(node));
    }
    {
        const std::unique_lock lock(mutex_);
        for (const ClassNode& node : nodes) {
            ClassTable::Class& place = table_[table_.number(node.id)];
            const bool older = node.state == ClassNode::State::found && node.revision != 0 &&
                               node.revision < place.revision;
            if (!older) {
                store(node, now());
            } else if (place.state != State::unknown && !place.outdated) {
                place.read = now(); // the source lags behind a document that we had
            } else {
                // no source has the announced revision; a file never will
                place.revision = node.revision;
                store(node, before(age_ - std::min<std::chrono::milliseconds>(age_, lag_patience)));
            }
        }
    }
    if (keeper_ != nullptr && !nodes.empty())
        keeper_->keep(std::move(nodes));
}

/// Goes upwards from `search.open` as far as statements are known; what is not becomes
/// `search.unknown`.
void ClassGraph::climb(Search& search) const {
    search.unknown.clear();
    while (!search.open.empty()) {
        const Number number = search.open.back();
        const ClassTable::Class& each = table_[number];
        search.open.pop_back();
        if ((each.state == State::unknown || each.outdated || each.read <= search.oldest) &&
            !search.loaded.contains(number)) {
            search.unknown.push_back(each.id());
            continue;
        }
        for (const Number above : table_.edges(each))
            if (search.seen.insert(above).second)
                search.open.push_back(above);
    }
}

void ClassGraph::load_above(std::span<const entity::EntityId> classes,
                            source::EntitySource& source) {
    Search search;
    {
        const std::unique_lock lock(mutex_);
        search.oldest = before(age_);
        for (const auto& id : classes) {
            const Number start = table_.number(id);
            const auto answer = answers_.find(start);
            if (answer != answers_.end() && valid(answer->second, search.oldest))
                continue;
            if (search.seen.insert(start).second)
                search.open.push_back(start);
        }
        climb(search);
    }
    while (!search.unknown.empty()) {
        const Ids unknown = std::move(search.unknown);
        if (const Ids left = take_kept(unknown, search.oldest); !left.empty())
            read(left, source);
        const std::unique_lock lock(mutex_);
        for (const auto& id : unknown) {
            const Number number = table_.number(id);
            search.loaded.insert(number);
            search.open.push_back(number);
        }
        climb(search);
    }
}

/// Calls up(superclass, redirect) for each edge. What a redirect leads to is not what is written,
/// and it is followed for one hop, as in Wikibase.
template <typename Up>
void ClassGraph::for_each_step(Number from, const Up& up) const {
    const ClassTable::Class& each = table_[from];
    const bool redirect = each.state == State::redirect;
    for (const Number next : table_.edges(each))
        up(next, redirect);
}

std::int32_t ClassGraph::hash_of(Number number) const {
    const ClassTable::Class& each = table_[number];
    results::EdgesHash hash(each.state == State::missing    ? ClassNode::State::missing
                            : each.state == State::redirect ? ClassNode::State::redirect
                                                            : ClassNode::State::found);
    for (const Number above : table_.edges(each))
        hash.add(table_[above].id());
    return hash.value();
}

const ClassGraph::Answer& ClassGraph::walk(Number start, Ticks oldest) {
    if (answers_size_ > max_remembered) {
        answers_.clear();
        answers_size_ = 0;
    }
    Answer& answer = answers_[start];
    if (valid(answer, oldest))
        return answer;
    auto out = std::make_shared<std::vector<entity::EntityId>>();
    std::unordered_set<Number> above; // what goes out
    std::unordered_set<Number> opened{start};
    std::vector<Number> open{start};
    Ticks first_read = std::numeric_limits<Ticks>::max();
    const auto read_of = [](const ClassTable::Class& of) {
        return of.state == State::unknown || of.outdated ? never : of.read;
    };
    while (!open.empty()) {
        const Number number = open.back();
        open.pop_back();
        first_read = std::min(first_read, read_of(table_[number]));
        for_each_step(number, [&](Number next, bool redirect) {
            if (redirect)
                first_read = std::min(first_read, read_of(table_[next]));
            else if (above.insert(next).second)
                out->push_back(table_[next].id());
            if ((!redirect || table_[next].state != State::redirect) && opened.insert(next).second)
                open.push_back(next);
        });
    }
    std::sort(out->begin(), out->end());
    out->shrink_to_fit();
    if (answer.superclasses != nullptr)
        answers_size_ -= answer.superclasses->size() + answer_frame;
    answers_size_ += out->size() + answer_frame;
    auto walked = std::make_shared<results::WalkedClasses>();
    walked->reserve(opened.size());
    for (const Number number : opened)
        walked->emplace_back(table_[number].id(), hash_of(number));
    answer = {std::move(out), std::move(walked), version_, first_read};
    return answer;
}

std::vector<Superclasses> ClassGraph::superclasses(std::span<const entity::EntityId> classes,
                                                   source::EntitySource& source, Walked& walked) {
    std::vector<Superclasses> out;
    out.reserve(classes.size());
    {
        const std::shared_lock lock(mutex_);
        const Ticks oldest = before(age_);
        for (const auto& id : classes) {
            const auto number = table_.find(id);
            const auto answer = number ? answers_.find(*number) : answers_.end();
            if (answer == answers_.end() || !valid(answer->second, oldest))
                break;
            out.push_back(answer->second.superclasses);
            walked.push_back(answer->second.walked);
        }
    }
    if (out.size() == classes.size())
        return out;
    out.clear();
    walked.clear();
    load_above(classes, source);
    const std::unique_lock lock(mutex_);
    const Ticks oldest = before(age_);
    std::size_t left = max_in_lists;
    for (const auto& id : classes) {
        const Answer& answer = walk(table_.number(id), oldest);
        out.push_back(answer.superclasses);
        walked.push_back(answer.walked);
        if (out.back()->size() > left)
            return {};
        left -= out.back()->size();
    }
    return out;
}

std::shared_ptr<const Ancestry> ClassGraph::ancestry(std::span<const entity::EntityId> classes,
                                                     Walked& walked) const {
    std::vector<entity::EntityId> met;
    std::vector<Ancestry::Step> steps;
    std::unordered_map<Number, std::uint32_t> places;
    std::vector<std::pair<Number, std::uint32_t>> open;
    const std::shared_lock lock(mutex_);
    const auto meet = [&](Number number) {
        const auto [at, is_new] =
            places.try_emplace(number, static_cast<std::uint32_t>(met.size()));
        if (is_new) {
            met.push_back(table_[number].id());
            open.emplace_back(number, at->second);
        }
        return at->second;
    };
    for (const auto& id : classes)
        if (const auto number = table_.find(id))
            (void)meet(*number);
    while (!open.empty()) {
        const auto [number, place] = open.back();
        open.pop_back();
        for_each_step(number, [&, from = place](Number next, bool redirect) {
            if (!redirect || table_[next].state != State::redirect)
                steps.push_back({from, meet(next), redirect});
        });
    }
    auto passed = std::make_shared<results::WalkedClasses>();
    passed->reserve(met.size());
    for (const entity::EntityId& id : met)
        passed->emplace_back(id, hash_of(*table_.find(id)));
    walked.assign(1, std::move(passed));
    return std::make_shared<const Ancestry>(std::move(met), steps);
}

void ClassGraph::forget(std::span<const entity::EntityId> classes) {
    const std::unique_lock lock(mutex_);
    for (const entity::EntityId& id : classes) {
        const auto number = table_.find(id);
        if (!number)
            continue;
        outdate(*number);
        table_[*number].revision = 0; // whatever the store or the wiki says is taken
    }
}

/// The edges stay until the new ones are here.
void ClassGraph::outdate(Number number) {
    ClassTable::Class& place = table_[number];
    if (place.state == State::unknown || place.outdated)
        return;
    place.outdated = true;
    ++version_;
}

void ClassGraph::changed(const entity::EntityId& id, std::uint64_t revision,
                         const entity::Entity* entity) {
    const std::unique_lock lock(mutex_);
    const auto number = table_.find(id);
    if (!number)
        return;
    ClassTable::Class& place = table_[*number];
    const bool of_document = place.state == State::found && !place.outdated;
    const bool was_gone = place.state == State::missing || place.state == State::redirect;
    if (revision != 0 && !(was_gone && entity != nullptr) &&
        (of_document ? place.revision >= revision : place.revision > revision))
        return;
    if (was_gone && entity != nullptr)
        place.revision = 0; // what was restored may have a lower one
    if (entity != nullptr) {
        store({id, revision, ClassNode::State::found, best_links(*entity, subclass_of_)}, now());
        return;
    }
    outdate(*number);
    if (place.state != State::unknown)
        place.revision = std::max(place.revision, revision);
}

void ClassGraph::gone(const entity::EntityId& id,
                      const std::optional<entity::EntityId>& redirect_target) {
    const std::unique_lock lock(mutex_);
    if (!table_.find(id))
        return;
    if (redirect_target)
        store({id, 0, ClassNode::State::redirect, {*redirect_target}}, now());
    else
        store({id, 0, ClassNode::State::missing, {}}, now());
}

bool ClassGraph::contains(const entity::EntityId& id) const {
    const std::shared_lock lock(mutex_);
    return table_.find(id).has_value();
}

ClassGraph::Size ClassGraph::size() const {
    const std::shared_lock lock(mutex_);
    return {table_.size(), table_.edge_count(), table_.bytes()};
}

} // namespace runner::facts
