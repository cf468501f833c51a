// SPDX-License-Identifier: GPL-2.0-or-later
// A wiki in memory for the tests of facts/: classes by the dozen, and what was asked of it.
#pragma once

#include "entity/entity.hpp"
#include "facts/class_graph.hpp"
#include "source/source.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace runner::tests {

using entity::EntityId;
using Names = std::vector<std::string>;
constexpr std::chrono::seconds hour{3600};

inline EntityId id(std::string_view text) { return EntityId::parse(text).value(); }

inline std::string link(const std::string& property, const std::string& item,
                        const std::string& rank) {
    return R"({"type":"statement","rank":")" + rank + R"(","id":"x$)" + item +
           R"(","mainsnak":{"snaktype":"value","property":")" + property +
           R"(","datavalue":{"type":"wikibase-entityid","value":{"id":")" + item + R"("}}}})";
}

/// A wiki in memory that counts what it is asked.
class Wiki final : public source::EntitySource {
public:
    std::map<EntityId, std::string> entities;
    std::map<EntityId, EntityId> redirects;
    std::size_t asked = 0;
    std::size_t batches = 0;
    bool away = false;

    void put(const std::string& item, const std::vector<std::string>& superclasses,
             std::uint64_t revision = 1) {
        std::string statements;
        for (const auto& superclass : superclasses)
            statements += (statements.empty() ? "" : ",") + link("P279", superclass, "normal");
        put_json(item, "[" + statements + "]", revision);
    }
    void put_json(const std::string& item, const std::string& statements,
                  std::uint64_t revision = 1) {
        entities[id(item)] = R"({"id":")" + item + R"(","lastrevid":)" + std::to_string(revision) +
                             R"(,"claims":{"P279":)" + statements + "}}";
    }

    std::vector<source::Lookup> load(std::span<const EntityId> ids, std::uint64_t) override {
        if (away)
            throw source::SourceUnavailable("the wiki is away");
        ++batches;
        asked += ids.size();
        std::vector<source::Lookup> out;
        for (const EntityId& wanted : ids) {
            source::Lookup lookup;
            lookup.id = wanted;
            if (const auto at = redirects.find(wanted); at != redirects.end()) {
                lookup.state = source::State::redirect;
                lookup.redirect_target = at->second;
            } else if (const auto found = entities.find(wanted); found != entities.end()) {
                lookup.state = source::State::found;
                lookup.document = entity::parse_entity(found->second);
                lookup.revision = lookup.document->entity().revision;
            }
            out.push_back(std::move(lookup));
        }
        return out;
    }
};

inline std::vector<facts::Superclasses> superclasses_of(facts::ClassGraph& graph,
                                                        std::span<const entity::EntityId> classes,
                                                        source::EntitySource& wiki) {
    facts::Walked walked;
    return graph.superclasses(classes, wiki, walked);
}

inline std::shared_ptr<const facts::Ancestry>
ancestry_of(const facts::ClassGraph& graph, std::span<const entity::EntityId> classes) {
    facts::Walked walked;
    return graph.ancestry(classes, walked);
}

inline Names above(facts::ClassGraph& graph, const std::string& item, Wiki& wiki) {
    const std::vector<EntityId> ids{id(item)};
    std::vector<std::string> out;
    for (const EntityId& superclass : *superclasses_of(graph, ids, wiki).front())
        out.push_back(superclass.to_string());
    return out;
}

} // namespace runner::tests
