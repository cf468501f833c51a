// SPDX-License-Identifier: GPL-2.0-or-later
// PHP's serialization of Wikibase's value objects, as far as hashes need it; see snak_hash.hpp.
// The forms are those of SnakObject::getSerializationForHash and DataValueObject::serialize.
#include "entity/snak_hash.hpp"

#include "base/sha1.hpp"
#include "entity/php_serialize.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <vector>

namespace runner::entity {

namespace {

constexpr std::string_view data_model = "Wikibase\\DataModel\\";

/// `s:5:"hello";`
void append_string(std::string& out, std::string_view text) {
    out += "s:" + std::to_string(text.size()) + ":\"";
    out += text;
    out += "\";";
}

/// `C:5:"Class":7:{content}`: an object that serializes itself.
std::string object(std::string_view class_name, std::string_view content) {
    std::string out = "C:" + std::to_string(class_name.size()) + ":\"";
    out += class_name;
    out += "\":" + std::to_string(content.size()) + ":{";
    out += content;
    out += '}';
    return out;
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
std::string json_string(std::string_view text) {
    std::string out = "\"";
    const auto append_unit = [&](std::uint32_t unit) {
        constexpr char hex[] = "0123456789abcdef";
        out += "\\u";
        for (int shift = 12; shift >= 0; shift -= 4)
            out += hex[(unit >> shift) & 15];
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (c < 0x80) {
            constexpr std::string_view named{"\b\t\n\f\r\"\\/"};
            constexpr std::string_view letters{"btnfr\"\\/"};
            if (const auto at = named.find(text[i]); at != std::string_view::npos)
                out.append({'\\', letters[at]});
            else if (c < 0x20)
                append_unit(c);
            else
                out += text[i];
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
    return out + '"';
}

std::string decimal_object(std::string_view decimal) {
    std::string content;
    append_string(content, decimal);
    return object("DataValues\\DecimalValue", content);
}

struct ValueSerialization {
    std::string operator()(const EntityId& id) const {
        if (id.type == EntityType::entity_schema) {
            // a plain object with one private member
            const std::string class_name{id_class(id.type)};
            std::string content = "O:" + std::to_string(class_name.size()) + ":\"" + class_name +
                                  "\":1:{";
            append_string(content, std::string(1, '\0') + class_name + '\0' + "id");
            append_string(content, id.to_string());
            return object("EntitySchema\\Wikibase\\DataValues\\EntitySchemaValue", content + '}');
        }
        return object("Wikibase\\DataModel\\Entity\\EntityIdValue",
                      object(id_class(id.type), id.to_string()));
    }
    std::string operator()(std::string_view text) const {
        return object("DataValues\\StringValue", text);
    }
    std::string operator()(const MonolingualText& text) const {
        std::string content = "a:2:{i:0;";
        append_string(content, text.language);
        content += "i:1;";
        append_string(content, text.text);
        content += '}';
        return object("DataValues\\MonolingualTextValue", content);
    }
    std::string operator()(const TimeValue& time) const {
        const std::string content = "[" + json_string(time.time) + "," +
                                    std::to_string(time.timezone) + "," +
                                    std::to_string(time.before) + "," +
                                    std::to_string(time.after) + "," +
                                    std::to_string(time.precision) + "," +
                                    json_string(time.calendar_model) + "]";
        return object("DataValues\\TimeValue", content);
    }
    std::string operator()(const QuantityValue& quantity) const {
        std::string content = quantity.bounded() ? "a:4:{i:0;" : "a:2:{i:0;";
        content += decimal_object(quantity.amount) + "i:1;";
        append_string(content, quantity.unit);
        if (quantity.bounded()) {
            content += "i:2;" + decimal_object(quantity.upper_bound);
            content += "i:3;" + decimal_object(quantity.lower_bound);
        }
        content += '}';
        return object(quantity.bounded() ? "DataValues\\QuantityValue"
                                         : "DataValues\\UnboundedQuantityValue",
                      content);
    }
    std::string operator()(const GlobeCoordinate& globe) const {
        std::string content = "[";
        append_php_double(content, globe.latitude);
        content += ',';
        append_php_double(content, globe.longitude);
        content += ",null,";
        if (globe.precision)
            append_php_double(content, *globe.precision);
        else
            content += "null";
        content += "," + json_string(globe.globe) + "]";
        return object("DataValues\\Geo\\Values\\GlobeCoordinateValue", content);
    }
    std::string operator()(const OtherValue& other) const {
        std::string content = "a:3:{i:0;";
        append_string(content, other.type);
        content += "i:1;" + php_serialize_json(other.json) + "i:2;";
        append_string(content, other.error);
        content += '}';
        return object("DataValues\\UnDeserializableValue", content);
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
        std::to_chars(text, text + sizeof text, std::fabs(value), std::chars_format::scientific).ptr;
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
    const std::string property = snak.property.to_string();
    std::string content;
    std::string class_name{data_model};
    switch (snak.type) {
    case SnakType::somevalue:
        class_name += "Snak\\PropertySomeValueSnak";
        content = property;
        break;
    case SnakType::novalue:
        class_name += "Snak\\PropertyNoValueSnak";
        content = property;
        break;
    case SnakType::value:
        class_name += "Snak\\PropertyValueSnak";
        content = "a:2:{i:0;";
        append_string(content, property);
        content += "i:1;" + std::visit(ValueSerialization{}, snak.value) + "}";
        break;
    }
    return base::sha1_hex(object(class_name, content));
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
