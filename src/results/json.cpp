// SPDX-License-Identifier: GPL-2.0-or-later
// See json.hpp.
#include "results/json.hpp"

#include "entity/snak_hash.hpp"

namespace runner::results {

namespace {

void append_member(std::string& out, std::string_view key, std::string_view text) {
    out += '"';
    out += key;
    out += "\":";
    append_json_string(out, text);
}

void append_double(std::string& out, double value) { entity::append_php_double(out, value); }

struct ValueWriter {
    std::string& out;

    void operator()(const entity::EntityId& id) const {
        if (id.type == entity::EntityType::entity_schema) {
            out += "{\"value\":{\"id\":\"";
            id.append_to(out);
            out += "\",\"entity-type\":\"entity-schema\"},\"type\":\"wikibase-entityid\"}";
            return;
        }
        out += "{\"value\":{\"entity-type\":\"";
        out += entity::to_string(id.type);
        out += '"';
        if (id.sub == 0) { // forms and senses have no numeric id
            out += ",\"numeric-id\":";
            out += std::to_string(id.number);
        }
        out += ",\"id\":\"";
        id.append_to(out);
        out += "\"},\"type\":\"wikibase-entityid\"}";
    }
    void operator()(std::string_view text) const {
        out += "{\"value\":";
        append_json_string(out, text);
        out += ",\"type\":\"string\"}";
    }
    void operator()(const entity::MonolingualText& text) const {
        out += "{\"value\":{";
        append_member(out, "text", text.text);
        out += ',';
        append_member(out, "language", text.language);
        out += "},\"type\":\"monolingualtext\"}";
    }
    void operator()(const entity::TimeValue& time) const {
        out += "{\"value\":";
        append_json(out, time);
        out += ",\"type\":\"time\"}";
    }
    void operator()(const entity::QuantityValue& quantity) const {
        out += "{\"value\":{";
        append_member(out, "amount", quantity.amount);
        out += ',';
        append_member(out, "unit", quantity.unit);
        if (quantity.bounded()) {
            out += ',';
            append_member(out, "upperBound", quantity.upper_bound);
            out += ',';
            append_member(out, "lowerBound", quantity.lower_bound);
        }
        out += "},\"type\":\"quantity\"}";
    }
    void operator()(const entity::GlobeCoordinate& globe) const {
        out += "{\"value\":{\"latitude\":";
        append_double(out, globe.latitude);
        out += ",\"longitude\":";
        append_double(out, globe.longitude);
        out += ",\"altitude\":null,\"precision\":";
        if (globe.precision)
            append_double(out, *globe.precision);
        else
            out += "null";
        out += ',';
        append_member(out, "globe", globe.globe);
        out += "},\"type\":\"globecoordinate\"}";
    }
    void operator()(const entity::OtherValue& other) const {
        out += "{\"value\":";
        out += other.json;
        out += ',';
        append_member(out, "type", other.type);
        if (!other.error.empty()) {
            out += ',';
            append_member(out, "error", other.error);
        }
        out += '}';
    }
};

} // namespace

void append_json_string(std::string& out, std::string_view text) {
    constexpr char hex[] = "0123456789abcdef";
    out += '"';
    std::size_t from = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        out.append(text, from, i - from);
        from = i + 1;
        switch (c) {
        case '"': out += "\\\""; break;
        case '\\': out += "\\\\"; break;
        case '\n': out += "\\n"; break;
        case '\r': out += "\\r"; break;
        case '\t': out += "\\t"; break;
        case '\b': out += "\\b"; break;
        case '\f': out += "\\f"; break;
        default:
            out += "\\u00";
            out += hex[c >> 4];
            out += hex[c & 15];
        }
    }
    out.append(text, from, std::string_view::npos);
    out += '"';
}

void append_json(std::string& out, const entity::DataValue& value) {
    std::visit(ValueWriter{out}, value);
}

void append_json(std::string& out, const entity::TimeValue& time) {
    out += '{';
    append_member(out, "time", time.time);
    out += ",\"timezone\":" + std::to_string(time.timezone);
    out += ",\"before\":" + std::to_string(time.before);
    out += ",\"after\":" + std::to_string(time.after);
    out += ",\"precision\":" + std::to_string(time.precision);
    out += ',';
    append_member(out, "calendarmodel", time.calendar_model);
    out += '}';
}

void append_json(std::string& out, std::span<const entity::MonolingualText> texts) {
    out += '[';
    bool first = true;
    for (const auto& text : texts) {
        out += first ? "{" : ",{";
        first = false;
        append_member(out, "text", text.text);
        out += ',';
        append_member(out, "language", text.language);
        out += '}';
    }
    out += ']';
}

} // namespace runner::results
