// SPDX-License-Identifier: GPL-2.0-or-later
// One wiki as the jobs see it: the source of its entities and the engine that checks them,
// behind an interface that tests can fake.
#pragma once

#include "app/proof/php_engine.hpp"
#include "checks/engine.hpp"
#include "config/settings.hpp"
#include "facts/title_cache.hpp"
#include "results/stored_result.hpp"
#include "store/jobs/job.hpp"
#include "store/results/result_store.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace runner::app {

class KeptSource;
class Verifier;

/// All that checking one entity needs.
struct Input {
    checks::Gathered gathered;
    std::optional<PhpCheck> php; ///< of the constraints that are not checked natively
    std::string php_problem;     ///< why there is none, though there are such constraints
    std::shared_ptr<class Wiki> gathered_by; ///< whose settings it was gathered with; else null
};

/// All that checking a page needs: its entity and, of a lexeme, the forms and senses.
struct PageInput {
    std::uint64_t revision = 0;
    std::string settings; ///< the fingerprint of those that it was gathered with
    store::Basis basis = store::Basis::files;
    std::vector<Input> entities; ///< the page's own first; empty: the page is missing or a redirect
    std::optional<std::uint64_t> seen; ///< of a page that is gone: what others see of it
    results::ClassNode gone;           ///< what became of it as a class, when `entities` is empty
    bool was_class = false;
    bool kept_properties = false; ///< properties come from the documents of jobs, of all runners
};

/// Thread-safe.
class Wiki {
public:
    virtual ~Wiki() = default;

    /// Loads the page of the job (from its document, while that can be current, or the source) and
    /// what its checks need. Throws source::SourceUnavailable when a retry may help,
    /// base::DataError when not: a document that can't be read, or neither a document nor a source.
    [[nodiscard]] virtual PageInput gather(const store::Lease& job) = 0;
    /// No I/O; may pass a sample to the verifier. Throws only on bugs.
    [[nodiscard]] virtual results::StoredResult check(const Input& input) = 0;
    /// Invalidates cached data of these entities.
    virtual void forget(std::span<const entity::EntityId> entities) = 0;
    /// Invalidates these classes in the graph.
    virtual void forget_classes(std::span<const entity::EntityId> classes) = 0;
    /// Some runner checked this revision of the entity: older cached data is stale.
    virtual void entity_changed(const entity::EntityId& entity, std::uint64_t revision) = 0;
    /// Adds the database's class graph, in pieces.
    virtual void take_classes(std::span<const results::KeptClass> classes) = 0;
    [[nodiscard]] virtual facts::ClassGraph::Size class_graph_size() const = 0;
    /// Whether entities can be loaded without a document in the job.
    [[nodiscard]] virtual bool has_source() const noexcept = 0;
    /// The revision that the source has now (0: missing); empty when there is no source to ask.
    /// Throws source::SourceUnavailable.
    [[nodiscard]] virtual std::optional<std::uint64_t>
    current_revision(const entity::EntityId& entity) = 0;
    /// Statistics of requests to Commons; empty if unused.
    [[nodiscard]] virtual std::optional<facts::TitleCounts> title_counts() const {
        return std::nullopt;
    }
    /// Of what was read since the start.
    [[nodiscard]] virtual checks::PropertyCounts property_counts() const { return {}; }
    /// config::fingerprint() of the settings that it checks with; empty: not known yet.
    [[nodiscard]] virtual std::string settings_fingerprint() const = 0;
    /// The wiki's setting; asks the wiki where that is needed. Throws as current_revision().
    [[nodiscard]] virtual std::string concept_base_uri() = 0;
    /// The store has different settings: ask the wiki again soon. False when only the
    /// configuration defines them.
    virtual bool ask_settings_again() = 0;
    /// Whether any extra is enabled.
    [[nodiscard]] virtual bool has_extras() const { return false; }
};

using Wikis = std::map<std::string, std::unique_ptr<Wiki>, std::less<>>;

/// The shared parts that a wiki's checks use.
struct WikiParts {
    std::shared_ptr<facts::ClassKeeper> classes; ///< null: in memory only
    std::shared_ptr<facts::ValueIndex> values;   ///< null: distinct values stay `todo`
    std::shared_ptr<php::Pool> workers;          ///< null: there are none
    std::shared_ptr<Verifier> verifier;          ///< null: nothing is compared
    std::shared_ptr<KeptSource> kept; ///< of a wiki without a source, whose properties are its own
    std::shared_ptr<checks::CheckTimes> check_times;   ///< null: not needed
    std::shared_ptr<php::Pool> other_workers;          ///< of the wiki that `other` is
    std::shared_ptr<const config::WikiSettings> other; ///< whose properties are used; null: its own
    /// Called with each answer of the wiki, before anything is checked with it, and whether classes
    /// were read with others; its exceptions defer that. Not called where only the configuration
    /// counts.
    std::function<void(const config::WikiSettings&, bool other_classes)> has_settings;
    /// Reports a problem with the settings of the wiki or here; empty: resolved.
    std::function<void(const std::string&)> problem;
};

/// The part of Health that says whether the source of this wiki answers.
[[nodiscard]] inline std::string source_part(const std::string& wiki) { return "wiki." + wiki; }

/// A Wiki that provides its own settings if possible (source/ask_settings.hpp).
[[nodiscard]] std::unique_ptr<Wiki> make_wiki(const config::WikiSettings& settings,
                                              const config::WorkerSettings& workers,
                                              WikiParts parts);

} // namespace runner::app
