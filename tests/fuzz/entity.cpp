// SPDX-License-Identifier: GPL-2.0-or-later
// Fuzzes the reader of entity JSON: any bytes give an entity or a DataError, and an entity can be
// walked to its last snak (the sanitizers see a view that leads out of the arena).
#include "entity/entity.hpp"

#include "base/error.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

using namespace runner;

volatile std::size_t seen = 0; // keeps the reading below from being left out

void touch(std::string_view text) {
    std::size_t sum = text.size();
    for (const char c : text)
        sum += static_cast<unsigned char>(c);
    seen = seen + sum;
}

void touch(const entity::Snak& snak) {
    touch(snak.hash);
    if (snak.type != entity::SnakType::value)
        return;
    touch(entity::type_name(snak.value));
    if (const auto* text = std::get_if<std::string_view>(&snak.value))
        touch(*text);
    else if (const auto* other = std::get_if<entity::OtherValue>(&snak.value))
        touch(other->json);
    else if (const auto* time = std::get_if<entity::TimeValue>(&snak.value))
        touch(time->time);
    else if (const auto* quantity = std::get_if<entity::QuantityValue>(&snak.value))
        touch(quantity->amount);
}

void walk(const entity::Entity& entity) {
    for (const entity::Statement& statement : entity.statements) {
        touch(statement.main);
        touch(statement.guid);
        for (const entity::Snak& snak : statement.qualifiers)
            touch(snak);
        for (const entity::Reference& reference : statement.references) {
            touch(reference.hash);
            for (const entity::Snak& snak : reference.snaks)
                touch(snak);
        }
    }
    for (const std::string_view language : entity.label_languages)
        if (!entity.has_label(language))
            std::abort();
    for (const entity::Entity& form : entity.forms)
        walk(form);
    for (const entity::Entity& sense : entity.senses)
        walk(sense);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    try {
        const entity::EntityPtr document =
            entity::parse_entity({reinterpret_cast<const char*>(data), size});
        walk(document->entity());
        if (document->find(document->entity().id) != &document->entity())
            std::abort();
    } catch (const base::DataError& error) {
        if (std::string_view(error.what()).empty())
            std::abort(); // an error without a text helps nobody
    }
    return 0;
}
