// SPDX-License-Identifier: GPL-2.0-or-later
// See engine.hpp.
#include "checks/engine.hpp"

#include "checks/contexts.hpp"
#include "checks/distinct_values.hpp"
#include "checks/entity_check.hpp"
#include "checks/own_results.hpp"
#include "checks/property_cache.hpp"
#include "checks/time_math.hpp"
#include "checks/unit_converter.hpp"
#include "checks/wanted.hpp"
#include "facts/seen_by_others.hpp"
#include "facts/title_cache.hpp"
#include "results/json.hpp"

#include <algorithm>
#include <ctime>

namespace runner::checks {

struct Engine::Impl {
    config::WikiSettings wiki;
    EngineOptions options;
    constraints::Vocabulary vocabulary;
    UnitConverter units;
    CheckSettings settings; ///< refers to the members above
    PropertyCache properties;
    facts::EntityCache entities;
    facts::ClassGraph classes;

    Impl(const config::WikiSettings& w, const EngineOptions& o)
        : wiki(w), options(o), vocabulary(wiki.ids),
          units(wiki.unit_conversion_json != nullptr
                    ? UnitConverter(*wiki.unit_conversion_json, "the wiki's unitStorage",
                                    wiki.concept_base_uri)
                    : UnitConverter(wiki.unit_conversion, wiki.concept_base_uri,
                                    "wiki." + wiki.id + ".unit_conversion")),
          settings{wiki, vocabulary, units, options.now, options.commons_titles.get()},
          properties(settings, o.property_cache_size, o.property_cache_age),
          entities(o.entity_cache_bytes, o.entity_cache_age,
                   vocabulary.property(config::ConstraintId::PropertyConstraint),
                   wiki.has(config::Extra::types)),
          classes(vocabulary.property(config::ConstraintId::SubclassOf), o.class_age,
                  o.class_keeper) {}

    /// With the clock read now, if it is the system's.
    [[nodiscard]] CheckSettings settings_now() const {
        CheckSettings now = settings;
        now.max_result_bytes = options.max_result_bytes;
        if (options.now == 0)
            now.now = std::time(nullptr);
        return now;
    }
};

namespace {

/// The properties whose constraints are checked, sorted.
std::vector<entity::PropertyId> properties_used(const entity::Entity& entity,
                                                const config::WikiSettings& wiki) {
    std::vector<entity::PropertyId> out;
    for_each_context(entity, wiki,
                     [&](ContextType, const entity::Statement&, const entity::Reference*,
                         const entity::Snak& snak) {
                         if (out.empty() || out.back() != snak.property)
                             out.push_back(snak.property);
                     });
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
}

/// Looks up other entities with the values of the entity in the index.
void gather_sharers(Gathered& gathered, const config::WikiSettings& wiki,
                    facts::ValueIndex& index) {
    using results::IndexedValue;
    const OwnValues own = own_values(gathered, wiki);
    std::vector<results::ValueKey> keys; // sorted
    for (const OwnValue& value : own.values)
        if (value.asked)
            keys.push_back(value.key);
    std::vector<std::vector<entity::EntityId>> others;
    if (!keys.empty())
        others = index.others(gathered.entity->id, keys);
    auto answer = others.begin();
    for (const OwnValue& value : own.values) {
        std::uint64_t named = IndexedValue::not_asked;
        if (value.asked) {
            results::EntitySetHash hash;
            for (const entity::EntityId& other : *answer++)
                hash.add(other.to_string());
            named = hash.value();
        }
        if (value.indexed)
            gathered.values.push_back({value.key, value.property, named});
        else
            gathered.values.push_back(
                {results::asking(value.key), value.property, named | IndexedValue::only_asks});
    }
    std::sort(gathered.values.begin(), gathered.values.end(),
              [](const IndexedValue& a, const IndexedValue& b) { return a.key < b.key; });

    std::vector<facts::Sharers> sharers;
    for (const Question& question : own.questions) {
        const auto at = std::lower_bound(keys.begin(), keys.end(), question.key) - keys.begin();
        if (!others[static_cast<std::size_t>(at)].empty())
            sharers.push_back(
                {question.snak, question.constraint, others[static_cast<std::size_t>(at)]});
    }
    gathered.facts.set_sharers(std::move(sharers));
}

std::uint64_t revision_of(const entity::EntityId& id, const Gathered& gathered) {
    if (id == gathered.entity->id)
        return gathered.revision;
    if (id.type == entity::EntityType::property)
        if (const PropertyChecks* property = gathered.property({id.number}))
            return property->revision();
    return gathered.facts.revision(id);
}

/// What the check has read of other entities: first those that the result names, then the rest.
std::vector<results::Dependency> dependencies_of(const EntityCheck& check, const Gathered& gathered,
                                                 std::uint64_t own) {
    std::vector<results::Dependency> out;
    out.reserve(check.dependencies.size());
    const auto observed = gathered.facts.observed();
    std::vector<facts::Observation> seen(observed.begin(), observed.end());
    for (const auto& property : gathered.properties)
        seen.push_back({property->id().entity_id(), property->revision(), property->seen()});
    // of a property that is linked too, what is seen of it by those that link to it, the more
    std::stable_sort(seen.begin(), seen.end(),
                     [](const auto& a, const auto& b) { return a.id < b.id; });
    for (std::size_t i = 1; i < seen.size(); ++i)
        if (seen[i - 1].id == seen[i].id && seen[i - 1].by_constraints != seen[i].seen)
            seen[i - 1].seen = facts::seen_unreadable; // of two revisions: to be checked again
    seen.erase(std::unique(seen.begin(), seen.end(),
                           [](const auto& a, const auto& b) { return a.id == b.id; }),
               seen.end());
    std::vector<bool> named(seen.size(), false);
    for (const auto& id : check.dependencies) {
        results::Dependency& dependency = out.emplace_back();
        dependency.id = id;
        dependency.revision = revision_of(id, gathered);
        if (id == gathered.entity->id) {
            dependency.seen = own;
            continue;
        }
        const auto at =
            std::lower_bound(seen.begin(), seen.end(), id,
                             [](const facts::Observation& a, const entity::EntityId& wanted) {
                                 return a.id < wanted;
                             });
        if (at == seen.end() || at->id != id)
            continue;
        dependency.seen = at->seen;
        dependency.redirect = at->redirect;
        named[static_cast<std::size_t>(at - seen.begin())] = true;
    }
    for (std::size_t i = 0; i < seen.size(); ++i)
        if (!named[i] && seen[i].id != gathered.entity->id)
            out.push_back({seen[i].id, seen[i].revision, seen[i].seen, false, seen[i].redirect});
    return out;
}

/// The first time that makes another result, of WBQC's checks or of the runner's own.
std::optional<std::int64_t> changes_at(const EntityCheck& check) {
    std::optional<std::int64_t> at;
    if (check.future_time)
        at = database_time(timestamp(*check.future_time));
    if (check.own != nullptr && check.own->changes_at != 0)
        if (const auto own = database_time(check.own->changes_at); own && (!at || *own < *at))
            at = own;
    return at;
}

template <typename Select>
void append_results(std::string& out, const EntityCheck& check, Select select) {
    out += '[';
    bool first = true;
    for (const CheckResult& result : check.results) {
        if (!select(result))
            continue;
        if (!first)
            out += ',';
        first = false;
        append_json(out, check, result);
    }
    out += ']';
}

void append_future_time(std::string& out, const EntityCheck& check) {
    if (check.future_time) {
        out += ",\"futureTime\":";
        results::append_json(out, *check.future_time);
    }
}

/// The properties of mediainfo are often another wiki's: one that is nowhere can't be told from one
/// that was asked for in the wrong place, and has not "no constraints".
std::vector<std::shared_ptr<const PropertyChecks>>
refuse_missing(std::vector<std::shared_ptr<const PropertyChecks>> properties) {
    for (auto& each : properties)
        if (!each->exists() && each->problem().empty())
            each = std::make_shared<const PropertyChecks>(
                each->id(), each->id_text() + " can't be read: this wiki does not have it (see the "
                                              "setting wiki.*.properties)");
    return properties;
}

} // namespace

Engine::Engine(const config::WikiSettings& wiki, EngineOptions options)
    : impl_(std::make_unique<Impl>(wiki, options)) {}

Engine::~Engine() = default;

Gathered Engine::gather(entity::EntityPtr document, const entity::EntityId& id,
                        std::uint64_t revision, source::EntitySource& source) {
    Gathered out;
    out.entity = document->find(id);
    if (out.entity == nullptr)
        throw base::DataError("the document of " + document->entity().id.to_string() +
                              " does not contain " + id.to_string());
    out.document = std::move(document);
    out.asked = id;
    out.revision = revision;
    const auto used = properties_used(*out.entity, impl_->wiki);
    if (!used.empty())
        out.properties = impl_->properties.get(used, source);
    // without a source a property of one's own may only not have been sent yet
    if (out.entity->id.type == entity::EntityType::mediainfo &&
        (impl_->wiki.source != config::SourceKind::none || !impl_->wiki.properties.empty()))
        out.properties = refuse_missing(std::move(out.properties));

    const EngineOptions& options = impl_->options;
    const bool with_titles = options.titles != nullptr && options.commons_titles == nullptr;
    Wanted wanted = wanted_of(out, impl_->wiki, with_titles);
    if (!wanted.titles.empty()) {
        auto answers = options.titles->look_up(wanted.titles);
        out.facts.set_titles(std::move(wanted.titles), std::move(answers.states),
                             std::move(answers.problem));
    }
    if (wanted.lexeme && out.document->find(id.page()) == nullptr)
        wanted.values.push_back(id.page());
    if (!wanted.values.empty()) {
        std::vector<facts::Observation> observed;
        out.facts.set_targets(impl_->entities.get(wanted.values, source, observed));
        if (impl_->wiki.has(config::Extra::redirects))
            if (const auto links = wanted_links(out, impl_->wiki); !links.empty())
                out.facts.add_targets(impl_->entities.get(links, source, observed));
        out.facts.set_observed(std::move(observed));
    }
    std::vector<entity::EntityId> classes;
    const auto add_classes = [&](const entity::Entity& of) {
        for (const auto relation :
             {config::ConstraintId::InstanceOf, config::ConstraintId::SubclassOf})
            for (const auto& link : facts::best_links(of, impl_->vocabulary.property(relation)))
                classes.push_back(link);
    };
    if (wanted.subject_classes)
        add_classes(*out.entity);
    for (const auto& value : wanted.classified)
        if (const entity::Entity* target = out.facts.target(value))
            add_classes(*target);
    keep_unique(classes);
    if (!classes.empty()) {
        auto superclasses = impl_->classes.superclasses(classes, source, out.walked);
        if (superclasses.empty())
            out.facts.set_ancestry(impl_->classes.ancestry(classes, out.walked));
        std::vector<std::pair<entity::EntityId, facts::Superclasses>> pairs;
        pairs.reserve(superclasses.size());
        for (std::size_t i = 0; i < superclasses.size(); ++i)
            pairs.emplace_back(classes[i], std::move(superclasses[i]));
        out.facts.set_superclasses(std::move(pairs));
        out.facts.set_class_problem(impl_->classes.problem(classes));
    }
    out.classes = std::move(classes);
    out.is_class = impl_->classes.contains(id);
    if (impl_->options.values != nullptr)
        gather_sharers(out, impl_->wiki, *impl_->options.values);
    return out;
}

std::vector<facts::CollectedValue> Engine::values_of(const entity::EntityPtr& document,
                                                     const entity::Entity& entity,
                                                     source::EntitySource& source) {
    Gathered gathered;
    gathered.document = document;
    gathered.entity = &entity;
    const auto used = properties_used(*gathered.entity, impl_->wiki);
    std::vector<facts::CollectedValue> out;
    if (used.empty())
        return out;
    gathered.properties = impl_->properties.get(used, source);
    for (const OwnValue& value : own_values(gathered, impl_->wiki).values)
        out.push_back({value.key, value.indexed});
    return out;
}

void Engine::entity_changed(const entity::EntityId& id, std::uint64_t revision,
                            const entity::EntityPtr& document) {
    if (id.type == entity::EntityType::property)
        property_changed({id.number}, revision, document);
    impl_->entities.changed(id, revision);
    impl_->classes.changed(id, revision, document != nullptr ? document->find(id) : nullptr);
}

void Engine::entity_gone(const entity::EntityId& id,
                         const std::optional<entity::EntityId>& redirect_target) {
    if (id.type == entity::EntityType::property)
        impl_->properties.changed({id.number}, 0, nullptr);
    impl_->entities.changed(id, 0);
    impl_->classes.gone(id, redirect_target);
}

void Engine::forget(std::span<const entity::EntityId> ids) {
    for (const entity::EntityId& id : ids) {
        if (id.type == entity::EntityType::property)
            impl_->properties.changed({id.number}, 0, nullptr);
        impl_->entities.changed(id, 0);
    }
}

void Engine::forget_classes(std::span<const entity::EntityId> classes) {
    impl_->classes.forget(classes);
}

void Engine::take_classes(std::span<const results::KeptClass> classes) {
    impl_->classes.take(classes);
}

PropertyCounts Engine::property_counts() const noexcept { return impl_->properties.counts(); }

const facts::ClassGraph& Engine::classes() const noexcept { return impl_->classes; }

const PropertyChecks* Gathered::property(entity::PropertyId id) const noexcept {
    const auto at = std::lower_bound(
        properties.begin(), properties.end(), id,
        [](const auto& checks, entity::PropertyId wanted) { return checks->id() < wanted; });
    return at != properties.end() && (*at)->id() == id ? at->get() : nullptr;
}

void Engine::property_changed(entity::PropertyId id, std::uint64_t revision,
                              const entity::EntityPtr& document) {
    impl_->properties.changed(id, revision, document);
}

std::map<std::string, std::vector<std::string>> Engine::unknown_types(const Gathered& gathered) {
    std::map<std::string, std::vector<std::string>> out;
    for (const auto& property : gathered.properties)
        if (property->has_unknown())
            for (const PreparedConstraint& each : property->constraints())
                if (each.row == nullptr && !each.constraint.malformed)
                    out[std::string(each.constraint.type)].emplace_back(each.constraint.id);
    return out;
}

EntityCheck Engine::run(const Gathered& gathered) const {
    const CheckSettings settings = impl_->settings_now();
    EntityCheck check = check_entity(gathered, settings, impl_->options.clock);
    if (!impl_->wiki.extras.empty())
        add_own_checks(check, gathered, settings, impl_->options.clock);
    if (impl_->options.times != nullptr) {
        impl_->options.times->add(check);
        if (check.own != nullptr)
            impl_->options.times->add(*check.own);
    }
    log_slow(check);
    return check;
}

results::StoredResult Engine::check(const Gathered& gathered) const {
    const EntityCheck check = run(gathered);
    results::StoredResult out;
    out.entity = check.entity;
    out.revision = gathered.revision;
    out.wbqc = check.wbqc;
    out.counts = check.counts;
    out.incomplete = check.incomplete;
    out.violations = violations_of(check);
    out.own = own_json(check);
    out.values = gathered.values;
    const entity::PropertyId property_constraint =
        impl_->vocabulary.property(config::ConstraintId::PropertyConstraint);
    const bool lexical_category = impl_->wiki.has(config::Extra::types);
    const std::uint64_t seen =
        facts::seen_by_others(*gathered.entity, property_constraint, lexical_category);
    out.seen = seen;
    if (gathered.entity->id.type == entity::EntityType::property)
        out.seen_linked =
            facts::seen_when_linked(*gathered.entity, property_constraint, lexical_category);
    out.dependencies = dependencies_of(check, gathered, seen);
    out.checked_classes = gathered.classes;
    out.walked = gathered.walked;
    out.classes = facts::best_links(*gathered.entity,
                                    impl_->vocabulary.property(config::ConstraintId::InstanceOf));

    out.is_class = gathered.is_class;
    out.class_node = {gathered.entity->id, gathered.revision, results::ClassNode::State::found,
                      facts::best_links(*gathered.entity, impl_->classes.subclass_of())};

    // about what follows: growing a large text would hold it twice
    out.value.reserve(256 + 90 * check.contexts.size() + 400 * out.violations.size());
    out.value = "{\"results\":";
    append_results(out.value, check, [](const CheckResult& result) {
        return result.constraint == nullptr || results::is_stored(result.status);
    });
    out.value += ",\"latestRevisionIds\":{";
    bool first = true;
    for (const results::Dependency& dependency : out.dependencies) {
        if (!dependency.named)
            break; // the others follow
        out.value += first ? "\"" : ",\"";
        first = false;
        dependency.id.append_to(out.value);
        out.value += "\":" + std::to_string(dependency.revision);
    }
    out.value += '}';
    append_future_time(out.value, check);
    out.value += '}';
    out.changes_at = changes_at(check);
    return out;
}

std::string Engine::all_results(const Gathered& gathered) const {
    const EntityCheck check = run(gathered);
    std::string out;
    append_results(out, check, [](const CheckResult&) { return true; });
    return out;
}

void Engine::append_line(const EntityCheck& check, std::string& out) {
    out += "{\"entity\":\"";
    check.asked.append_to(out);
    out += "\",\"results\":";
    append_results(out, check, [](const CheckResult&) { return true; });
    std::vector<std::string> dependencies;
    for (const auto& id : check.dependencies)
        dependencies.push_back(id.to_string());
    std::sort(dependencies.begin(), dependencies.end());
    out += ",\"dependencies\":[";
    for (const auto& id : dependencies)
        out += (&id == &dependencies.front() ? "\"" : ",\"") + id + "\"";
    out += ']';
    append_future_time(out, check);
    if (const std::string own = own_json(check); !own.empty())
        out.append(",\"own\":").append(own);
    out.append(",\"wbqc\":\"").append(check.wbqc).append("\"}");
}

void Engine::missing_to_line(const entity::EntityId& id, std::string& out) {
    const std::string text = id.to_string();
    out += "{\"entity\":\"" + text + R"(","results":[{"|":{"t":"\\entity","i":")" + text +
           R"("},"0":1}],"dependencies":[")" + text + "\"]}";
}

} // namespace runner::checks
