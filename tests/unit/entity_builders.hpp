// SPDX-License-Identifier: GPL-2.0-or-later
// Entity JSON in a few words, and a source that serves it and counts what it was asked.
#pragma once

#include "entity/entity.hpp"
#include "source/source.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace runner::test {

inline entity::EntityId id(std::string_view text) { return entity::EntityId::parse(text).value(); }

inline entity::PropertyId property(std::string_view text) {
    return entity::PropertyId::parse(text).value();
}

inline std::string value_snak(std::string_view prop, std::string_view type,
                              std::string_view value) {
    return R"({"snaktype":"value","property":")" + std::string{prop} +
           R"(","datavalue":{"type":")" + std::string{type} + R"(","value":)" + std::string{value} +
           "}}";
}

inline std::string string_snak(std::string_view prop, std::string_view text) {
    return value_snak(prop, "string", '"' + std::string{text} + '"');
}

inline std::string entity_snak(std::string_view prop, std::string_view id) {
    return value_snak(prop, "wikibase-entityid", R"({"id":")" + std::string{id} + "\"}");
}

inline std::string missing_snak(std::string_view prop, std::string_view type) {
    return R"({"snaktype":")" + std::string{type} + R"(","property":")" + std::string{prop} + "\"}";
}

inline std::string join(const std::vector<std::string>& parts) {
    std::string out;
    for (const auto& part : parts)
        out += (out.empty() ? "" : ",") + part;
    return out;
}

struct StatementText {
    std::string guid;
    std::string main;
    std::vector<std::string> qualifiers{};
    std::vector<std::string> reference{};
    std::string rank = "normal";

    [[nodiscard]] std::string json() const {
        std::string out = R"({"type":"statement","id":")" + guid + R"(","rank":")" + rank +
                          R"(","mainsnak":)" + main;
        if (!qualifiers.empty())
            out += ",\"qualifiers\":[" + join(qualifiers) + "]";
        if (!reference.empty())
            out += ",\"references\":[{\"snaks\":[" + join(reference) + "]}]";
        return out + "}";
    }
};

/// Statements as one plain list, which Wikibase takes too.
inline std::string entity_json(std::string_view id, const std::vector<StatementText>& statements,
                               std::uint64_t revision = 0, std::string_view more = {}) {
    std::vector<std::string> texts;
    for (const auto& statement : statements)
        texts.push_back(statement.json());
    return R"({"id":")" + std::string{id} + R"(","lastrevid":)" + std::to_string(revision) +
           std::string{more} + ",\"claims\":[" + join(texts) + "]}";
}

/// A property with constraints: each a type item and its parameters.
struct ConstraintText {
    std::string guid;
    std::string type;
    std::vector<std::string> parameters{};
    std::string rank = "normal";
};

inline std::string property_json(std::string_view id,
                                 const std::vector<ConstraintText>& constraints,
                                 std::uint64_t revision = 0,
                                 const std::string& data_type = "string") {
    std::vector<StatementText> statements;
    for (const auto& c : constraints)
        statements.push_back({c.guid, entity_snak("P2302", c.type), c.parameters, {}, c.rank});
    return entity_json(id, statements, revision, R"(,"datatype":")" + data_type + '"');
}

/// Entities by id; everything else is missing.
class MapSource final : public source::EntitySource {
public:
    void put(const std::string& json) {
        auto document = entity::parse_entity(json);
        documents_[document->entity().id] = std::move(document);
    }
    [[nodiscard]] std::vector<source::Lookup> load(std::span<const entity::EntityId> ids,
                                                   std::uint64_t) override {
        asked.emplace_back(ids.begin(), ids.end());
        std::vector<source::Lookup> out;
        for (const auto& wanted : ids) {
            source::Lookup lookup;
            lookup.id = wanted;
            if (const auto at = documents_.find(wanted.page()); at != documents_.end()) {
                lookup.state = source::State::found;
                lookup.revision = at->second->entity().revision;
                lookup.document = at->second;
            }
            out.push_back(lookup);
        }
        return out;
    }
    [[nodiscard]] std::size_t count() const {
        std::size_t n = 0;
        for (const auto& batch : asked)
            n += batch.size();
        return n;
    }

    std::vector<std::vector<entity::EntityId>> asked; ///< batch by batch

private:
    std::map<entity::EntityId, entity::EntityPtr> documents_;
};

} // namespace runner::test
