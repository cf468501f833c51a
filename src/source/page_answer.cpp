// SPDX-License-Identifier: GPL-2.0-or-later
// See page_answer.hpp.
#include "source/page_answer.hpp"

#include "base/utf8.hpp"
#include "source/entity_line.hpp"
#include "source/json_scanner.hpp"

#include <fmt/format.h>

#include <string>
#include <utility>

namespace runner::source {
namespace {

struct Member {
    std::string_view key;
    std::string_view json;
};

/// The value of the first member of `json` that has the name, if there is one.
bool find_member(std::string_view json, std::string_view name, std::string_view& value) {
    JsonScanner scan(json);
    scan.expect('{');
    if (scan.take('}'))
        return false;
    do {
        scan.skip_white();
        const std::string_view key = scan.string();
        scan.expect(':');
        scan.skip_white();
        value = scan.value();
        if (key == name)
            return true;
    } while (scan.take(','));
    return false;
}

/// The member of "entities" that is about `page`, or the first; throws base::DataError.
Member member_of(std::string_view body, const std::string& page) {
    std::string_view entities;
    if (!find_member(body, "entities", entities)) {
        std::string_view error;
        if (find_member(body, "error", error))
            throw base::DataError(fmt::format("an error of the API instead of an entity: {}",
                                              base::utf8_prefix(error, 80)));
        throw base::DataError("no \"entities\" in it");
    }
    constexpr const char* none = "the response contains no entity";
    JsonScanner scan(entities);
    if (entities.starts_with('[')) { // PHP's empty array
        scan.expect('[');
        if (scan.take(']'))
            throw base::DataError(none);
        throw base::DataError("\"entities\" is a list");
    }
    scan.expect('{');
    if (scan.take('}'))
        throw base::DataError(none);
    Member first;
    do {
        scan.skip_white();
        const std::string_view key = scan.string();
        scan.expect(':');
        scan.skip_white();
        const std::string_view json = scan.value();
        if (key == page)
            return {key, json};
        if (first.json.empty())
            first = {key, json};
    } while (scan.take(','));
    return first;
}

/// wbgetentities has the target under the id that was asked for, and says so.
bool says_redirect(std::string_view json, const std::string& from, const std::string& to) {
    std::string_view redirects, value;
    return find_member(json, "redirects", redirects) && redirects.starts_with('{') &&
           find_member(redirects, "from", value) && value == '"' + from + '"' &&
           find_member(redirects, "to", value) && value == '"' + to + '"';
}

} // namespace

Lookup read_page_answer(std::string_view body, const entity::EntityId& page) {
    const std::string asked = page.to_string();
    const Member member = member_of(body, asked);
    InputLine line;
    decide_line(member.json, 1, 1, [&](const InputLine& decided) { line = decided; });
    if (line.kind == LineKind::problem)
        throw base::DataError(line.problem);
    if (line.kind == LineKind::redirect)
        throw base::DataError("a redirect instead of an entity");
    const std::string id = line.id.to_string();
    const auto another = [&] {
        return base::DataError(
            fmt::format("the response contains {} (under the key \"{}\") instead of {}", id,
                        base::utf8_prefix(member.key, 40), asked));
    };
    if (line.id == page && member.key != asked)
        throw another();
    Lookup lookup{.id = page};
    if (line.kind == LineKind::missing) {
        if (line.id != page)
            throw another();
        return lookup;
    }
    if (line.id != page) {
        const bool may_redirect =
            line.id.type == page.type && page.type != entity::EntityType::property;
        if (!may_redirect || (member.key != id && !says_redirect(member.json, asked, id)))
            throw another();
        lookup.state = State::redirect;
        lookup.redirect_target = line.id;
        return lookup;
    }
    auto document = entity::parse_entity(member.json);
    if (document->entity().id != page)
        throw base::DataError("\"id\" occurs twice");
    lookup.state = State::found;
    lookup.revision = document->entity().revision;
    lookup.document = std::move(document);
    return lookup;
}

} // namespace runner::source
