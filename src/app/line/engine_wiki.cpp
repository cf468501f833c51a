// SPDX-License-Identifier: GPL-2.0-or-later
// The real Wiki: the document of the job or the wiki's source, and the engine.
#include "app/line/engine_wiki.hpp"

#include "app/line/asked_wiki.hpp"
#include "app/line/kept_source.hpp"
#include "app/proof/verifier.hpp"
#include "base/error.hpp"
#include "checks/property_checks.hpp"
#include "config/fingerprint.hpp"
#include "facts/seen_by_others.hpp"
#include "source/ask_settings.hpp"
#include "source/source_factory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace runner::app {

namespace {

class EngineWiki final : public Wiki {
public:
    EngineWiki(const config::WikiSettings& settings, const config::WorkerSettings& workers,
               const WikiParts& parts)
        : settings_(settings), fingerprint_(config::fingerprint(settings)), kept_(parts.kept),
          source_(kept_ != nullptr ? kept_ : source_of(settings, parts)), verifier_(parts.verifier),
          titles_(facts::make_title_cache(settings)),
          engine_(settings_,
                  {.property_cache_size = workers.property_cache_size,
                   .entity_cache_bytes = static_cast<std::size_t>(workers.entity_cache_bytes),
                   .max_result_bytes = static_cast<std::size_t>(workers.max_result_bytes),
                   .class_age = class_age(settings),
                   .class_keeper = parts.classes,
                   .titles = titles_,
                   .values = parts.values,
                   .times = parts.check_times}) {
        if (parts.workers != nullptr)
            php_.emplace(parts.workers);
    }

    PageInput gather(const store::Lease& job) override {
        PageInput input;
        input.settings = fingerprint_;
        input.basis = settings_.asks_wiki() ? store::Basis::answer : store::Basis::files;
        entity::EntityPtr document;
        if (job.document && (!settings_.asks_wiki() || job.document_is_current())) {
            document = entity::parse_entity(*job.document);
            if (document->entity().id != job.key.entity)
                throw base::DataError(
                    fmt::format("the document describes {}", document->entity().id.to_string()));
            input.revision = std::max(job.document_revision, document->entity().revision);
            if (settings_.asks_wiki())
                input.basis = store::Basis::document;
        } else {
            const source::Lookup found = look_up(job, input.basis);
            if (found.state != source::State::found) {
                input.revision = std::max(found.revision, job.revision);
                note_gone(job.key.entity, found, input);
                return input;
            }
            document = found.document;
            input.revision = std::max(found.revision, document->entity().revision);
            if (!settings_.asks_wiki() && input.revision < job.revision && input.revision != 0)
                throw source::SourceUnavailable(fmt::format(
                    "the source still has revision {}, not {}", input.revision, job.revision));
        }
        if (input.revision == 0)
            input.revision = job.revision;
        input.kept_properties = kept_ != nullptr;
        const bool is_property = job.key.entity.type == entity::EntityType::property;
        if (kept_ != nullptr && is_property) // before the result, which others are compared with
            kept_->keep(job.key.entity, input.revision, *job.document);
        engine_.entity_changed(job.key.entity, input.revision, document);
        std::vector<entity::EntityId> ids{job.key.entity};
        for (const auto& parts : {document->entity().forms, document->entity().senses})
            for (const entity::Entity& part : parts)
                ids.push_back(part.id);
        for (const entity::EntityId& id : ids) {
            Input& each = input.entities.emplace_back();
            each.gathered = engine_.gather(document, id, input.revision, *source_);
            if (php_)
                ask_wbqc(each);
        }
        if (kept_ != nullptr && !is_property && lacks_properties(input))
            kept_->keep(job.key.entity, input.revision, *job.document);
        return input;
    }

    results::StoredResult check(const Input& input) override {
        results::StoredResult result = engine_.check(input.gathered);
        if (input.php)
            add_results(result, *input.php);
        if (!input.php_problem.empty())
            result.incomplete.push_back(input.php_problem);
        if (verifier_ != nullptr && result.incomplete.empty() && verifier_->wanted())
            verify(input.gathered, result);
        return result;
    }

    void forget(std::span<const entity::EntityId> entities) override { engine_.forget(entities); }
    void forget_classes(std::span<const entity::EntityId> classes) override {
        engine_.forget_classes(classes);
    }

    void entity_changed(const entity::EntityId& entity, std::uint64_t revision) override {
        engine_.entity_changed(entity, revision);
    }

    void take_classes(std::span<const results::KeptClass> classes) override {
        engine_.take_classes(classes);
    }

    facts::ClassGraph::Size class_graph_size() const override { return engine_.classes().size(); }

    bool has_source() const noexcept override {
        return settings_.source != config::SourceKind::none;
    }

    std::optional<std::uint64_t> current_revision(const entity::EntityId& entity) override {
        if (!has_source())
            return std::nullopt;
        const std::array<entity::EntityId, 1> ids{entity.page()};
        const source::Lookup found = source_->load(ids).at(0);
        return found.state == source::State::found
                   ? std::max(found.revision, found.document->entity().revision)
                   : 0;
    }

    checks::PropertyCounts property_counts() const override { return engine_.property_counts(); }

    std::string settings_fingerprint() const override { return fingerprint_; }

    std::string concept_base_uri() override { return settings_.concept_base_uri; }

    bool ask_settings_again() override { return false; }

    bool has_extras() const override { return !settings_.extras.empty(); }

    std::optional<facts::TitleCounts> title_counts() const override {
        return titles_ ? std::optional(titles_->counts()) : std::nullopt;
    }

private:
    static std::shared_ptr<source::EntitySource> source_of(const config::WikiSettings& settings,
                                                           const WikiParts& parts) {
        return source::make_source_or_wait(settings, parts.workers, parts.other.get(),
                                           parts.other_workers);
    }

    /// Then it is checked again when they come.
    static bool lacks_properties(const PageInput& input) {
        return std::any_of(input.entities.begin(), input.entities.end(), [](const Input& each) {
            const auto& properties = each.gathered.properties;
            return std::any_of(properties.begin(), properties.end(),
                               [](const auto& property) { return !property->exists(); });
        });
    }

    /// Without a source documents are all that there is to know: then classes do not grow old.
    static std::chrono::milliseconds class_age(const config::WikiSettings& settings) {
        return settings.source == config::SourceKind::none ? std::chrono::milliseconds::max()
                                                           : settings.class_age;
    }

    void note_gone(const entity::EntityId& id, const source::Lookup& found, PageInput& input) {
        input.was_class = engine_.classes().contains(id);
        input.gone = {id, input.revision, results::ClassNode::State::missing, {}};
        std::optional<entity::EntityId> target;
        if (found.state == source::State::redirect) {
            target = found.redirect_target;
            input.gone.state = results::ClassNode::State::redirect;
            input.gone.superclasses = {*target};
            input.seen = facts::seen_of_redirect(*target);
        }
        engine_.entity_gone(id, target);
    }

    /// Constraints of types that only WBQC knows are checked by it; when it can't now, the rest is
    /// stored and marked as incomplete.
    void ask_wbqc(Input& input) {
        const auto unknown = checks::Engine::unknown_types(input.gathered);
        if (unknown.empty())
            return;
        const entity::EntityId& id = input.gathered.asked;
        try {
            std::vector<std::string> constraints;
            for (const auto& [type, ids] : unknown)
                if (php_->knows(type))
                    constraints.insert(constraints.end(), ids.begin(), ids.end());
            if (constraints.empty())
                return;
            PhpCheck check = php_->check(id, constraints);
            if (check.state != source::State::found || check.revision != input.gathered.revision)
                throw php::WorkersUnavailable("the entity is being edited");
            input.php = std::move(check);
        } catch (const php::WorkersUnavailable& error) {
            input.php_problem =
                fmt::format("constraint types that WBQC must check: {}", error.what());
        }
    }

    void verify(const checks::Gathered& gathered, const results::StoredResult& result) {
        NativeCheck check;
        check.entity = result.entity;
        check.revision = result.revision;
        check.all_results = engine_.all_results(gathered);
        check.dependencies = result.dependencies;
        verifier_->verify(std::move(check));
    }

    source::Lookup look_up(const store::Lease& job, store::Basis& basis) {
        if (!has_source())
            throw base::DataError(
                fmt::format("the job has no document, and [wiki.{}] has no source", settings_.id));
        const std::array<entity::EntityId, 1> ids{job.key.entity};
        if (!settings_.asks_wiki())
            return source_->load(ids, job.revision).at(0);
        source::Lookup found = source_->load(ids).at(0);
        if (found.state != source::State::found || found.revision >= job.revision ||
            job.known.newest >= job.revision || job.known.ask_always || job.attempts > 2)
            return found;
        // a cache of the wiki may lag: ask for the revision that was announced. It may not be the
        // present one any more, or may never have been.
        try {
            source::Lookup announced = source_->load(ids, job.revision).at(0);
            if (announced.state == source::State::found) {
                if (announced.revision == job.revision)
                    basis = store::Basis::document;
                return announced;
            }
        } catch (const source::SourceUnavailable&) {
            // what the wiki has is stored, and the job comes again
        }
        return found;
    }

    const config::WikiSettings settings_;
    const std::string fingerprint_;          ///< with the unit conversion that engine_ has
    const std::shared_ptr<KeptSource> kept_; ///< null: the wiki has a source
    const std::shared_ptr<source::EntitySource> source_;
    std::optional<PhpEngine> php_;
    const std::shared_ptr<Verifier> verifier_;
    const std::shared_ptr<facts::TitleCache> titles_; ///< null: Commons is not asked
    checks::Engine engine_;
};

} // namespace

std::unique_ptr<Wiki> make_engine_wiki(const config::WikiSettings& settings,
                                       const config::WorkerSettings& workers,
                                       const WikiParts& parts) {
    return std::make_unique<EngineWiki>(settings, workers, parts);
}

std::unique_ptr<Wiki> make_wiki(const config::WikiSettings& settings,
                                const config::WorkerSettings& workers, WikiParts parts) {
    if (source::can_ask_settings(settings))
        return make_asked_wiki(settings, workers, std::move(parts));
    return make_engine_wiki(settings, workers, parts);
}

} // namespace runner::app
