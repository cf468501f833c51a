// SPDX-License-Identifier: GPL-2.0-or-later
// See asked_wiki.hpp. The wiki is asked again now and then; with different settings a new engine
// takes over. What the engine before has gathered is still checked by that one, but not stored:
// has_settings has written the new settings to the store, which compares
// (store/results/settings_guard.cpp).
#include "app/line/asked_wiki.hpp"

#include "app/line/engine_wiki.hpp"
#include "base/error.hpp"
#include "base/log_fields.hpp"
#include "base/work_permits.hpp"
#include "config/fingerprint.hpp"
#include "config/from_wiki.hpp"
#include "source/ask_settings.hpp"
#include "source/source.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace runner::app {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::minutes settings_age{10};
constexpr std::chrono::seconds pause_after_problem{5};

class AskedWiki final : public Wiki {
public:
    AskedWiki(const config::WikiSettings& settings, const config::WorkerSettings& workers,
              WikiParts parts)
        : settings_(settings), workers_(workers), parts_(std::move(parts)) {}

    PageInput gather(const store::Lease& job) override {
        const auto wiki = current();
        PageInput input = wiki->gather(job);
        for (Input& each : input.entities)
            each.gathered_by = wiki;
        return input;
    }

    results::StoredResult check(const Input& input) override {
        return input.gathered_by->check(input);
    }

    void forget(std::span<const entity::EntityId> entities) override {
        if (const auto wiki = known())
            wiki->forget(entities);
    }
    void forget_classes(std::span<const entity::EntityId> classes) override {
        if (const auto wiki = known())
            wiki->forget_classes(classes);
    }
    void entity_changed(const entity::EntityId& entity, std::uint64_t revision) override {
        if (const auto wiki = known())
            wiki->entity_changed(entity, revision);
    }
    /// Before the first answer there is no graph; then it looks classes up in the database.
    void take_classes(std::span<const results::KeptClass> classes) override {
        if (const auto wiki = known())
            wiki->take_classes(classes);
    }
    facts::ClassGraph::Size class_graph_size() const override {
        const auto wiki = known();
        return wiki ? wiki->class_graph_size() : facts::ClassGraph::Size{};
    }
    bool has_source() const noexcept override {
        return settings_.source != config::SourceKind::none;
    }
    std::optional<std::uint64_t> current_revision(const entity::EntityId& entity) override {
        return current()->current_revision(entity);
    }
    std::optional<facts::TitleCounts> title_counts() const override {
        const auto wiki = known();
        return wiki ? wiki->title_counts() : std::nullopt;
    }
    checks::PropertyCounts property_counts() const override {
        const auto wiki = known();
        return wiki ? wiki->property_counts() : checks::PropertyCounts{};
    }
    std::string settings_fingerprint() const override {
        const auto wiki = known();
        return wiki ? wiki->settings_fingerprint() : std::string();
    }
    std::string concept_base_uri() override { return current()->concept_base_uri(); }
    bool has_extras() const override { return !settings_.extras.empty(); }
    bool ask_settings_again() override {
        const std::lock_guard lock(mutex_);
        ask_next_ = std::min(ask_next_, asked_ + pause_after_problem);
        return true;
    }

private:
    std::shared_ptr<Wiki> known() const {
        const std::lock_guard lock(mutex_);
        return wiki_;
    }

    /// Throws when the wiki was asked in vain a moment ago.
    std::shared_ptr<Wiki> answered() const {
        const std::lock_guard lock(mutex_);
        if (Clock::now() >= ask_next_)
            return nullptr;
        if (wiki_ == nullptr)
            put_off();
        return wiki_;
    }

    [[noreturn]] void put_off() const {
        if (refused_) // the source does answer
            throw base::UnavailableError(problem_);
        throw source::SourceUnavailable(problem_);
    }

    std::shared_ptr<Wiki> current() {
        if (auto wiki = answered())
            return wiki;
        const base::Waiting waiting; // ends after the lock: it may wait for a permit then
        std::unique_lock asking(asking_, std::try_to_lock);
        if (!asking) {
            if (auto wiki = known()) // another thread asks
                return wiki;
            asking.lock();
        }
        if (auto wiki = answered())
            return wiki;
        return ask();
    }

    std::shared_ptr<Wiki> ask() {
        try {
            const auto answer = source::ask_settings(settings_, parts_.workers.get());
            config::WikiSettings settings = settings_;
            if (answer)
                config::take_from_wiki(settings, *answer);
            else if (has_answered_) // an extension that is switched off for a moment
                throw source::SourceUnavailable("the wiki no longer provides its settings");
            auto wiki = take(settings);
            has_answered_ = answer.has_value();
            return wiki;
        } catch (const base::ConfigError& error) {
            refuse(error.what());
        } catch (const base::DataError& error) {
            refuse(error.what());
        } catch (const base::UnavailableError& error) {
            const std::lock_guard lock(mutex_);
            note_problem(error.what(), false);
            if (wiki_ != nullptr) // as it was: nothing says that it is different
                return wiki_;
        }
        put_off();
    }

    /// Each answer is written to the store: another runner may have heard another one meanwhile.
    std::shared_ptr<Wiki> take(const config::WikiSettings& settings) {
        const base::LogFields fields{{"wiki", settings.id}};
        auto wiki = known();
        const bool other =
            wiki == nullptr || wiki->settings_fingerprint() != config::fingerprint(settings);
        if (other)
            wiki = make_engine_wiki(settings, workers_, parts_);
        const std::string& subclass_of = settings.ids[config::ConstraintId::SubclassOf];
        if (parts_.has_settings)
            parts_.has_settings(settings, !subclass_of_.empty() && subclass_of_ != subclass_of);
        subclass_of_ = subclass_of;
        if (parts_.problem)
            parts_.problem({});
        if (other)
            spdlog::info("wiki {}: its settings are known (WBQC {})", settings.id,
                         settings.dialect().version);
        const std::lock_guard lock(mutex_);
        wiki_ = wiki;
        asked_ = Clock::now();
        ask_next_ = asked_ + settings_age;
        return wiki;
    }

    /// Nothing is checked with settings that are not the wiki's.
    void refuse(const std::string& problem) {
        if (parts_.problem)
            parts_.problem(problem);
        const std::lock_guard lock(mutex_);
        wiki_ = nullptr;
        note_problem(problem, true);
    }

    void note_problem(const std::string& problem, bool refused) {
        problem_ = problem;
        refused_ = refused;
        asked_ = Clock::now();
        ask_next_ = asked_ + pause_after_problem;
    }

    const config::WikiSettings settings_; ///< of the configuration
    const config::WorkerSettings workers_;
    const WikiParts parts_;
    std::mutex asking_;         ///< one thread asks
    bool has_answered_ = false; ///< settings of its own; under asking_
    std::string subclass_of_;   ///< the property that classes were read with; under asking_
    mutable std::mutex mutex_;
    std::shared_ptr<Wiki> wiki_; ///< null: not known yet
    std::string problem_;
    bool refused_ = false; ///< the problem is what the wiki says, not that it is away
    Clock::time_point asked_{};
    Clock::time_point ask_next_{};
};

} // namespace

std::unique_ptr<Wiki> make_asked_wiki(const config::WikiSettings& settings,
                                      const config::WorkerSettings& workers, WikiParts parts) {
    return std::make_unique<AskedWiki>(settings, workers, std::move(parts));
}

} // namespace runner::app
