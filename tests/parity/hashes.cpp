// SPDX-License-Identifier: GPL-2.0-or-later
// Compares the hashes that the wiki wrote into entities of NDJSON files with those that are
// computed of their snaks and references: each must be among them. Prints counts; exit status 1
// when one differs.
#include "entity/entity.hpp"

#include <cctype>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <string>
#include <string_view>
#include <unordered_set>

using namespace runner::entity;

namespace {

using Hashes = std::unordered_set<std::string_view>;

std::size_t equal = 0;
std::size_t different = 0;

void collect(std::span<const Snak> snaks, Hashes& into) {
    for (const Snak& snak : snaks)
        into.insert(snak.hash);
}

void collect(const Entity& entity, Hashes& into) {
    for (const Statement& statement : entity.statements) {
        collect({&statement.main, 1}, into);
        collect(statement.qualifiers, into);
        for (const Reference& reference : statement.references) {
            collect(reference.snaks, into);
            into.insert(reference.hash);
        }
    }
    for (const auto* parts : {&entity.forms, &entity.senses})
        for (const Entity& part : *parts)
            collect(part, into);
}

/// Every `"hash": "…"` of the line, which in a text would have its quotes escaped.
void compare(std::string_view line, const EntityId& entity, const Hashes& computed) {
    constexpr std::string_view key = "\"hash\":";
    for (std::size_t at = line.find(key); at != std::string_view::npos; at = line.find(key, at)) {
        at += key.size();
        while (at < line.size() && std::isspace(static_cast<unsigned char>(line[at])) != 0)
            ++at;
        const std::string_view theirs = line.substr(at + 1, 40);
        if (computed.contains(theirs))
            ++equal;
        else if (++different <= 20)
            std::printf("%s: %.*s is not computed\n", entity.to_string().c_str(),
                        static_cast<int>(theirs.size()), theirs.data());
    }
}

} // namespace

int main(int argc, char** argv) {
    for (int i = 1; i < argc; ++i) {
        std::ifstream file(argv[i]);
        std::string line;
        while (std::getline(file, line)) {
            if (line.size() <= 2)
                continue;
            const EntityPtr document = parse_entity(line);
            Hashes computed;
            collect(document->entity(), computed);
            compare(line, document->entity().id, computed);
        }
    }
    std::printf("%zu hashes equal, %zu different\n", equal, different);
    return different == 0 && equal != 0 ? 0 : 1;
}
