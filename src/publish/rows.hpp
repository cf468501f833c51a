// SPDX-License-Identifier: GPL-2.0-or-later
// How violations and results are written in files: CSV, tab separated, JSON lines, N-Triples and
// Turtle. Pure: rows in, text out.
#pragma once

#include "results/rows.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace runner::publish {

using results::ResultLine;
using results::ViolationRow;

/// The names of the columns, with a newline. `sentences`: with the column `sentence`; `own`: with
/// what the runner finds beyond WBQC, `own`, `fix` and `own_status`.
[[nodiscard]] std::string csv_header(bool sentences = false, bool own = false);
[[nodiscard]] std::string tsv_header(bool sentences = false, bool own = false);

/// One line. CSV as RFC 4180 says, but for the newline; tab separated as PostgreSQL's COPY.
void append_csv(std::string& out, const ViolationRow& row, bool sentences = false,
                bool own = false);
void append_tsv(std::string& out, const ViolationRow& row, bool sentences = false,
                bool own = false);

/// `{"wiki", "entity", "revision", "checked_at"?, "engine", "wbqc"?, "counts": {…}, "incomplete"?,
/// "value", "own"?}`
void append_json_line(std::string& out, const ResultLine& line);
/// The line of an entity that has no result any more.
void append_deleted_line(std::string& out, std::string_view wiki, std::string_view entity);

/// What a GUID is called in RDF: WBQC and Wikibase put a hyphen for every byte that is no letter,
/// digit, underscore or hyphen.
[[nodiscard]] std::string rdf_name(std::string_view guid);

/// Which triples of a row; those of status and type are details.
struct RdfParts {
    bool pair = true;
    bool status = true;
    bool type = true;
};

/// Triples in the shape of WBQC's action=constraintsrdf:
/// `wds:STATEMENT wikibase:hasViolationForConstraint wds:CONSTRAINT`. As there, constraints with
/// bad parameters are left out.
class RdfWriter {
public:
    enum class Syntax : std::uint8_t { ntriples, turtle };

    /// `concept_base_uri`: of the wiki, "http://www.wikidata.org/entity/". `details`: also a triple
    /// with the status (cr:hasViolation, cr:hasWarning, cr:hasSuggestion, cr:hasBadParameters)
    /// and the type of the constraint. Throws base::ConfigError when no URI can be made of it.
    RdfWriter(Syntax syntax, std::string concept_base_uri, bool details);

    /// What a file begins with.
    [[nodiscard]] std::string header() const;

    /// Appends the triples of a row, or some of them; returns how many. WBQC's predicate is for
    /// WBQC's pairs: of the runner's own there are details alone, with predicates of their own
    /// (cr:hasOwnViolation …).
    unsigned append(std::string& out, const ViolationRow& row, RdfParts parts) const;
    unsigned append(std::string& out, const ViolationRow& row) const {
        return append(out, row, RdfParts{});
    }

private:
    void triple(std::string& out, std::string_view statement, std::string_view predicate,
                std::string_view object, bool object_is_entity) const;
    void node(std::string& out, std::string_view name, bool entity) const;

    const Syntax syntax_;
    const std::string entity_base_;
    const std::string statement_base_;
    const bool details_;
};

} // namespace runner::publish
