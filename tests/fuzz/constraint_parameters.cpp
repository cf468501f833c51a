// SPDX-License-Identifier: GPL-2.0-or-later
// Fuzzes constraint parameters: the input is the JSON of property P1, whose constraints are read
// and applied to a fixed item that uses P1 with values of every type, as main value, qualifier and
// reference. Whatever the parameters, the checks end, and the result is valid JSON.
#include "base/error.hpp"
#include "checks/engine.hpp"
#include "checks/entity_check.hpp"
#include "config/wiki_settings.hpp"
#include "source/source.hpp"

#include <boost/json.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace runner;

constexpr std::string_view values[] = {
    R"("snaktype":"somevalue","property":"P1")",
    R"("snaktype":"value","property":"P1","datatype":"string","datavalue":)"
    R"({"type":"string","value":"Fl(2) W 10s, ähnlich"})",
    R"("snaktype":"value","property":"P1","datatype":"wikibase-item","datavalue":)"
    R"({"type":"wikibase-entityid","value":{"entity-type":"item","numeric-id":5,"id":"Q5"}})",
    R"("snaktype":"value","property":"P1","datatype":"time","datavalue":{"type":"time","value":)"
    R"({"time":"+1912-05-12T00:00:00Z","timezone":0,"before":0,"after":0,"precision":11,)"
    R"("calendarmodel":"http://www.wikidata.org/entity/Q1985727"}})",
    R"("snaktype":"value","property":"P1","datatype":"quantity","datavalue":{"type":"quantity",)"
    R"("value":{"amount":"+12.5","unit":"http://www.wikidata.org/entity/Q11573",)"
    R"("lowerBound":"+12","upperBound":"+13"}})",
    R"("snaktype":"value","property":"P1","datatype":"monolingualtext","datavalue":)"
    R"({"type":"monolingualtext","value":{"language":"de","text":"Turm"}})",
};

std::string make_subject() {
    std::string statements;
    for (const std::string_view value : values) {
        const std::string snak = "{" + std::string(value) + "}";
        statements += statements.empty() ? "" : ",";
        statements += R"({"mainsnak":)" + snak + R"(,"type":"statement","rank":"normal","id":)" +
                      "\"Q1$" + std::to_string(statements.size()) + R"(","qualifiers":{"P1":[)" +
                      snak + R"(]},"references":[{"snaks":{"P1":[)" + snak + "]}}]}";
    }
    return R"({"type":"item","id":"Q1","lastrevid":1,"labels":{"en":{"language":"en",)"
           R"("value":"tower"}},"claims":{"P1":[)" +
           statements + "]}}";
}

/// Knows the property P1, and nothing else.
class OneProperty : public source::EntitySource {
public:
    explicit OneProperty(entity::EntityPtr property) : property_(std::move(property)) {}

    std::vector<source::Lookup> load(std::span<const entity::EntityId> ids,
                                     std::uint64_t /*min_revision*/) override {
        std::vector<source::Lookup> found;
        for (const entity::EntityId& id : ids) {
            source::Lookup& lookup = found.emplace_back();
            lookup.id = id;
            if (id == property_->entity().id) {
                lookup.state = source::State::found;
                lookup.revision = 1;
                lookup.document = property_;
            }
        }
        return found;
    }

private:
    entity::EntityPtr property_;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const entity::EntityPtr subject = entity::parse_entity(make_subject());
    entity::EntityPtr property;
    try {
        property = entity::parse_entity({reinterpret_cast<const char*>(data), size});
    } catch (const base::DataError&) {
        return 0; // the target "entity" is about this
    }
    config::WikiSettings wiki;
    wiki.enable_suggestion_constraint_status = true;
    checks::Engine engine(wiki, {.now = 1'763'750'000});
    OneProperty source(property);
    const checks::Gathered gathered =
        engine.gather(subject, subject->entity().id, subject->entity().revision, source);
    (void)boost::json::parse(engine.check(gathered).value);
    std::string line;
    runner::checks::Engine::append_line(engine.run(gathered), line);
    (void)boost::json::parse(line);
    return 0;
}
