// SPDX-License-Identifier: GPL-2.0-or-later
// Entities from JSON; see parse_entity in entity.hpp. Order, duplicates and both spellings of an
// empty map are taken as Wikibase's deserializers take them.
#include "entity/damaged.hpp"
#include "entity/entity.hpp"
#include "entity/json_path.hpp"
#include "entity/snak_hash.hpp"
#include "entity/value_reader.hpp"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace runner::entity {

namespace dom = simdjson::dom;

/// Wikibase's have some 50; what is longer fits into no index.
constexpr std::size_t longest_statement_id = 255;

class EntityReader {
public:
    explicit EntityReader(EntityDocument& document)
        : document_(document), arena_(document.arena_) {}

    void read(const dom::element& json) {
        JsonPath path;
        read_entity(json, document_.entity_, path);
    }

private:
    template <typename T>
    std::span<const T> keep_list(const std::vector<T>& list) {
        if (list.empty())
            return {};
        auto* place = static_cast<T*>(arena_.allocate(list.size() * sizeof(T), alignof(T)));
        std::uninitialized_copy(list.begin(), list.end(), place);
        return {place, list.size()};
    }

    /// Calls `each(key, element, path)` for every member; `[]` is an empty map.
    template <typename Each>
    static void for_each_member(const dom::element& json, const JsonPath& path, Each each) {
        dom::object object;
        if (json.get(object) == simdjson::SUCCESS) {
            for (const auto member : object)
                each(member.key, member.value, JsonPath{path, member.key});
            return;
        }
        dom::array array;
        if (json.get(array) != simdjson::SUCCESS || array.size() != 0)
            path.fail("must be an object");
    }

    /// Lists keyed by property, or one plain list: calls `each(element, key, path)` in order; the
    /// key of a plain list is empty.
    template <typename Each>
    static void for_each_listed(const dom::element& json, const JsonPath& path, Each each) {
        const auto each_of = [&](const dom::element& list, std::string_view key,
                                 const JsonPath& list_path) {
            dom::array array;
            if (list.get(array) != simdjson::SUCCESS)
                list_path.fail("must be an array");
            std::size_t index = 0;
            for (const auto element : array)
                each(element, key, JsonPath{list_path, index++});
        };
        if (json.is_array())
            each_of(json, {}, path);
        else
            for_each_member(json, path,
                            [&](std::string_view key, const dom::element& list, const JsonPath& p) {
                                each_of(list, key, p);
                            });
    }

    /// A key of which one byte is another one: what it names would be lost without a word.
    static void refuse_damaged(std::string_view key, std::span<const std::string_view> names,
                               const JsonPath& path) {
        if (const auto name = damaged_name(key, names); !name.empty())
            path.fail("looks like a damaged \"" + std::string{name} + '"');
    }

    static std::string_view text(const dom::element& json, const JsonPath& path) {
        std::string_view out;
        if (json.get(out) != simdjson::SUCCESS)
            path.fail("must be a string");
        return out;
    }

    /// `listed`: under which property, if any.
    Snak read_snak(const dom::element& json, std::string_view listed, const JsonPath& path) {
        if (!json.is_object())
            path.fail("must be an object");
        Snak snak;
        std::string_view type;
        std::string_view property;
        const dom::element* value = nullptr;
        dom::element value_element;
        for_each_member(
            json, path,
            [&](std::string_view key, const dom::element& member, const JsonPath& member_path) {
                if (key == "snaktype")
                    type = text(member, member_path);
                else if (key == "property")
                    property = text(member, member_path);
                else if (key == "datavalue") {
                    value_element = member;
                    value = &value_element;
                }
            });
        const auto id = PropertyId::parse(property);
        if (!id)
            JsonPath{path, "property"}.fail(property.empty() ? std::string{"is missing"}
                                                             : "\"" + std::string{property} +
                                                                   "\" is not a property ID");
        snak.property = *id;
        if (!listed.empty() && listed != property)
            JsonPath{path, "property"}.fail(std::string{property} + " is listed under \"" +
                                            std::string{base::utf8_prefix(listed, 40)} + '"');
        if (type == "value") {
            if (value == nullptr)
                JsonPath{path, "datavalue"}.fail("is missing");
            snak.value = read_value(*value, arena_, JsonPath{path, "datavalue"});
        } else if (type == "somevalue") {
            snak.type = SnakType::somevalue;
        } else if (type == "novalue") {
            snak.type = SnakType::novalue;
        } else {
            JsonPath{path, "snaktype"}.fail(type.empty() ? std::string{"is missing"}
                                                         : "\"" + std::string{type} +
                                                               "\" is not a snak type");
        }
        snak.hash = keep(arena_, snak_hash(snak)); // what the JSON has may be stale
        return snak;
    }

    /// A SnakList holds each snak once and is sorted by property in the given order.
    std::span<const Snak> read_snaks(const dom::element& json, const dom::element* order,
                                     const JsonPath& path) {
        std::vector<Snak> snaks;
        std::unordered_set<std::string_view> seen;
        constexpr std::size_t few = 16;
        for_each_listed(json, path,
                        [&](const dom::element& element, std::string_view key, const JsonPath& p) {
                            Snak snak = read_snak(element, key, p);
                            if (snaks.size() < few) {
                                for (const Snak& other : snaks)
                                    if (other.hash == snak.hash)
                                        return;
                            } else {
                                if (seen.empty())
                                    for (const Snak& other : snaks)
                                        seen.insert(other.hash);
                                if (!seen.insert(snak.hash).second)
                                    return;
                            }
                            snaks.push_back(snak);
                        });
        if (order != nullptr && snaks.size() > 1)
            sort_by_property(snaks, *order, path);
        return keep_list(snaks);
    }

    static void sort_by_property(std::vector<Snak>& snaks, const dom::element& order,
                                 const JsonPath& path) {
        std::unordered_map<PropertyId, std::size_t> position;
        dom::array array;
        if (order.get(array) != simdjson::SUCCESS)
            path.fail("its order must be an array");
        for (const auto element : array) {
            std::string_view name;
            if (element.get(name) == simdjson::SUCCESS)
                if (const auto id = PropertyId::parse(name))
                    position.emplace(*id, position.size());
        }
        for (const Snak& snak : snaks)
            position.emplace(snak.property, position.size());
        std::stable_sort(snaks.begin(), snaks.end(), [&](const Snak& a, const Snak& b) {
            return a.property != b.property && position.at(a.property) < position.at(b.property);
        });
    }

    bool read_reference(const dom::element& json, Reference& reference, const JsonPath& path) {
        std::optional<dom::element> snaks;
        std::optional<dom::element> order;
        for_each_member(json, path,
                        [&](std::string_view key, const dom::element& member, const JsonPath&) {
                            if (key == "snaks")
                                snaks = member;
                            else if (key == "snaks-order")
                                order = member;
                        });
        if (!snaks)
            JsonPath{path, "snaks"}.fail("is missing");
        reference.snaks = read_snaks(*snaks, order ? &*order : nullptr, JsonPath{path, "snaks"});
        reference.hash = keep(arena_, reference_hash(reference.snaks));
        return !reference.snaks.empty(); // Wikibase drops an empty reference
    }

    /// `{"property": {"id": …}, "value": {"type": …}}` instead of a main snak.
    static bool is_of_rest_api(const dom::element& json) {
        dom::element property;
        return json["property"]["id"].get(property) == simdjson::SUCCESS;
    }

    /// Statements that were moved keep the prefix of the entity that they were made for; but it is
    /// an ID. Other forms of IDs than Wikibase's own are left alone.
    static bool is_damaged_guid(std::string_view guid) {
        constexpr std::string_view shape = "00000000-0000-0000-0000-000000000000";
        const std::size_t dollar = guid.find('$');
        if (dollar == std::string_view::npos || guid.size() - dollar - 1 != shape.size())
            return false;
        std::string prefix{guid.substr(0, dollar)};
        for (char& c : prefix)
            c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; // as Wikibase takes it
        if (!EntityId::parse(prefix))
            return true;
        std::size_t wrong = 0;
        for (std::size_t i = 0; i < shape.size(); ++i) {
            const char c = guid[dollar + 1 + i];
            const bool hex =
                (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
            wrong += (shape[i] == '-' ? c == '-' : hex) ? 0 : 1;
        }
        return wrong == 1;
    }

    /// `listed`: under which property, if any.
    Statement read_statement(const dom::element& json, std::string_view listed,
                             const JsonPath& path) {
        if (!json.is_object())
            path.fail("must be an object");
        Statement statement;
        bool has_main = false;
        std::optional<dom::element> qualifiers;
        std::optional<dom::element> qualifiers_order;
        std::vector<Reference> references;
        for_each_member(json, path,
                        [&](std::string_view key, const dom::element& member, const JsonPath& p) {
                            if (key == "mainsnak") {
                                statement.main = read_snak(member, listed, p);
                                has_main = true;
                            } else if (key == "type") {
                                const auto type = text(member, p);
                                if (type != "statement" && type != "claim")
                                    p.fail("\"" + std::string{type} + "\" is not a statement type");
                            } else if (key == "id") {
                                statement.guid = keep(arena_, text(member, p));
                                if (statement.guid.size() > longest_statement_id ||
                                    statement.guid.find('\0') != std::string_view::npos)
                                    p.fail("is not a statement ID");
                                if (is_damaged_guid(statement.guid))
                                    p.fail("\"" + std::string{statement.guid} +
                                           "\" looks like a damaged statement ID");
                            } else if (key == "rank") {
                                const auto rank = text(member, p);
                                if (rank == "normal")
                                    statement.rank = Rank::normal;
                                else if (rank == "preferred")
                                    statement.rank = Rank::preferred;
                                else if (rank == "deprecated")
                                    statement.rank = Rank::deprecated;
                                else
                                    p.fail("\"" + std::string{rank} + "\" is not a rank");
                            } else if (key == "qualifiers") {
                                qualifiers = member;
                            } else if (key == "qualifiers-order") {
                                qualifiers_order = member;
                            } else if (key == "references") {
                                dom::array array;
                                if (member.get(array) != simdjson::SUCCESS)
                                    p.fail("must be an array");
                                std::size_t index = 0;
                                for (const auto element : array) {
                                    Reference reference;
                                    if (read_reference(element, reference, JsonPath{p, index++}))
                                        references.push_back(reference);
                                }
                            } else {
                                static constexpr std::array<std::string_view, 3> may_lack{
                                    "rank", "qualifiers", "references"};
                                refuse_damaged(key, may_lack, p);
                            }
                        });
        if (!has_main && is_of_rest_api(json))
            path.fail("is in the form of the Wikibase REST API, which is not read: take a JSON "
                      "dump or Special:EntityData");
        if (!has_main)
            JsonPath{path, "mainsnak"}.fail("is missing");
        if (statement.guid.empty())
            JsonPath{path, "id"}.fail("is missing");
        if (qualifiers)
            statement.qualifiers =
                read_snaks(*qualifiers, qualifiers_order ? &*qualifiers_order : nullptr,
                           JsonPath{path, "qualifiers"});
        statement.references = keep_list(references);
        return statement;
    }

    std::span<const Statement> read_statements(const dom::element& json, const JsonPath& path) {
        std::vector<Statement> statements;
        for_each_listed(json, path,
                        [&](const dom::element& element, std::string_view key, const JsonPath& p) {
                            statements.push_back(read_statement(element, key, p));
                        });
        return keep_list(statements);
    }

    std::span<const std::string_view> read_label_languages(const dom::element& json,
                                                           const JsonPath& path) {
        std::vector<std::string_view> languages;
        for_each_member(json, path,
                        [&](std::string_view key, const dom::element&, const JsonPath&) {
                            languages.push_back(keep(arena_, key));
                        });
        std::sort(languages.begin(), languages.end());
        return keep_list(languages);
    }

    /// There are many of them, and they are rarely needed: anything but a map has none.
    std::span<const std::string_view> read_description_languages(const dom::element& json) {
        dom::object object;
        if (json.get(object) != simdjson::SUCCESS || object.size() == 0)
            return {};
        std::vector<std::string_view> languages;
        languages.reserve(object.size());
        std::size_t bytes = 0;
        for (const auto member : object) {
            languages.push_back(member.key);
            bytes += member.key.size();
        }
        auto* place = static_cast<char*>(arena_.allocate(bytes, 1));
        for (std::string_view& language : languages) {
            std::memcpy(place, language.data(), language.size());
            language = {place, language.size()};
            place += language.size();
        }
        return keep_list(languages);
    }

    std::span<const Entity> read_parts(const dom::element& json, const JsonPath& path) {
        std::vector<Entity> parts;
        for_each_listed(json, path,
                        [&](const dom::element& element, std::string_view, const JsonPath& p) {
                            Entity part;
                            read_entity(element, part, p);
                            parts.push_back(part);
                        });
        return keep_list(parts);
    }

    void read_entity(const dom::element& json, Entity& entity, const JsonPath& path) {
        if (!json.is_object())
            path.fail("must be an object");
        bool has_id = false;
        std::string_view type;
        static constexpr std::array<std::string_view, 10> once{
            "id",     "type",         "lastrevid", "claims", "statements",
            "labels", "descriptions", "forms",     "senses", "datatype"};
        std::array<bool, once.size()> had{};
        for_each_member(
            json, path, [&](std::string_view key, const dom::element& member, const JsonPath& p) {
                if (const auto* known = std::find(once.begin(), once.end(), key);
                    known != once.end()) {
                    if (had[static_cast<std::size_t>(known - once.begin())])
                        p.fail("occurs twice"); // which of the two is meant?
                    had[static_cast<std::size_t>(known - once.begin())] = true;
                }
                if (key == "id") {
                    const auto id = EntityId::parse(text(member, p));
                    if (!id)
                        p.fail("\"" + std::string{text(member, p)} + "\" is not an entity ID");
                    entity.id = *id;
                    has_id = true;
                } else if (key == "type") {
                    type = text(member, p);
                } else if (key == "lastrevid") {
                    if (member.get(entity.revision) != simdjson::SUCCESS ||
                        entity.revision > std::uint64_t{INT64_MAX}) // as much as databases count
                        p.fail("must be a revision ID");
                } else if (key == "datatype") {
                    entity.data_type = keep(arena_, text(member, p));
                } else if (key == "language" && member.is_string()) {
                    entity.lemma_language_item = keep(arena_, text(member, p));
                } else if (key == "lexicalCategory" && member.is_string()) {
                    entity.lexical_category = keep(arena_, text(member, p));
                } else if (key == "descriptions") {
                    entity.description_languages = read_description_languages(member);
                } else if (key == "labels") {
                    entity.label_languages = read_label_languages(member, p);
                } else if (key == "claims" || key == "statements") {
                    const auto statements = read_statements(member, p);
                    if (!statements.empty() && !entity.statements.empty())
                        p.fail("stands beside \"claims\" or \"statements\" with others");
                    if (!statements.empty())
                        entity.statements = statements;
                } else if (key == "forms") {
                    entity.forms = read_parts(member, p);
                } else if (key == "senses") {
                    entity.senses = read_parts(member, p);
                } else {
                    refuse_damaged(key, once, p);
                }
            });
        if (!has_id)
            JsonPath{path, "id"}.fail("is missing");
        const bool is_page = &entity == &document_.entity_;
        if (is_page && std::none_of(had.begin() + 1, had.end(), [](bool it) { return it; }))
            path.fail("is not an entity: it has nothing but an \"id\"");
        if (!type.empty() && entity_type_from(type) != entity.id.type)
            JsonPath{path, "type"}.fail("\"" + std::string{type} + "\" is not the type of " +
                                        entity.id.to_string());
    }

    EntityDocument& document_;
    std::pmr::monotonic_buffer_resource& arena_;
};

EntityPtr parse_entity(std::string_view json) {
    constexpr std::size_t max_depth = 100;
    if (json.empty())
        json = ""; // simdjson copies, and must not be given a null pointer
    constexpr std::size_t keep_parser_below = std::size_t{1} << 20;
    thread_local std::unique_ptr<dom::parser> parser;
    if (!parser || parser->capacity() > keep_parser_below || parser->max_depth() != max_depth) {
        parser = std::make_unique<dom::parser>();
        if (parser->allocate(std::max<std::size_t>(json.size(), 1 << 16), max_depth) !=
            simdjson::SUCCESS)
            throw base::DataError("entity: too large");
    }
    dom::element root;
    const auto error = parser->parse(json.data(), json.size()).get(root);
    if (error != simdjson::SUCCESS)
        throw base::DataError(std::string{"entity: "} + simdjson::error_message(error));
    auto document = std::make_shared<EntityDocument>(json.size());
    EntityReader{*document}.read(root);
    return document;
}

} // namespace runner::entity
