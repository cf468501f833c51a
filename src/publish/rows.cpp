// SPDX-License-Identifier: GPL-2.0-or-later
#include "publish/rows.hpp"

#include "base/csv.hpp"
#include "base/error.hpp"
#include "base/log.hpp"

#include <algorithm>
#include <utility>

namespace runner::publish {
namespace {

// in the order of the columns of GET /v1/violations
constexpr std::string_view columns[] = {"entity", "statement", "property", "constraint", "type",
                                        "status", "message",   "revision", "checked_at"};
constexpr std::string_view ontology = "http://wikiba.se/ontology#";
constexpr std::string_view own_ontology =
    "https://www.mediawiki.org/wiki/Extension:ConstraintRunner/ontology#";

std::string header(char separator, bool sentences, bool own) {
    std::string out;
    for (const auto column : columns) {
        if (!out.empty())
            out += separator;
        out += column;
    }
    if (sentences)
        (out += separator) += "sentence";
    if (own)
        for (const auto column : {"own", "fix", "own_status"})
            (out += separator) += column;
    return out += '\n';
}

void append_tsv_field(std::string& out, std::string_view text) {
    for (const char c : text)
        switch (c) {
        case '\t': out += "\\t"; break;
        case '\n': out += "\\n"; break;
        case '\r': out += "\\r"; break;
        case '\\': out += "\\\\"; break;
        default: out += c;
        }
}

template <typename Field>
void append_row(std::string& out, const ViolationRow& row, bool sentences, bool own, char separator,
                Field field) {
    for (const auto text : {row.entity, row.statement}) {
        field(out, text);
        out += separator;
    }
    out += 'P';
    out += std::to_string(row.property);
    out += separator;
    for (const auto text : {row.constraint, row.type}) {
        field(out, text);
        out += separator;
    }
    out += results::to_string(row.status);
    out += separator;
    field(out, row.message_key);
    out += separator;
    out += std::to_string(row.revision);
    out += separator;
    out += row.checked_at;
    if (sentences) {
        out += separator;
        field(out, row.sentence);
    }
    if (own) {
        out += separator;
        out += row.own ? "true" : "";
        for (const auto text : {row.fix, row.own_status}) {
            out += separator;
            field(out, text);
        }
    }
    out += '\n';
}

void append_member(std::string& out, std::string_view name, std::string_view text) {
    out += name;
    base::append_json_escaped(out, text);
    out += '"';
}

bool is_word(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// Without the "has" or "hasOwn" before it.
std::string_view status_predicate(results::Status status) noexcept {
    switch (status) {
    case results::Status::bad_parameters: return "BadParameters";
    case results::Status::warning: return "Warning";
    case results::Status::suggestion: return "Suggestion";
    default: return "Violation";
    }
}

} // namespace

std::string csv_header(bool sentences, bool own) { return header(',', sentences, own); }

std::string tsv_header(bool sentences, bool own) { return header('\t', sentences, own); }

void append_csv(std::string& out, const ViolationRow& row, bool sentences, bool own) {
    append_row(out, row, sentences, own, ',', base::append_csv_field);
}

void append_tsv(std::string& out, const ViolationRow& row, bool sentences, bool own) {
    append_row(out, row, sentences, own, '\t', append_tsv_field);
}

void append_json_line(std::string& out, const ResultLine& line) {
    append_member(out, "{\"wiki\":\"", line.wiki);
    append_member(out, ",\"entity\":\"", line.entity);
    out += ",\"revision\":" + std::to_string(line.revision);
    if (!line.checked_at.empty())
        append_member(out, ",\"checked_at\":\"", line.checked_at);
    append_member(out, ",\"engine\":\"", line.engine);
    if (!line.wbqc.empty())
        append_member(out, ",\"wbqc\":\"", line.wbqc);
    out += ",\"counts\":{";
    for (std::size_t i = 0; i < line.counts.size(); ++i) {
        out += i == 0 ? "\"" : ",\"";
        out += results::status_names[i];
        out += "\":" + std::to_string(line.counts[i]);
    }
    out += '}';
    if (!line.incomplete.empty()) {
        const char* separator = ",\"incomplete\":[\"";
        for (const std::string& reason : line.incomplete)
            append_member(out, std::exchange(separator, ",\""), reason);
        out += ']';
    }
    out += ",\"value\":";
    // as it was stored, but on one line: white space between tokens may be anything
    for (const char c : line.value)
        out += c == '\n' || c == '\r' ? ' ' : c;
    if (!line.own.empty())
        out.append(",\"own\":").append(line.own);
    out += "}\n";
}

void append_deleted_line(std::string& out, std::string_view wiki, std::string_view entity) {
    append_member(out, "{\"wiki\":\"", wiki);
    append_member(out, ",\"entity\":\"", entity);
    out += ",\"deleted\":true}\n";
}

std::string rdf_name(std::string_view guid) {
    std::string name(guid);
    std::replace_if(
        name.begin(), name.end(), [](char c) { return !is_word(c) && c != '-'; }, '-');
    return name;
}

RdfWriter::RdfWriter(Syntax syntax, std::string concept_base_uri, bool details)
    : syntax_(syntax), entity_base_(std::move(concept_base_uri)),
      statement_base_(entity_base_ + "statement/"), details_(details) {
    const bool bad = std::any_of(entity_base_.begin(), entity_base_.end(), [](char c) {
        return static_cast<unsigned char>(c) <= ' ' ||
               std::string_view("<>\"{}|^`\\").find(c) != std::string_view::npos;
    });
    if (bad || entity_base_.find(':') == std::string::npos)
        throw base::ConfigError("concept_base_uri: \"" + entity_base_ + "\" is no URI");
}

std::string RdfWriter::header() const {
    if (syntax_ == Syntax::ntriples)
        return {};
    const auto prefix = [](std::string_view name, std::string_view uri) {
        return "@prefix " + std::string(name) + ": <" + std::string(uri) + "> .\n";
    };
    std::string out = prefix("wds", statement_base_) + prefix("wikibase", ontology);
    if (details_)
        out += prefix("wd", entity_base_) + prefix("cr", own_ontology);
    return out += '\n';
}

void RdfWriter::node(std::string& out, std::string_view name, bool entity) const {
    // a local name can't begin with a hyphen
    if (syntax_ == Syntax::turtle && !name.empty() && is_word(name.front())) {
        out += entity ? "wd:" : "wds:";
        out += name;
        return;
    }
    out += '<';
    out += entity ? entity_base_ : statement_base_;
    out += name;
    out += '>';
}

void RdfWriter::triple(std::string& out, std::string_view subject, std::string_view predicate,
                       std::string_view object, bool object_is_entity) const {
    node(out, subject, false);
    out += ' ';
    if (syntax_ == Syntax::turtle) {
        out += predicate;
    } else {
        const std::size_t colon = predicate.find(':');
        out += '<';
        out += predicate.starts_with("cr:") ? own_ontology : ontology;
        out += predicate.substr(colon + 1);
        out += '>';
    }
    out += ' ';
    node(out, object, object_is_entity);
    out += " .\n";
}

unsigned RdfWriter::append(std::string& out, const ViolationRow& row, RdfParts parts) const {
    const bool bad = row.status == results::Status::bad_parameters;
    if ((bad || row.own) && !details_)
        return 0;
    const std::string statement = rdf_name(row.statement);
    const std::string constraint = rdf_name(row.constraint);
    unsigned count = 0;
    if (!bad && !row.own && parts.pair) {
        triple(out, statement, "wikibase:hasViolationForConstraint", constraint, false);
        ++count;
    }
    if (details_ && parts.status) {
        triple(out, statement,
               std::string(row.own ? "cr:hasOwn" : "cr:has").append(status_predicate(row.status)),
               constraint, false);
        ++count;
    }
    if (details_ && parts.type) {
        triple(out, constraint, "cr:constraintType", rdf_name(row.type), true);
        ++count;
    }
    return count;
}

} // namespace runner::publish
