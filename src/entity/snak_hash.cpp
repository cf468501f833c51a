// SPDX-License-Identifier: GPL-2.0-or-later
// PHP's serialization of Wikibase's value objects, as far as hashes need it; see snak_hash.hpp.
// The forms are those of SnakObject::getSerializationForHash and DataValueObject::serialize.
#include "entity/snak_hash.hpp"

#include "base/sha1.hpp"
#include "entity/php_serialize.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <vector>

namespace runner::entity {

namespace {

void append_number(std::string& out, std::integral auto number) {
    char text[24];
    out.append(text, std::to_chars(text, text + sizeof text, number).ptr);
}

/// `s:5:"hello";`
void append_string(std::string& out, std::string_view text) {
    out += "s:";
    append_number(out, text.size());
    out += ":\"";
    out += text;
    out += "\";";
}

/// An object that serializes itself, `C:5:"Class":7:{content}`: what `append` appends becomes its
/// content. Its size is before it and is known afterwards.
template <typename Append>
void append_object(std::string& out, std::string_view class_name, const Append& append) {
    out += "C:";
    append_number(out, class_name.size());
    out += ":\"";
    out += class_name;
    out += "\":";
    const std::size_t begin = out.size();
    append();
    char head[24];
    char* end = std::to_chars(head, head + 20, out.size() - begin).ptr;
    *end++ = ':';
    *end++ = '{';
    out.insert(begin, head, static_cast<std::size_t>(end - head));
    out += '}';
}

std::string_view id_class(EntityType type) noexcept {
    switch (type) {
    case EntityType::item: return "Wikibase\\DataModel\\Entity\\ItemId";
    case EntityType::property: return "Wikibase\\DataModel\\Entity\\NumericPropertyId";
    case EntityType::lexeme: return "Wikibase\\Lexeme\\Domain\\Model\\LexemeId";
    case EntityType::form: return "Wikibase\\Lexeme\\Domain\\Model\\FormId";
    case EntityType::sense: return "Wikibase\\Lexeme\\Domain\\Model\\SenseId";
    case EntityType::mediainfo: return "Wikibase\\MediaInfo\\DataModel\\MediaInfoId";
    case EntityType::entity_schema: return "EntitySchema\\Domain\\Model\\EntitySchemaId";
    }
    return {};
}

/// The text of a JSON string as PHP's json_encode writes it without flags, quotes included: only
/// ASCII, in UTF-16 escapes. `text` is valid UTF-8.
void append_json_string(std::string& out, std::string_view text) {
    out += '"';
    const auto append_unit = [&](std::uint32_t unit) {
        constexpr char hex[] = "0123456789abcdef";
        out += "\\u";
        for (int shift = 12; shift >= 0; shift -= 4)
            out += hex[(unit >> shift) & 15];
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (c >= 0x20 && c < 0x80 && c != '"' && c != '\\' && c != '/') {
            out += text[i];
            continue;
        }
        if (c < 0x80) {
            constexpr std::string_view named{"\b\t\n\f\r\"\\/"};
            constexpr std::string_view letters{"btnfr\"\\/"};
            if (const auto at = named.find(text[i]); at != std::string_view::npos)
                out.append({'\\', letters[at]});
            else
                append_unit(c);
            continue;
        }
        const int more = c >= 0xF0 ? 3 : c >= 0xE0 ? 2 : 1;
        std::uint32_t code = c & (0x3FU >> more);
        for (int n = 0; n < more; ++n)
            code = (code << 6) | (static_cast<unsigned char>(text[++i]) & 0x3FU);
        if (code >= 0x10000) {
            append_unit(0xD800 + ((code - 0x10000) >> 10));
            code = 0xDC00 + ((code - 0x10000) & 0x3FF);
        }
        append_unit(code);
    }
    out += '"';
}

/// Appends a value.
struct ValueSerialization {
    std::string& out;

    void operator()(const EntityId& id) const {
        if (id.type == EntityType::entity_schema)
            return append_schema(id);
        append_object(out, "Wikibase\\DataModel\\Entity\\EntityIdValue",
                      [&] { append_object(out, id_class(id.type), [&] { id.append_to(out); }); });
    }
    void operator()(std::string_view text) const {
        append_object(out, "DataValues\\StringValue", [&] { out += text; });
    }
    void operator()(const MonolingualText& text) const {
        append_object(out, "DataValues\\MonolingualTextValue", [&] {
            out += "a:2:{i:0;";
            append_string(out, text.language);
            out += "i:1;";
            append_string(out, text.text);
            out += '}';
        });
    }
    void operator()(const TimeValue& time) const {
        append_object(out, "DataValues\\TimeValue", [&] {
            out += '[';
            append_json_string(out, time.time);
            for (const int number : {time.timezone, time.before, time.after, time.precision}) {
                out += ',';
                append_number(out, number);
            }
            out += ',';
            append_json_string(out, time.calendar_model);
            out += ']';
        });
    }
    void operator()(const QuantityValue& quantity) const {
        append_object(out,
                      quantity.bounded() ? "DataValues\\QuantityValue"
                                         : "DataValues\\UnboundedQuantityValue",
                      [&] {
                          out += quantity.bounded() ? "a:4:{i:0;" : "a:2:{i:0;";
                          append_decimal(quantity.amount);
                          out += "i:1;";
                          append_string(out, quantity.unit);
                          if (quantity.bounded()) {
                              out += "i:2;";
                              append_decimal(quantity.upper_bound);
                              out += "i:3;";
                              append_decimal(quantity.lower_bound);
                          }
                          out += '}';
                      });
    }
    void operator()(const GlobeCoordinate& globe) const {
        append_object(out, "DataValues\\Geo\\Values\\GlobeCoordinateValue", [&] {
            out += '[';
            append_php_double(out, globe.latitude);
            out += ',';
            append_php_double(out, globe.longitude);
            out += ",null,";
            if (globe.precision)
                append_php_double(out, *globe.precision);
            else
                out += "null";
            out += ',';
            append_json_string(out, globe.globe);
            out += ']';
        });
    }
    void operator()(const OtherValue& other) const {
        append_object(out, "DataValues\\UnDeserializableValue", [&] {
            out += "a:3:{i:0;";
            append_string(out, other.type);
            out += "i:1;" + php_serialize_json(other.json) + "i:2;";
            append_string(out, other.error);
            out += '}';
        });
    }

private:
    void append_decimal(std::string_view decimal) const {
        append_object(out, "DataValues\\DecimalValue", [&] { append_string(out, decimal); });
    }
    /// A plain object with one private member.
    void append_schema(const EntityId& id) const {
        append_object(out, "EntitySchema\\Wikibase\\DataValues\\EntitySchemaValue", [&] {
            const std::string class_name{id_class(id.type)};
            out += "O:";
            append_number(out, class_name.size());
            out += ":\"" + class_name + "\":1:{";
            append_string(out, std::string(1, '\0') + class_name + '\0' + "id");
            append_string(out, id.to_string());
            out += '}';
        });
    }
};

} // namespace

void append_php_double(std::string& out, double value, char exponent_letter) {
    if (value == 0) {
        out += std::signbit(value) ? "-0" : "0";
        return;
    }
    char text[40];
    const auto end =
        std::to_chars(text, text + sizeof text, std::fabs(value), std::chars_format::scientific)
            .ptr;
    const std::string_view all{text, static_cast<std::size_t>(end - text)};
    const auto e = all.find('e');
    std::string digits{all.substr(0, 1)};
    if (e > 2)
        digits += all.substr(2, e - 2);
    int exponent = 0;
    std::from_chars(text + e + 1 + (text[e + 1] == '+' ? 1 : 0), end, exponent);

    if (value < 0)
        out += '-';
    if (exponent < -4 || exponent >= 17) {
        out += digits[0];
        out += '.';
        out += digits.size() > 1 ? std::string_view{digits}.substr(1) : std::string_view{"0"};
        out += exponent_letter;
        out += exponent < 0 ? '-' : '+';
        out += std::to_string(std::abs(exponent));
    } else if (exponent < 0) {
        out += "0.";
        out.append(static_cast<std::size_t>(-exponent - 1), '0');
        out += digits;
    } else {
        const auto whole = static_cast<std::size_t>(exponent) + 1;
        if (digits.size() < whole)
            digits.append(whole - digits.size(), '0');
        out += digits.substr(0, whole);
        if (digits.size() > whole) {
            out += '.';
            out += digits.substr(whole);
        }
    }
}

std::string snak_hash(const Snak& snak) {
    thread_local std::string text; // one allocation for all
    text.clear();
    const auto append_property = [&] {
        text += 'P';
        append_number(text, snak.property.number);
    };
    switch (snak.type) {
    case SnakType::somevalue:
        append_object(text, "Wikibase\\DataModel\\Snak\\PropertySomeValueSnak", append_property);
        break;
    case SnakType::novalue:
        append_object(text, "Wikibase\\DataModel\\Snak\\PropertyNoValueSnak", append_property);
        break;
    case SnakType::value:
        append_object(text, "Wikibase\\DataModel\\Snak\\PropertyValueSnak", [&] {
            text += "a:2:{i:0;";
            append_string(text, snak.property.to_string());
            text += "i:1;";
            std::visit(ValueSerialization{text}, snak.value);
            text += '}';
        });
        break;
    }
    return base::sha1_hex(text);
}

std::string reference_hash(std::span<const Snak> snaks) {
    std::vector<std::string_view> hashes;
    hashes.reserve(snaks.size());
    for (const Snak& snak : snaks)
        hashes.push_back(snak.hash);
    std::sort(hashes.begin(), hashes.end());
    std::string joined;
    for (const auto hash : hashes) {
        if (!joined.empty())
            joined += '|';
        joined += hash;
    }
    return base::sha1_hex(joined);
}

} // namespace runner::entity
