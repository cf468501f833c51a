// SPDX-License-Identifier: GPL-2.0-or-later
// See imports.hpp.
#include "app/serving/imports.hpp"

#include "app/serving/ask_database.hpp"
#include "base/error.hpp"
#include "imports/file_filter.hpp"
#include "imports/kinds.hpp"
#include "store/imports/import_store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace runner::app {

Imports::Imports(Parts parts)
    : parts_(std::move(parts)),
      own_sessions_(parts_.database, std::max(1U, parts_.settings.imports.threads)),
      watch_(parts_.sessions) {}

Imports::~Imports() { stop(); }

void Imports::start() {
    const std::lock_guard lock(mutex_);
    if (!engine_) // a start that failed half-way is tried again
        engine_ = std::make_unique<imports::Engine>(
            imports::EngineOptions{
                parts_.database, parts_.worker, imports::kinds(),
                [this](const std::string& wiki) { return parts_.classes.of(wiki); }},
            parts_.settings, own_sessions_);
    if (!webhooks_ && !parts_.settings.imports.webhook_secret.empty())
        webhooks_ = std::make_unique<Webhooks>(parts_.database, parts_.settings.imports);
    open_ = true;
}

void Imports::stop() {
    watch_.stop();
    std::unique_ptr<imports::Engine> engine;
    std::unique_ptr<Webhooks> webhooks; // ends first: what the engine ends now others deliver
    {
        const std::lock_guard lock(mutex_);
        engine = std::move(engine_);
        webhooks = std::move(webhooks_);
    }
}

void Imports::ended() noexcept {
    const std::lock_guard lock(mutex_);
    if (webhooks_)
        webhooks_->wake();
}

store::ImportLimits Imports::limits() const {
    const config::ImportSettings& settings = parts_.settings.imports;
    return {settings.max_running_of_client,
            static_cast<std::uint64_t>(settings.max_files_of_client)};
}

imports::EngineCounts Imports::counts() const {
    const std::lock_guard lock(mutex_);
    return engine_ ? engine_->counts() : imports::EngineCounts{};
}

void Imports::report(ops::Snapshot& snapshot) const {
    const imports::EngineCounts imported = counts();
    snapshot.import_chunks = imported.chunks;
    snapshot.import_failures = imported.failures;
    snapshot.import_things = imported.things;
    {
        const std::lock_guard lock(mutex_);
        const WebhookCounts told = webhooks_ ? webhooks_->counts() : WebhookCounts{};
        snapshot.webhooks_delivered = told.delivered;
        snapshot.webhook_failures = told.failures;
        snapshot.webhooks_given_up = told.given_up;
    }
    if (!open_)
        return;
    try {
        const auto session = parts_.sessions.borrow(std::chrono::milliseconds(500));
        for (const auto& state : store::ImportStore(*session).count_by_status())
            snapshot.imports.push_back({state.kind, state.status, state.count});
    } catch (const std::exception&) {
        // the rest of the metrics says that the database is away
    }
}

void Imports::wake() {
    const std::lock_guard lock(mutex_);
    if (engine_)
        engine_->wake();
}

template <class T, class Ask>
void Imports::with_session(api::Reply<T> reply, Ask ask) {
    if (!open_)
        throw base::UnavailableError("the runner is starting");
    ask_database<T>(parts_.pool, parts_.sessions, std::move(reply), std::move(ask));
}

namespace {

/// Throws imports::BadRequest unless the import has a whole list of files of the wiki.
void require_list(const std::optional<store::ImportRow>& of, const store::NewImport& asked) {
    const std::string id = std::to_string(asked.list_of);
    if (!of || of->wiki != asked.wiki || (of->kind != "category" && of->kind != "files"))
        throw imports::BadRequest("of_import",
                                  "there is no import " + id + " of files of " + asked.wiki);
    if (of->status != "complete")
        throw imports::BadRequest("of_import",
                                  "import " + id + " is not complete but " + of->status);
    if (!of->data_deleted_at.empty())
        throw imports::BadRequest("of_import", "the files of import " + id + " were deleted");
}

/// Throws api::ApiError when the store did not take an import.
void require_taken(const store::ImportAccepted& answer, const store::NewImport& asked,
                   const store::ImportLimits& limits) {
    constexpr unsigned retry_after = 600; // seconds
    switch (answer.refusal) {
    case store::ImportRefusal::none: return;
    case store::ImportRefusal::running: throw api::too_many_imports(answer.has);
    case store::ImportRefusal::files:
        throw api::ApiError{429,
                            "too_many_files",
                            fmt::format("the imports of this client have {} files, {} more are "
                                        "asked for, and {} is the most "
                                        "(imports.max_files_of_client): delete the data of some",
                                        answer.has, asked.items.size(), limits.files),
                            {},
                            retry_after};
    case store::ImportRefusal::notify:
        throw imports::BadRequest("notify",
                                  fmt::format("import {} of the same is under way, and has {} "
                                              "addresses already",
                                              answer.id, store::most_notify));
    }
}

} // namespace

void Imports::start_import(std::string body, api::Client client,
                           api::Reply<store::ImportAccepted> reply) {
    const auto import = std::make_shared<store::NewImport>(
        imports::read_request(body, parts_.settings, client.wikis));
    import->owner = std::move(client.name);
    with_session<store::ImportAccepted>(std::move(reply), [this, import](store::Session& session) {
        imports::settle_filter(*import, session);
        store::ImportStore imports(session);
        if (import->list_of != 0)
            require_list(imports.get(import->list_of), *import);
        auto accepted = imports.create(*import, limits());
        require_taken(accepted, *import, limits());
        accepted.wiki = import->wiki;
        wake();
        return accepted;
    });
}

void Imports::import(std::uint64_t id, std::chrono::seconds wait,
                     api::Reply<std::optional<store::ImportRow>> reply) {
    if (open_ && wait.count() > 0) {
        watch_.wait(id, wait, std::move(reply));
        return;
    }
    with_session<std::optional<store::ImportRow>>(std::move(reply), [id](store::Session& session) {
        return store::ImportStore(session).get(id);
    });
}

void Imports::import_files(store::CommonsFileStore::Question asked,
                           api::Reply<store::CommonsFileStore::Page> reply) {
    with_session<store::CommonsFileStore::Page>(
        std::move(reply), [asked = std::move(asked)](store::Session& session) {
            store::CommonsFileStore::Question question = asked;
            if (question.filter && !store::resolve_times(session, *question.filter))
                throw imports::BadRequest("time_zone", "there is no time zone \"" +
                                                           question.filter->time_zone + '"');
            store::CommonsFileStore::Page page = store::CommonsFileStore(session).page(question);
            page.filter = std::move(question.filter);
            return page;
        });
}

void Imports::delete_import_data(std::uint64_t id, api::Reply<store::ImportChange> reply) {
    with_session<store::ImportChange>(std::move(reply), [id](store::Session& session) {
        return store::ImportStore(session).delete_data(id);
    });
}

void Imports::change_import(std::uint64_t id, store::ImportAction action,
                            api::Reply<store::ImportChange> reply) {
    with_session<store::ImportChange>(
        std::move(reply), [this, id, action](store::Session& session) {
            auto changed = store::ImportStore(session).change(id, action, limits());
            wake();
            return changed;
        });
}

} // namespace runner::app
