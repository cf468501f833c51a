// SPDX-License-Identifier: GPL-2.0-or-later
// Recomputes every snak and reference hash of the entities in NDJSON files and compares them with
// the hashes that the wiki wrote. Prints counts; exit status 1 when one differs.
#include "entity/entity.hpp"
#include "entity/snak_hash.hpp"

#include <cstdio>
#include <fstream>
#include <iostream>
#include <string>

using namespace runner::entity;

namespace {

std::size_t equal = 0;
std::size_t different = 0;

void compare(const std::string& ours, std::string_view theirs, const EntityId& entity,
             const char* what) {
    if (ours == theirs) {
        ++equal;
    } else if (++different <= 20) {
        std::printf("%s %s %.*s: ours %s\n", entity.to_string().c_str(), what,
                    static_cast<int>(theirs.size()), theirs.data(), ours.c_str());
    }
}

void compare_snaks(std::span<const Snak> snaks, const EntityId& entity) {
    for (const Snak& snak : snaks)
        compare(snak_hash(snak), snak.hash, entity, "snak");
}

void compare_entity(const Entity& entity) {
    for (const Statement& statement : entity.statements) {
        compare_snaks({&statement.main, 1}, entity.id);
        compare_snaks(statement.qualifiers, entity.id);
        for (const Reference& reference : statement.references) {
            compare_snaks(reference.snaks, entity.id);
            compare(reference_hash(reference.snaks), reference.hash, entity.id, "reference");
        }
    }
    for (const Entity& form : entity.forms)
        compare_entity(form);
    for (const Entity& sense : entity.senses)
        compare_entity(sense);
}

} // namespace

int main(int argc, char** argv) {
    for (int i = 1; i < argc; ++i) {
        std::ifstream file(argv[i]);
        std::string line;
        while (std::getline(file, line))
            if (line.size() > 2)
                compare_entity(parse_entity(line)->entity());
    }
    std::printf("%zu hashes equal, %zu different\n", equal, different);
    return different == 0 && equal != 0 ? 0 : 1;
}
