// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/php_source.hpp"

#include "source/entity_unavailable.hpp"
#include "source/php_answer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <unordered_map>

namespace runner::source {

namespace {

constexpr std::size_t batch = 50; // pages of one request

std::string request_for(std::span<const entity::EntityId> pages, std::uint64_t min_revision) {
    std::string request = R"({"service":"entities","ids":[)";
    for (const entity::EntityId& page : pages) {
        request += &page == pages.data() ? "\"" : ",\"";
        request += page.to_string() + '"';
    }
    return request + fmt::format("],\"min_revision\":{}}}", min_revision);
}

} // namespace

std::vector<Lookup> PhpSource::load(std::span<const entity::EntityId> ids,
                                    std::uint64_t min_revision) {
    std::vector<entity::EntityId> pages;
    std::unordered_map<entity::EntityId, std::size_t> place;
    for (const entity::EntityId& id : ids)
        if (place.emplace(id.page(), pages.size()).second)
            pages.push_back(id.page());
    std::vector<Lookup> found;
    for (std::size_t i = 0; i < pages.size(); i += batch) {
        const auto part = std::span(pages).subspan(i, std::min(batch, pages.size() - i));
        try {
            for (Lookup& lookup :
                 parse_php_answer(workers_->ask(request_for(part, min_revision)), part))
                found.push_back(std::move(lookup));
        } catch (const php::WorkersUnavailable& error) {
            throw SourceUnavailable(error.what());
        } catch (const base::DataError& error) {
            throw SourceUnavailable(workers_->name() + ": " + error.what());
        }
    }

    std::vector<Lookup> lookups;
    lookups.reserve(ids.size());
    for (const entity::EntityId& id : ids) {
        const Lookup& page = found[place.at(id.page())];
        if (page.state == State::found && page.revision != 0 && page.revision < min_revision)
            throw EntityUnavailable(fmt::format("{}: revision {} of {} instead of {}",
                                                workers_->name(), page.revision, id.to_string(),
                                                min_revision));
        lookups.push_back(lookup_on_page(id, page));
    }
    return lookups;
}

} // namespace runner::source
