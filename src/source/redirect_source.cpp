// SPDX-License-Identifier: GPL-2.0-or-later
// See redirect_source.hpp.
#include "source/redirect_source.hpp"

#include "base/work_permits.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace runner::source {

namespace {

constexpr std::size_t most_titles = 50; // of a request, without rights of a bot

} // namespace

RedirectSource::RedirectSource(std::unique_ptr<EntitySource> pages,
                               const config::WikiSettings& wiki)
    : pages_(std::move(pages)), api_(wiki.api_url, wiki.http_timeout) {}

std::vector<Lookup> RedirectSource::load(std::span<const entity::EntityId> ids,
                                         std::uint64_t min_revision) {
    std::vector<Lookup> lookups = pages_->load(ids, min_revision);
    std::vector<Lookup*> missing;
    for (Lookup& lookup : lookups)
        if (lookup.state == State::missing && lookup.id.page() == lookup.id)
            missing.push_back(&lookup);
    if (missing.empty())
        return lookups;
    const base::Waiting waiting; // others work meanwhile
    const std::lock_guard lock(mutex_);
    if (refused_)
        return lookups;
    try {
        if (prefixes_.empty())
            read_namespaces();
        ask(std::move(missing));
    } catch (const ApiRefused& error) {
        refused_ = true;
        spdlog::warn("redirects whose target is missing are treated as missing pages: {}",
                     error.what());
    } catch (const base::UnavailableError& error) {
        throw SourceUnavailable(error.what());
    }
    return lookups;
}

void RedirectSource::read_namespaces() {
    for (const PageApi::Namespace& each : api_.site().namespaces)
        if (each.entities)
            prefixes_.emplace(*each.entities, each.prefix());
    if (prefixes_.empty())
        throw ApiRefused("no_entities", "the api_url belongs to a wiki without entities");
}

std::optional<std::string> RedirectSource::title_of(const entity::EntityId& id) const {
    const auto prefix = prefixes_.find(id.type);
    if (prefix == prefixes_.end())
        return std::nullopt;
    return prefix->second + id.to_string();
}

void RedirectSource::ask(std::vector<Lookup*> missing) {
    std::erase_if(missing, [&](const Lookup* lookup) { return !title_of(lookup->id); });
    for (std::size_t begin = 0; begin < missing.size(); begin += most_titles) {
        const std::size_t end = std::min(missing.size(), begin + most_titles);
        std::vector<std::string> titles;
        for (std::size_t i = begin; i < end; ++i)
            titles.push_back(*title_of(missing[i]->id));
        const std::vector<std::string> targets = api_.redirect_targets(titles);
        for (std::size_t i = begin; i < end; ++i) {
            const std::string& target = targets[i - begin];
            const auto id = entity::EntityId::parse(without_namespace(target));
            if (!id || id->type != missing[i]->id.type)
                continue;
            missing[i]->state = State::redirect;
            missing[i]->redirect_target = *id;
        }
    }
}

} // namespace runner::source
