// SPDX-License-Identifier: GPL-2.0-or-later
// Data values from JSON; see value_reader.hpp. What each type requires, and the words of the
// errors, follow the constructors of Wikibase's value objects.
#include "entity/value_reader.hpp"

#include "entity/damaged.hpp"
#include "entity/decimal.hpp"

#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <span>

namespace runner::entity {

namespace dom = simdjson::dom;

namespace {

/// Why the value can't be what was written: no wiki gives it in this form.
struct Damaged {
    std::string reason;
};

/// Why Wikibase can't deserialize a value.
struct Undeserializable {
    std::string reason;
};

std::optional<dom::element> field(const dom::element& json, std::string_view name) {
    dom::object object;
    if (json.get(object) != simdjson::SUCCESS)
        return std::nullopt;
    std::optional<dom::element> found;
    for (const auto member : object)
        if (member.key == name)
            found = member.value; // the last one counts, as in PHP
    return found;
}

dom::element required(const dom::element& json, std::string_view name) {
    if (!json.is_object() && !json.is_array())
        throw Undeserializable{"array expected"};
    const auto found = field(json, name);
    if (!found)
        throw Undeserializable{std::string{name} + " field required"};
    return *found;
}

std::string_view text_of(const dom::element& json, const char* message) {
    std::string_view text;
    if (json.get(text) != simdjson::SUCCESS)
        throw Undeserializable{message};
    return text;
}

std::string_view nonempty_text_of(const dom::element& json, const char* message) {
    const auto text = text_of(json, message);
    if (text.empty())
        throw Undeserializable{message};
    return text;
}

int integer_of(const dom::element& json, const char* message) {
    std::int64_t number = 0;
    if (!json.is_int64() || json.get(number) != simdjson::SUCCESS ||
        number < std::numeric_limits<int>::min() || number > std::numeric_limits<int>::max())
        throw Undeserializable{message};
    return static_cast<int>(number);
}

/// Looks at the keys of a value, unless it has as many as the `known` ones that were found.
void refuse_damaged_keys(const dom::element& json, std::size_t known,
                         std::span<const std::string_view> names) {
    dom::object object;
    if (json.get(object) != simdjson::SUCCESS || object.size() == known)
        return;
    for (const auto member : object)
        if (const auto name = damaged_name(member.key, names); !name.empty())
            throw Damaged{"\"" + std::string{member.key} + "\" looks like a damaged \"" +
                          std::string{name} + '"'};
}

constexpr std::array<std::string_view, 3> id_keys{"id", "entity-type", "numeric-id"};
constexpr std::array<std::string_view, 7> entity_types{"item",  "property",  "lexeme",       "form",
                                                       "sense", "mediainfo", "entity-schema"};

struct IdFields {
    std::optional<dom::element> id;
    std::optional<dom::element> type;
    std::optional<dom::element> number;

    explicit IdFields(const dom::element& json) {
        dom::object object;
        if (json.get(object) != simdjson::SUCCESS)
            return;
        for (const auto member : object) { // the last one counts, as in PHP
            if (member.key == id_keys[0])
                id = member.value;
            else if (member.key == id_keys[1])
                type = member.value;
            else if (member.key == id_keys[2])
                number = member.value;
        }
        refuse_damaged_keys(json, (id ? 1U : 0U) + (type ? 1U : 0U) + (number ? 1U : 0U), id_keys);
    }
};

/// The three fields of an id say the same, if Wikibase wrote them: the number and the type tell
/// whether the id is damaged. `parsed` is null when the id is none.
void refuse_damaged_id(const IdFields& fields, std::string_view text, const EntityId* parsed) {
    std::string_view type;
    if (!fields.type || fields.type->get(type) != simdjson::SUCCESS)
        return;
    if (const auto name = damaged_name(type, entity_types); !name.empty())
        throw Damaged{"the entity-type \"" + std::string{type} + "\" looks like a damaged \"" +
                      std::string{name} + '"'};
    const auto known = entity_type_from(type);
    if (!known)
        return; // of an extension
    const bool agrees = parsed != nullptr && parsed->type == *known;
    std::uint64_t number = 0;
    if (agrees && (!fields.number || fields.number->get(number) != simdjson::SUCCESS ||
                   number == parsed->number))
        return;
    throw Damaged{"the id \"" + std::string{text} + "\" does not agree with its entity-type or " +
                  "numeric-id"};
}

DataValue read_entity_id(const dom::element& json) {
    const IdFields fields(json);
    if (fields.id) {
        std::string_view text;
        if (fields.id->get(text) != simdjson::SUCCESS)
            throw Undeserializable{"The serialization of an entity ID should be a string"};
        const auto parsed = EntityId::parse(text);
        refuse_damaged_id(fields, text, parsed ? &*parsed : nullptr);
        if (parsed)
            return *parsed;
        throw Undeserializable{"The serialization \"" + std::string{text} +
                               "\" is not recognized by the configured id builders"};
    }
    const auto& type = fields.type;
    const auto& number = fields.number;
    if (!type || !number)
        throw Undeserializable{
            "Either \"id\" or \"entity-type\" and \"numeric-id\" fields required"};
    std::string_view type_text;
    std::int64_t value = 0;
    std::string_view number_text;
    if (type->get(type_text) != simdjson::SUCCESS ||
        (type_text != "item" && type_text != "property"))
        throw Undeserializable{"Invalid entityType"};
    std::string id{type_text == "item" ? "Q" : "P"};
    if (number->get(value) == simdjson::SUCCESS)
        id += std::to_string(value);
    else if (number->get(number_text) == simdjson::SUCCESS)
        id += number_text;
    if (const auto parsed = EntityId::parse(id))
        return *parsed;
    throw Undeserializable{"Invalid numeric-id"};
}

bool digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// TimeValue's own form: sign, year of at least four digits, the rest as it is.
std::string normalize_timestamp(std::string_view text) {
    const auto malformed = [&] {
        return Undeserializable{"$timestamp must resemble ISO 8601, given " + std::string{text}};
    };
    // ±Y{1,16}-MM-DDThh:mm:ssZ, and the final newline that PHP's `$` lets pass
    std::string_view rest = text;
    if (!rest.empty() && rest.back() == '\n')
        rest.remove_suffix(1);
    constexpr std::string_view shape = "-00-00T00:00:00Z";
    if (rest.size() < 2 + shape.size() || rest.size() > 17 + shape.size())
        throw malformed();
    const std::string_view year = rest.substr(1, rest.size() - shape.size() - 1);
    const std::string_view tail = rest.substr(rest.size() - shape.size());
    std::size_t wrong = rest[0] == '+' || rest[0] == '-' ? 0 : 1;
    for (const char c : year)
        wrong += digit(c) ? 0 : 1;
    for (std::size_t i = 0; i < shape.size(); ++i)
        wrong += (shape[i] == '0' ? digit(tail[i]) : tail[i] == shape[i]) ? 0 : 1;
    constexpr std::size_t least_year = 4; // digits of a year that Wikibase writes
    if (wrong == 1 && year.size() >= least_year)
        throw Damaged{"the time \"" + std::string{text} + "\" looks damaged"};
    if (wrong > 0)
        throw malformed();
    // another digit, and it would be a time
    const auto out_of_bounds = [&](const char* why) {
        return Damaged{"the time \"" + std::string{text} + "\" is none: " + why};
    };
    const auto two = [&](std::size_t at) { return (tail[at] - '0') * 10 + (tail[at + 1] - '0'); };
    const int month = two(1), day = two(4), hour = two(7), minute = two(10), second = two(13);
    if (month > 12)
        throw out_of_bounds("Month out of allowed bounds");
    if (day > 31)
        throw out_of_bounds("Day out of allowed bounds");
    if (hour > 23)
        throw out_of_bounds("Hour out of allowed bounds");
    if (minute > 59)
        throw out_of_bounds("Minute out of allowed bounds");
    if (second > 61)
        throw out_of_bounds("Second out of allowed bounds");
    if (month < 1 && day > 0)
        throw out_of_bounds("Cannot have a day with no month");
    if (day < 1 && (hour > 0 || minute > 0 || second > 0))
        throw out_of_bounds("Cannot have hour, minute or second with no day");
    std::string out{rest[0]};
    const auto first = year.find_first_not_of('0');
    const std::string_view significant =
        first == std::string_view::npos ? std::string_view{} : year.substr(first);
    if (significant.size() < 4)
        out.append(4 - significant.size(), '0');
    out += significant;
    out += tail;
    return out;
}

DataValue read_time(const dom::element& json, std::pmr::memory_resource& arena) {
    static constexpr std::array<std::string_view, 6> keys{"time",  "timezone",  "before",
                                                          "after", "precision", "calendarmodel"};
    refuse_damaged_keys(json, 0, keys);
    const auto time = required(json, "time");
    const auto timezone = required(json, "timezone");
    const auto before = required(json, "before");
    const auto after = required(json, "after");
    const auto precision = required(json, "precision");
    const auto calendar = required(json, "calendarmodel");
    TimeValue value;
    const auto text = nonempty_text_of(time, "$timestamp must be a non-empty string");
    value.timezone = integer_of(timezone, "$timezone must be an integer");
    if (value.timezone < -12 * 3600 || value.timezone > 14 * 3600)
        throw Undeserializable{"$timezone out of allowed bounds"};
    value.before = integer_of(before, "$before must be an unsigned integer");
    if (value.before < 0)
        throw Undeserializable{"$before must be an unsigned integer"};
    value.after = integer_of(after, "$after must be an unsigned integer");
    if (value.after < 0)
        throw Undeserializable{"$after must be an unsigned integer"};
    value.precision = integer_of(precision, "$precision must be an integer");
    if (value.precision < 0 || value.precision > 14)
        throw Undeserializable{"$precision out of allowed bounds"};
    static constexpr std::array<std::string_view, 2> calendars{
        "http://www.wikidata.org/entity/Q1985727", "http://www.wikidata.org/entity/Q1985786"};
    const auto model = nonempty_text_of(calendar, "$calendarModel must be a non-empty string");
    if (!damaged_name(model, calendars).empty())
        throw Damaged{"the calendarmodel \"" + std::string{model} + "\" looks damaged"};
    value.calendar_model = keep(arena, model);
    value.time = keep(arena, normalize_timestamp(text));
    return value;
}

std::string read_decimal(const dom::element& json) {
    std::optional<std::string> decimal;
    std::string_view text;
    std::int64_t whole = 0;
    double real = 0;
    if (json.get(text) == simdjson::SUCCESS) {
        decimal = normalize_decimal(text);
        if (!decimal && text.size() > 127)
            throw Undeserializable{"Value must be at most 127 characters long."};
        if (!decimal) {
            const bool bare = text.empty() || (text[0] != '+' && text[0] != '-');
            throw Undeserializable{"\"" + std::string{bare && !text.empty() ? "+" : ""} +
                                   std::string{text} + "\" is not a well formed decimal value"};
        }
    } else if (json.is_int64() && json.get(whole) == simdjson::SUCCESS) {
        decimal = normalize_decimal(std::to_string(whole));
    } else if (json.get(real) == simdjson::SUCCESS) {
        decimal = decimal_from_double(real);
    }
    if (!decimal)
        throw Undeserializable{"$number must be a numeric string."};
    return *decimal;
}

bool is_set(const std::optional<dom::element>& json) { return json && !json->is_null(); }

DataValue read_quantity(const dom::element& json, std::pmr::memory_resource& arena) {
    static constexpr std::array<std::string_view, 4> keys{"amount", "unit", "upperBound",
                                                          "lowerBound"};
    refuse_damaged_keys(json, 0, keys);
    const auto amount = required(json, "amount");
    const auto unit = required(json, "unit");
    const auto upper = field(json, "upperBound");
    const auto lower = field(json, "lowerBound");
    const bool bounded = is_set(upper) || is_set(lower);
    if (bounded && !upper)
        throw Undeserializable{"upperBound field required"};
    if (bounded && !lower)
        throw Undeserializable{"lowerBound field required"};
    QuantityValue value;
    value.amount = keep(arena, read_decimal(amount));
    value.unit = keep(arena, nonempty_text_of(unit, "$unit must be a non-empty string. Use \"1\" "
                                                    "for unit-less quantities."));
    if (bounded) {
        value.upper_bound = keep(arena, read_decimal(*upper));
        value.lower_bound = keep(arena, read_decimal(*lower));
        if (compare_decimals(value.lower_bound, value.amount) > 0)
            throw Undeserializable{"$lowerBound " + std::string{value.lower_bound} +
                                   " must be <= $amount " + std::string{value.amount}};
        if (compare_decimals(value.upper_bound, value.amount) < 0)
            throw Undeserializable{"$upperBound " + std::string{value.upper_bound} +
                                   " must be >= $amount " + std::string{value.amount}};
    }
    return value;
}

std::optional<double> number_of(const std::optional<dom::element>& json) {
    double number = 0;
    if (json && json->is_number() && json->get(number) == simdjson::SUCCESS)
        return number;
    return std::nullopt;
}

DataValue read_globe(const dom::element& json, std::pmr::memory_resource& arena) {
    if (!json.is_object() && !json.is_array())
        throw Undeserializable{"array expected"};
    static constexpr std::array<std::string_view, 5> keys{"latitude", "longitude", "altitude",
                                                          "precision", "globe"};
    refuse_damaged_keys(json, 0, keys);
    const auto latitude = number_of(field(json, "latitude"));
    if (!latitude)
        throw Undeserializable{"numeric latitude field required"};
    const auto longitude = number_of(field(json, "longitude"));
    if (!longitude)
        throw Undeserializable{"numeric longitude field required"};
    if (*latitude < -360 || *latitude > 360)
        throw Undeserializable{"Latitude needs to be between -360 and 360"};
    if (*longitude < -360 || *longitude > 360)
        throw Undeserializable{"Longitude needs to be between -360 and 360"};
    GlobeCoordinate value{*latitude, *longitude, number_of(field(json, "precision")), {}};
    if (value.precision && (*value.precision < -360 || *value.precision > 360))
        throw Undeserializable{"$precision needs to be between -360 and 360"};
    const auto globe = field(json, "globe");
    value.globe =
        is_set(globe)
            ? keep(arena, nonempty_text_of(*globe, "$globe must be a non-empty string or null"))
            : std::string_view{"http://www.wikidata.org/entity/Q2"};
    return value;
}

DataValue read_typed(std::string_view type, const dom::element& json,
                     std::pmr::memory_resource& arena) {
    if (type == "wikibase-entityid")
        return read_entity_id(json);
    if (type == "string")
        return keep(arena, text_of(json, "Can only construct StringValue from strings"));
    if (type == "time")
        return read_time(json, arena);
    if (type == "quantity")
        return read_quantity(json, arena);
    if (type == "monolingualtext") {
        static constexpr std::array<std::string_view, 2> keys{"language", "text"};
        refuse_damaged_keys(json, 0, keys);
        const auto language = required(json, "language");
        const auto text = required(json, "text");
        return MonolingualText{
            keep(arena, nonempty_text_of(language, "$languageCode must be a non-empty string")),
            keep(arena, text_of(text, "$text must be a string"))};
    }
    if (type == "globecoordinate")
        return read_globe(json, arena);
    if (type == "boolean" || type == "number" || type == "unknown")
        return OtherValue{keep(arena, type), keep(arena, simdjson::minify(json)), {}};
    static constexpr std::array<std::string_view, 9> types{
        "wikibase-entityid", "string",  "time",   "quantity", "monolingualtext",
        "globecoordinate",   "boolean", "number", "unknown"};
    if (const auto name = damaged_name(type, types); !name.empty())
        throw Damaged{"the type \"" + std::string{type} + "\" looks like a damaged \"" +
                      std::string{name} + '"'};
    throw Undeserializable{"Type \"" + std::string{type} + "\" is unsupported"};
}

} // namespace

std::string_view keep(std::pmr::memory_resource& arena, std::string_view text) {
    if (text.empty())
        return {};
    auto* place = static_cast<char*>(arena.allocate(text.size(), 1));
    std::memcpy(place, text.data(), text.size());
    return {place, text.size()};
}

DataValue read_value(dom::element json, std::pmr::memory_resource& arena, const JsonPath& path) {
    const auto type = field(json, "type");
    const auto value = field(json, "value");
    std::string_view type_text;
    if (!type || type->get(type_text) != simdjson::SUCCESS)
        path.fail("has no \"type\"");
    if (!value)
        path.fail("has no \"value\"");
    std::string reason;
    std::string_view error;
    const auto given = field(json, "error");
    if (given && given->get(error) == simdjson::SUCCESS && !error.empty()) {
        reason = error; // the wiki could not deserialize it
    } else {
        try {
            return read_typed(type_text, *value, arena);
        } catch (const Undeserializable& e) {
            reason = e.reason;
        } catch (const Damaged& e) {
            path.fail(e.reason);
        }
    }
    return OtherValue{keep(arena, type_text), keep(arena, simdjson::minify(*value)),
                      keep(arena, reason)};
}

} // namespace runner::entity
