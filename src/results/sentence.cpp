// SPDX-License-Identifier: GPL-2.0-or-later
// See sentence.hpp.
#include "results/sentence.hpp"

#include "base/error.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace runner::results {

namespace json = boost::json;

namespace {

constexpr std::size_t most_listed = 6; // of a list; "…" for the rest

std::string text_in(const json::object& object, std::string_view key) {
    const json::value* value = object.if_contains(key);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

std::string quoted(std::string_view text) { return '"' + std::string(text) + '"'; }

std::string id_text(std::string_view id, const LabelOf& label) {
    if (id == "::somevalue")
        return "unknown value";
    if (id == "::novalue")
        return "no value";
    const std::string name = label ? label(id) : std::string();
    return name.empty() ? std::string(id) : std::string(id) + " (" + name + ')';
}

std::string without_plus(std::string text) {
    if (text.starts_with('+'))
        text.erase(0, 1);
    return text;
}

/// "+1912-05-04T00:00:00Z" to the precision that it has: "1912", "1912-05", "1912-05-04".
std::string time_text(const json::object& value) {
    std::string text = without_plus(text_in(value, "time"));
    const json::value* precision = value.if_contains("precision");
    const std::int64_t days = 11, months = 10;
    const std::int64_t given =
        precision != nullptr && precision->is_int64() ? precision->get_int64() : days;
    const auto month = text.find('-', 1);
    if (month == std::string::npos)
        return text;
    if (given < months)
        return text.substr(0, month);
    return given == months ? text.substr(0, month + 3) : text.substr(0, text.find('T'));
}

std::string quantity_text(const json::object& value, const LabelOf& label) {
    const std::string amount = without_plus(text_in(value, "amount"));
    const std::string unit = text_in(value, "unit");
    return unit.empty() || unit == "1"
               ? amount
               : amount + ' ' + id_text(unit.substr(unit.rfind('/') + 1), label);
}

/// Of a data value as Wikibase serializes it.
std::string data_value_text(const json::value& data, const LabelOf& label) {
    const json::object* object = data.if_object();
    if (object == nullptr)
        return json::serialize(data);
    const json::value* value = object->if_contains("value");
    if (value == nullptr)
        return json::serialize(data);
    if (value->is_string())
        return quoted(value->get_string());
    const json::object* parts = value->if_object();
    if (parts == nullptr)
        return json::serialize(*value);
    const std::string type = text_in(*object, "type");
    if (type == "time")
        return time_text(*parts);
    if (type == "quantity")
        return quantity_text(*parts, label);
    if (type == "wikibase-entityid")
        return id_text(text_in(*parts, "id"), label);
    if (type == "monolingualtext")
        return quoted(text_in(*parts, "text")) + " (" + text_in(*parts, "language") + ')';
    return json::serialize(*value);
}

std::string place_text(std::string_view letter) {
    return letter == "s"   ? "main value"
           : letter == "q" ? "qualifier"
           : letter == "r" ? "reference"
                           : std::string(letter);
}

/// The first text of a list of `{"text", "language"}`, English before others.
std::string clarification_text(const json::value& value) {
    std::string found;
    if (const json::array* texts = value.if_array())
        for (const json::value& each : *texts)
            if (const json::object* text = each.if_object();
                text != nullptr && (found.empty() || text_in(*text, "language") == "en"))
                found = text_in(*text, "text");
    return found;
}

std::string argument_text(char type, const json::value& value, const LabelOf& label) {
    if (type == 'm')
        return clarification_text(value);
    if (const json::array* list = value.if_array(); list != nullptr && type != 'v') {
        const char each = static_cast<char>(type | 0x20); // lists have the upper case
        std::string text;
        for (std::size_t i = 0; i < std::min(list->size(), most_listed); ++i)
            text += (i == 0 ? "" : ", ") + argument_text(each, (*list)[i], label);
        return list->size() > most_listed ? text + ", …" : text;
    }
    if (type == 'v')
        return data_value_text(value, label);
    const std::string text =
        value.is_string() ? std::string(value.get_string()) : json::serialize(value);
    if (type == 'e' || type == 'i')
        return id_text(text, label);
    if (type == 's' || type == 'p')
        return place_text(text);
    return text;
}

std::vector<std::string> texts_of(const json::value& arguments, const LabelOf& label) {
    std::vector<std::string> texts;
    if (const json::array* list = arguments.if_array())
        for (const json::value& each : *list) {
            const json::object* argument = each.if_object();
            const json::value* value = argument != nullptr ? argument->if_contains("v") : nullptr;
            const std::string type = argument != nullptr ? text_in(*argument, "t") : "";
            texts.push_back(value != nullptr && !type.empty()
                                ? argument_text(type.front(), *value, label)
                                : "");
        }
    return texts;
}

std::string filled(std::string_view pattern, const std::vector<std::string>& texts) {
    std::string out;
    std::size_t optional = std::string::npos; // where a part in brackets began
    bool empty = false;                       // one of its arguments is
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] == '[') {
            optional = out.size();
            empty = false;
        } else if (pattern[i] == ']') {
            if (empty)
                out.resize(optional);
        } else if (pattern[i] == '$') {
            const auto number = static_cast<std::size_t>(pattern[++i] - '1');
            const std::string& text = number < texts.size() ? texts[number] : std::string();
            empty = empty || text.empty();
            out += text;
        } else {
            out += pattern[i];
        }
    }
    return out;
}

std::string sentence_of(std::string_view key, const json::value& arguments, const LabelOf& label) {
    const auto pattern = sentence_patterns().find(key);
    if (pattern == sentence_patterns().end())
        return std::string(key);
    const std::vector<std::string> texts = texts_of(arguments, label);
    // without a clarification there is nothing to say after the colon
    if (key == "format-clarification" && (texts.size() < 4 || texts[3].empty()))
        return filled(sentence_patterns().at("format"), texts);
    return filled(pattern->second, texts);
}

void add_sentences(Sentences& sentences, const json::array& results, const LabelOf& label) {
    for (const json::value& each : results) {
        const json::object* result = each.if_object();
        if (result == nullptr)
            continue;
        const auto part = [&](std::string_view key) {
            const json::value* found = result->if_contains(key);
            return found != nullptr ? found->if_object() : nullptr;
        };
        const json::object* context = part("|");
        const json::object* constraint = part("c");
        const json::object* message = part("m");
        if (context == nullptr || constraint == nullptr || message == nullptr)
            continue;
        const json::value* arguments = message->if_contains("a");
        sentences.emplace(std::pair(text_in(*context, "g"), text_in(*constraint, "id")),
                          sentence_of(text_in(*message, "k"),
                                      arguments != nullptr ? *arguments : json::value(), label));
    }
}

} // namespace

std::string sentence(std::string_view key, std::string_view arguments, const LabelOf& label) {
    json::error_code failed;
    const json::value list = json::parse(arguments, failed);
    return sentence_of(key, failed ? json::value() : list, label);
}

std::string fix_sentence(std::string_view fix, const LabelOf& label) {
    json::error_code failed;
    const json::value parsed = json::parse(fix, failed);
    const json::object* object = failed ? nullptr : parsed.if_object();
    std::string out;
    const auto append = [&](std::string_view member, std::string_view words,
                            std::string_view nothing, auto text_of) {
        const json::value* found = object != nullptr ? object->if_contains(member) : nullptr;
        if (found == nullptr)
            return;
        out += out.empty() ? "" : " ";
        if (found->is_null()) {
            out += nothing;
            return;
        }
        std::string list;
        const json::array one{*found};
        for (const json::value& each : found->is_array() ? found->get_array() : one)
            list += (list.empty() ? "" : " or ") + (each.is_null() ? "nothing" : text_of(each));
        out += fmt::format("Use {}{} instead.", words, list);
    };
    append("replace_property", "", "No property replaces it.", [&](const json::value& id) {
        return id_text(id.is_string() ? std::string_view(id.get_string()) : "", label);
    });
    append("replace_value", "the value ", "No value replaces it.",
           [&](const json::value& value) { return data_value_text(value, label); });
    return out;
}

std::string_view sentence_or_key(const Sentences& sentences, std::string_view statement,
                                 std::string_view constraint, std::string_view message_key) {
    const auto found = sentences.find({std::string(statement), std::string(constraint)});
    return found == sentences.end() ? message_key : std::string_view(found->second);
}

Sentences sentences_of(std::string_view stored_value, const LabelOf& label, std::string_view own) {
    json::error_code failed;
    const json::value value = json::parse(stored_value, failed);
    const json::object* object = failed ? nullptr : value.if_object();
    const json::value* results = object != nullptr ? object->if_contains("results") : nullptr;
    if (results == nullptr || !results->is_array())
        throw base::DataError("a stored result without a list of results");
    Sentences sentences;
    add_sentences(sentences, results->get_array(), label);
    if (!own.empty())
        if (const json::value more = json::parse(own, failed); !failed && more.is_array())
            add_sentences(sentences, more.get_array(), label);
    return sentences;
}

Sentences sentences_if_any(std::string_view stored_value, const LabelOf& label,
                           std::string_view own) {
    try {
        return sentences_of(stored_value, label, own);
    } catch (const base::DataError&) {
        return {};
    }
}

} // namespace runner::results
