// SPDX-License-Identifier: GPL-2.0-or-later
// See php_serialize.hpp.
#include "entity/php_serialize.hpp"

#include "entity/snak_hash.hpp"

#include <boost/json.hpp>

#include <charconv>

namespace runner::entity {

namespace {

void append_text(std::string& out, std::string_view text) {
    out += "s:" + std::to_string(text.size()) + ":\"";
    out += text;
    out += "\";";
}

/// PHP turns keys that look like decimal integers into integers.
void append_key(std::string& out, std::string_view key) {
    long long number = 0;
    const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), number);
    if (error == std::errc{} && end == key.data() + key.size() && std::to_string(number) == key)
        out += "i:" + std::to_string(number) + ";";
    else
        append_text(out, key);
}

void append(std::string& out, const boost::json::value& value) {
    switch (value.kind()) {
    case boost::json::kind::null: out += "N;"; break;
    case boost::json::kind::bool_: out += value.get_bool() ? "b:1;" : "b:0;"; break;
    case boost::json::kind::int64: out += "i:" + std::to_string(value.get_int64()) + ";"; break;
    case boost::json::kind::uint64:
        out += "d:";
        append_php_double(out, static_cast<double>(value.get_uint64()), 'E');
        out += ';';
        break;
    case boost::json::kind::double_:
        out += "d:";
        append_php_double(out, value.get_double(), 'E');
        out += ';';
        break;
    case boost::json::kind::string: append_text(out, value.get_string()); break;
    case boost::json::kind::array: {
        const auto& list = value.get_array();
        out += "a:" + std::to_string(list.size()) + ":{";
        for (std::size_t i = 0; i < list.size(); ++i) {
            out += "i:" + std::to_string(i) + ";";
            append(out, list[i]);
        }
        out += '}';
        break;
    }
    case boost::json::kind::object: {
        const auto& map = value.get_object();
        out += "a:" + std::to_string(map.size()) + ":{";
        for (const auto& member : map) {
            append_key(out, member.key());
            append(out, member.value());
        }
        out += '}';
        break;
    }
    }
}

} // namespace

std::string php_serialize_json(std::string_view json) {
    boost::json::parse_options options;
    options.max_depth = 200;
    std::string out;
    append(out,
           boost::json::parse(boost::json::string_view{json.data(), json.size()}, {}, options));
    return out;
}

} // namespace runner::entity
