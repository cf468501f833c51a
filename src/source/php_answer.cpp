// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/php_answer.hpp"

#include "base/utf8.hpp"
#include "source/entity_unavailable.hpp"
#include "source/json_scanner.hpp"

#include <fmt/format.h>

#include <charconv>
#include <string>

namespace runner::source {

namespace {

struct Fields {
    std::string_view id;
    std::string_view state;
    std::string_view target;
    std::string_view document; ///< JSON
    std::uint64_t revision = 0;
};

Fields fields_of(JsonScanner& scan) {
    Fields fields;
    scan.expect('{');
    if (scan.take('}'))
        return fields;
    do {
        scan.skip_white();
        const std::string_view key = scan.string();
        scan.expect(':');
        scan.skip_white();
        if (key == "document") {
            fields.document = scan.value();
        } else if (key == "revision") {
            const std::string_view number = scan.value();
            const char* end = number.data() + number.size();
            if (std::from_chars(number.data(), end, fields.revision).ptr != end || number.empty())
                throw base::DataError("\"revision\" is not a number");
        } else if (key == "id" || key == "state" || key == "target") {
            (key == "id"      ? fields.id
             : key == "state" ? fields.state
                              : fields.target) = scan.string();
        } else {
            (void)scan.value();
        }
    } while (scan.take(','));
    scan.expect('}');
    return fields;
}

Lookup lookup_of(const Fields& fields, const entity::EntityId& page) {
    if (entity::EntityId::parse(fields.id) != page)
        throw base::DataError(
            fmt::format("a response about another entity than {}", page.to_string()));
    Lookup lookup{.id = page, .revision = fields.revision};
    if (fields.state == "found") {
        lookup.state = State::found;
        if (fields.document.empty())
            throw base::DataError(fmt::format("{} without a document", page.to_string()));
        try {
            lookup.document = entity::parse_entity(fields.document);
        } catch (const base::DataError& error) { // costs no other entity its answer
            throw EntityUnavailable(fmt::format("the document of {} from the PHP worker: {}",
                                                page.to_string(), error.what()));
        }
        if (lookup.document->entity().id != page)
            throw base::DataError(
                fmt::format("the document of {} describes another entity", page.to_string()));
    } else if (fields.state == "redirect") {
        const auto target = entity::EntityId::parse(fields.target);
        if (!target)
            throw base::DataError(
                fmt::format("{} redirects to something other than an entity", page.to_string()));
        lookup.state = State::redirect;
        lookup.redirect_target = *target;
    } else if (fields.state != "missing") {
        throw base::DataError(fmt::format("{}: unknown state", page.to_string()));
    }
    return lookup;
}

[[noreturn]] void refuse(JsonScanner& scan) {
    std::string_view message = "an error without a message";
    scan.expect('{');
    do {
        scan.skip_white();
        const std::string_view key = scan.string();
        scan.expect(':');
        scan.skip_white();
        if (key == "message")
            message = scan.string();
        else
            (void)scan.value();
    } while (scan.take(','));
    throw EntityUnavailable("the PHP worker says: " + std::string(base::utf8_prefix(message, 500)));
}

} // namespace

std::vector<Lookup> parse_php_answer(std::string_view text,
                                     std::span<const entity::EntityId> pages) {
    std::vector<Lookup> lookups;
    JsonScanner scan(text);
    scan.expect('{');
    scan.skip_white();
    const std::string_view key = scan.string();
    scan.expect(':');
    if (key == "error")
        refuse(scan);
    if (key != "entities")
        throw base::DataError("no \"entities\" in the response of a PHP worker");
    scan.expect('[');
    if (!scan.take(']')) {
        do {
            if (lookups.size() == pages.size())
                throw base::DataError("more entities than requested");
            const entity::EntityId& page = pages[lookups.size()];
            lookups.push_back(lookup_of(fields_of(scan), page));
        } while (scan.take(','));
        scan.expect(']');
    }
    if (lookups.size() != pages.size())
        throw base::DataError("fewer entities than requested");
    return lookups;
}

} // namespace runner::source
