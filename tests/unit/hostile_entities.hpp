// SPDX-License-Identifier: GPL-2.0-or-later
// Entities that are made to be slow to check: many statements, qualifiers or references under many
// constraints, patterns that backtrack, long chains of classes. For the tests of the limits and
// for the table of them (tests/bench/limits.cpp).
#pragma once

#include "entity_builders.hpp"

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace runner::test::hostile {

/// One entity to check, and what else the source holds.
struct World {
    std::string entity;
    MapSource source;
};

struct Scenario {
    std::string_view name;
    std::size_t size; ///< that the limits speak of
    void (*make)(World& world, std::size_t size);
    bool grows = true; ///< more cost more; false: there is its own limit
};

inline std::string number(std::size_t n) { return std::to_string(n); }

inline std::string guid(std::size_t n) {
    std::string digits = number(n);
    return "Q1$00000000-0000-0000-0000-" + std::string(12 - digits.size(), '0') + digits;
}

inline std::string quantity_snak(std::string_view prop, std::size_t amount) {
    return value_snak(prop, "quantity", R"({"amount":"+)" + number(amount) + R"(","unit":"1"})");
}

inline std::string year_snak(std::string_view prop, std::size_t year) {
    return value_snak(prop, "time",
                      R"({"time":"+)" + number(1000 + year % 1000) +
                          R"(-00-00T00:00:00Z","timezone":0,"before":0,"after":0,"precision":9,)"
                          R"("calendarmodel":"http://www.wikidata.org/entity/Q1985727"})");
}

/// `count` constraints of one type.
inline std::vector<ConstraintText> constraints(std::size_t count, const std::string& type,
                                               const std::vector<std::string>& parameters = {}) {
    std::vector<ConstraintText> out;
    for (std::size_t i = 0; i < count; ++i)
        out.push_back({"P1$" + number(i), type, parameters});
    return out;
}

/// `count` statements; `make(i)` fills them.
template <typename Make>
std::vector<StatementText> statements(std::size_t count, Make make) {
    std::vector<StatementText> out;
    out.reserve(count);
    for (std::size_t i = 0; i < count; ++i)
        out.push_back(make(i));
    return out;
}

inline void with_all(World& world, std::size_t size, const std::vector<ConstraintText>& list) {
    world.source.put(property_json("P1", list));
    world.entity = entity_json(
        "Q1", statements(size, [](std::size_t i) {
            return StatementText{guid(i),
                                 string_snak("P1", number(i)),
                                 {string_snak("P2", number(i)), string_snak("P3", number(i % 7))}};
        }));
}

/// Half of the statements have P1 with the constraints, the others P2.
inline void with_half(World& world, std::size_t size, const std::vector<ConstraintText>& list,
                      std::string (*main)(std::size_t), std::string (*other)(std::size_t)) {
    world.source.put(property_json("P1", list));
    world.entity = entity_json("Q1", statements(size, [&](std::size_t i) {
                                   return StatementText{guid(i), i % 2 == 0 ? main(i) : other(i)};
                               }));
}

/// All statements link to one entity that has as many statements.
inline void with_target(World& world, std::size_t size, const std::vector<ConstraintText>& list,
                        std::string (*there)(std::size_t)) {
    world.source.put(property_json("P1", list));
    world.source.put(entity_json("Q2", statements(size, [&](std::size_t i) {
                                     return StatementText{"Q2$" + number(i), there(i)};
                                 })));
    world.entity = entity_json("Q1", statements(size, [](std::size_t i) {
                                   return StatementText{guid(i), entity_snak("P1", "Q2")};
                               }));
}

/// A parameter with as many items.
inline std::vector<std::string> items(std::string_view prop, std::size_t count) {
    std::vector<std::string> list;
    for (std::size_t i = 0; i < count; ++i)
        list.push_back(entity_snak(prop, "Q" + number(i + 10)));
    return list;
}

inline std::string text_of_p1(std::size_t i) { return string_snak("P1", number(i)); }
inline std::string item_of_p2(std::size_t i) { return entity_snak("P2", "Q" + number(i + 10)); }

/// On a text of nothing but "a". PCRE2 sees at once that one letter that must come is missing, so
/// that there are two.
inline constexpr std::array hostile_patterns{"(a+)+[bc]",     ".*.*.*.*[bc]", "(a|aa)+[bc]",
                                             "(.*a){20}[bc]", "a*a*a*[bc]",   "(?:a?){99}a{99}[bc]",
                                             "(?:a(?=a*+))+"};

/// P1 has a format for each of them.
inline void put_hostile_patterns(World& world) {
    std::vector<ConstraintText> list;
    for (const auto* pattern : hostile_patterns)
        list.push_back({"P1$" + number(list.size()), "Q21502404", {string_snak("P1793", pattern)}});
    world.source.put(property_json("P1", list));
}

/// Classes Q1000 and up, each below the next.
inline void chain(World& world, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) {
        const std::string id = "Q" + number(1000 + i);
        world.source.put(
            entity_json(id, {{id + "$1", entity_snak("P279", "Q" + number(1001 + i))}}));
    }
}

/// An instance of the first `count` classes of a chain; for each class of `wanted` there are ten
/// constraints that want subclasses of it as values.
inline void instance_of_chain(World& world, std::size_t size, std::size_t count,
                              const std::vector<std::string>& wanted) {
    chain(world, size);
    std::vector<ConstraintText> list;
    for (const std::string& id : wanted)
        for (std::size_t i = 0; i < 10; ++i)
            list.push_back({"P31$" + number(list.size()),
                            "Q21510865",
                            {entity_snak("P2308", id), entity_snak("P2309", "Q21514624")}});
    world.source.put(property_json("P31", list));
    world.entity =
        entity_json("Q1", statements(count, [](std::size_t i) {
                        return StatementText{guid(i), entity_snak("P31", "Q" + number(1000 + i))};
                    }));
}

inline const std::vector<Scenario>& scenarios() {
    static const std::vector<Scenario> all{
        {"10,000 statements, 50 constraints of any kind", 10'000,
         [](World& w, std::size_t n) {
             std::vector<ConstraintText> list;
             for (std::size_t i = 0; i < 10; ++i)
                 for (const auto* type :
                      {"Q21510857", "Q54554025", "Q21510863", "Q52848401", "Q51723761"})
                     list.push_back({"P1$" + std::string{type} + number(i), type});
             with_all(w, n, list);
         }},
        {"10,000 statements, single value with separators", 10'000,
         [](World& w, std::size_t n) {
             with_all(w, n,
                      constraints(50, "Q19474404",
                                  {entity_snak("P4155", "P2"), entity_snak("P4155", "P3")}));
         }},
        {"10,000 statements, all in one group of separators", 10'000,
         [](World& w, std::size_t n) {
             with_all(w, n, constraints(50, "Q21510857", {entity_snak("P4155", "P9")}));
         }},
        {"10,000 statements, each with other separators", 10'000,
         [](World& w, std::size_t n) {
             std::vector<ConstraintText> list;
             for (std::size_t i = 0; i < 50; ++i)
                 list.push_back(
                     {"P1$" + number(i),
                      "Q52060874",
                      {entity_snak("P4155", "P2"), entity_snak("P4155", "P" + number(i + 3))}});
             with_all(w, n, list);
         }},
        {"5,000 statements conflict with none of 5,000", 10'000,
         [](World& w, std::size_t n) {
             with_half(w, n,
                       constraints(50, "Q21502838",
                                   {entity_snak("P2306", "P2"), entity_snak("P2305", "Q5")}),
                       text_of_p1, item_of_p2);
         }},
        {"5,000 statements require none of 5,000", 10'000,
         [](World& w, std::size_t n) {
             with_half(w, n,
                       constraints(10, "Q21503247",
                                   {entity_snak("P2306", "P2"), entity_snak("P2305", "Q5")}),
                       text_of_p1, item_of_p2);
         }},
        {"5,000 differences with 5,000 that have no value", 10'000,
         [](World& w, std::size_t n) {
             with_half(
                 w, n,
                 constraints(50, "Q21510854",
                             {entity_snak("P2306", "P2"), quantity_snak("P2313", 1),
                              quantity_snak("P2312", 9)}),
                 [](std::size_t i) { return quantity_snak("P1", i); },
                 [](std::size_t) { return missing_snak("P2", "somevalue"); });
         }},
        {"5,000 contemporaries of one with 10,000 starts", 10'000,
         [](World& w, std::size_t n) {
             with_half(
                 w, n, constraints(10, "Q25796498"),
                 [](std::size_t) { return entity_snak("P1", "Q2"); },
                 [](std::size_t i) { return year_snak("P580", i); });
             w.source.put(
                 entity_json("Q2", statements(n, [](std::size_t i) {
                                 return StatementText{"Q2$" + number(i), year_snak("P582", i)};
                             })));
         }},
        {"10,000 links to one with 10,000 statements: symmetric", 10'000,
         [](World& w, std::size_t n) {
             with_target(w, n, constraints(10, "Q21510862"),
                         [](std::size_t i) { return entity_snak("P1", "Q" + number(i + 3)); });
         }},
        {"10,000 links to one with 10,000: value requires", 10'000,
         [](World& w, std::size_t n) {
             with_target(w, n,
                         constraints(10, "Q21510864",
                                     {entity_snak("P2306", "P2"), entity_snak("P2305", "Q5")}),
                         item_of_p2);
         }},
        {"10,000 links to one with 10,000 classes: value type", 10'000,
         [](World& w, std::size_t n) {
             with_target(
                 w, n,
                 constraints(10, "Q21510865",
                             {entity_snak("P2308", "Q5"), entity_snak("P2309", "Q21503252")}),
                 [](std::size_t i) { return entity_snak("P31", "Q" + number(i + 10)); });
         }},
        {"5,000 statements on one with 5,000 classes: subject type", 10'000,
         [](World& w, std::size_t n) {
             with_half(w, n,
                       constraints(10, "Q21503250",
                                   {entity_snak("P2308", "Q5"), entity_snak("P2309", "Q21503252")}),
                       text_of_p1,
                       [](std::size_t i) { return entity_snak("P31", "Q" + number(i + 10)); });
         }},
        {"an instance of a chain of 100,000 classes", 100'000,
         [](World& w, std::size_t n) {
             chain(w, n);
             w.source.put(property_json("P1", constraints(50, "Q21503250",
                                                          {entity_snak("P2308", "Q5"),
                                                           entity_snak("P2309", "Q21503252")})));
             w.entity = entity_json(
                 "Q1", {{guid(1), entity_snak("P31", "Q1000")}, {guid(2), string_snak("P1", "x")}});
         }},
        {"an instance of 100 classes of that chain", 100'000,
         [](World& w, std::size_t n) { instance_of_chain(w, n, 100, {"Q5"}); }},
        {"an instance of 10,000 classes of that chain", 100'000,
         [](World& w, std::size_t n) { instance_of_chain(w, n, n / 10, {"Q5"}); }},
        {"10,000 qualifiers on one statement", 10'000,
         [](World& w, std::size_t n) {
             w.source.put(
                 property_json("P1", constraints(50, "Q21510851", {entity_snak("P2306", "P3")})));
             std::vector<ConstraintText> list = constraints(25, "Q21510857");
             for (const auto& each :
                  constraints(25, "Q21510854",
                              {entity_snak("P2306", "P4"), quantity_snak("P2312", 9),
                               quantity_snak("P2313", 1)}))
                 list.push_back(each);
             w.source.put(property_json("P2", list));
             std::vector<std::string> qualifiers;
             for (std::size_t i = 0; i < n; ++i)
                 qualifiers.push_back(quantity_snak("P2", i));
             w.entity = entity_json("Q1", {{guid(1), text_of_p1(1), qualifiers}});
         }},
        {"10,000 snaks in one reference", 10'000,
         [](World& w, std::size_t n) {
             w.source.put(property_json("P2", constraints(50, "Q21510857")));
             std::vector<std::string> snaks;
             for (std::size_t i = 0; i < n; ++i)
                 snaks.push_back(string_snak("P2", number(i)));
             w.entity = entity_json("Q1", {{guid(1), text_of_p1(1), {}, snaks}});
         }},
        {"10,000 statements with a reference each", 10'000,
         [](World& w, std::size_t n) {
             w.source.put(property_json("P2", constraints(50, "Q21528958")));
             w.entity =
                 entity_json("Q1", statements(n, [](std::size_t i) {
                                 return StatementText{
                                     guid(i), text_of_p1(i), {}, {string_snak("P2", number(i))}};
                             }));
         }},
        {"10,000 properties, each with a constraint", 10'000,
         [](World& w, std::size_t n) {
             for (std::size_t i = 1; i <= n; ++i)
                 w.source.put(property_json("P" + number(i), constraints(1, "Q54554025")));
             w.entity = entity_json(
                 "Q1", statements(n, [](std::size_t i) {
                     return StatementText{guid(i), string_snak("P" + number(i + 1), "x")};
                 }));
         }},
        {"100,000 exceptions", 100'000,
         [](World& w, std::size_t n) {
             with_all(w, 10, {{"P1$1", "Q19474404", items("P2303", n)}});
         }},
        {"100,000 parameters of as many properties", 100'000,
         [](World& w, std::size_t n) {
             std::vector<std::string> list;
             for (std::size_t i = 0; i < n; ++i)
                 list.push_back(missing_snak("P" + number(i + 10), "somevalue"));
             with_all(w, 10, {{"P1$1", "Q19474404", list}});
         }},
        {"100,000 allowed values", 100'000,
         [](World& w, std::size_t n) {
             with_all(w, 10, {{"P1$1", "Q21510859", items("P2305", n)}});
         }},
        {"10,000 statements, 50 lists of 180 allowed values", 10'000,
         [](World& w, std::size_t n) {
             std::vector<std::string> list;
             for (std::size_t i = 0; i < 180; ++i)
                 list.push_back(entity_snak("P2305", "Q" + number(i + 1)));
             w.source.put(property_json("P1", constraints(50, "Q21510859", list)));
             w.entity = entity_json(
                 "Q1", statements(n, [](std::size_t i) {
                     return StatementText{guid(i), entity_snak("P1", "Q" + number(i % 180 + 1))};
                 }));
         }},
        {"a text of 5 MB, patterns that backtrack", 5'000'000,
         [](World& w, std::size_t n) {
             put_hostile_patterns(w);
             w.entity = entity_json("Q1", {{guid(1), string_snak("P1", std::string(n, 'a'))}});
         },
         false},
        {"10,000 texts, patterns that backtrack", 10'000,
         [](World& w, std::size_t n) {
             put_hostile_patterns(w);
             w.entity =
                 entity_json("Q1", statements(n, [](std::size_t i) {
                                 return StatementText{
                                     guid(i), string_snak("P1", std::string(100 + i % 300, 'a'))};
                             }));
         },
         false},
    };
    return all;
}

} // namespace runner::test::hostile
