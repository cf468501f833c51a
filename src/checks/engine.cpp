// SPDX-License-Identifier: GPL-2.0-or-later
// See engine.hpp.
#include "checks/engine.hpp"

#include "checks/entity_check.hpp"
#include "checks/property_cache.hpp"
#include "checks/unit_converter.hpp"
#include "results/json.hpp"

#include <algorithm>
#include <ctime>
#include <map>

namespace runner::checks {

struct Engine::Impl {
    config::WikiSettings wiki;
    EngineOptions options;
    constraints::Vocabulary vocabulary;
    UnitConverter units;
    CheckSettings settings; ///< refers to the members above
    PropertyCache properties;

    Impl(const config::WikiSettings& w, EngineOptions o)
        : wiki(w), options(o), vocabulary(wiki.ids),
          units(wiki.unit_conversion, wiki.concept_base_uri),
          settings{wiki, vocabulary, units, o.now},
          properties(settings, o.property_cache_size, o.property_cache_age) {}

    /// With the clock read now, if it is the system's.
    [[nodiscard]] CheckSettings settings_now() const {
        return {wiki, vocabulary, units, options.now != 0 ? options.now : std::time(nullptr)};
    }
};

namespace {

/// The properties whose constraints are checked, sorted.
std::vector<entity::PropertyId> properties_used(const entity::Entity& entity,
                                                const config::WikiSettings& wiki) {
    std::vector<entity::PropertyId> out;
    const auto add = [&](entity::PropertyId id) {
        if (out.empty() || out.back() != id)
            out.push_back(id);
    };
    for (const entity::Statement& statement : entity.statements) {
        add(statement.main.property);
        if (wiki.check_qualifiers)
            for (const entity::Snak& qualifier : statement.qualifiers)
                add(qualifier.property);
        if (wiki.check_references)
            for (const entity::Reference& reference : statement.references)
                for (const entity::Snak& snak : reference.snaks)
                    add(snak.property);
    }
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
}

std::uint64_t revision_of(const entity::EntityId& id, const Gathered& gathered) {
    if (id == gathered.entity->id)
        return gathered.revision;
    for (const auto& property : gathered.properties)
        if (property->id().entity_id() == id)
            return property->revision();
    return 0;
}

/// One row per statement and constraint: several contexts of a statement count once, with the
/// gravest status.
std::vector<results::Violation> violations_of(const EntityCheck& check) {
    std::map<std::pair<std::string_view, std::string_view>, const CheckResult*> pairs;
    for (const CheckResult& result : check.results) {
        if (result.constraint == nullptr || !results::is_stored(result.status))
            continue;
        // results are sorted, the gravest first
        pairs.emplace(std::pair{check.contexts[result.context].statement->guid,
                                result.constraint->constraint.id},
                      &result);
    }
    std::vector<results::Violation> out;
    out.reserve(pairs.size());
    for (const auto& [pair, result] : pairs) {
        const auto& constraint = result->constraint->constraint;
        out.push_back({std::string{pair.first}, std::string{pair.second}, constraint.property,
                       constraint.type, result->status,
                       result->message == CheckResult::no_message
                           ? std::string{}
                           : std::string{check.messages[result->message].key()}});
    }
    return out;
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
                              " does not hold " + id.to_string());
    out.document = std::move(document);
    out.asked = id;
    out.revision = revision;
    const auto used = properties_used(*out.entity, impl_->wiki);
    if (!used.empty())
        out.properties = impl_->properties.get(used, source);
    return out;
}

void Engine::property_changed(entity::PropertyId id, std::uint64_t revision,
                              const entity::EntityPtr& document) {
    impl_->properties.changed(id, revision, document);
}

EntityCheck Engine::run(const Gathered& gathered) const {
    return check_entity(gathered, impl_->settings_now());
}

results::StoredResult Engine::check(const Gathered& gathered) const {
    const EntityCheck check = run(gathered);
    results::StoredResult out;
    out.entity = check.entity;
    out.revision = gathered.revision;
    out.counts = check.counts;
    out.incomplete = check.incomplete;
    out.violations = violations_of(check);
    out.dependencies.reserve(check.dependencies.size());
    for (const auto& id : check.dependencies)
        out.dependencies.push_back({id, revision_of(id, gathered)});

    out.value = "{\"results\":";
    append_results(out.value, check, [](const CheckResult& result) {
        return result.constraint == nullptr || results::is_stored(result.status);
    });
    out.value += ",\"latestRevisionIds\":{";
    bool first = true;
    for (const auto& [id, revision] : out.dependencies) {
        out.value += first ? "\"" : ",\"";
        first = false;
        id.append_to(out.value);
        out.value += "\":" + std::to_string(revision);
    }
    out.value += '}';
    append_future_time(out.value, check);
    out.value += '}';
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
    out += '}';
}

void Engine::missing_to_line(const entity::EntityId& id, std::string& out) {
    const std::string text = id.to_string();
    out += "{\"entity\":\"" + text + R"(","results":[{"|":{"t":"\\entity","i":")" + text +
           R"("},"0":1}],"dependencies":[")" + text + "\"]}";
}

} // namespace runner::checks
