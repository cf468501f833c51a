// SPDX-License-Identifier: GPL-2.0-or-later
// A value as the object of a simple triple (ps:, pq:, pr:) in Wikibase's RDF mapping, in which
// WBQC's SPARQL compares values: a quantity without its unit and bounds, a time without its
// precision, as a Gregorian date.
#pragma once

#include "entity/entity.hpp"

#include <string>
#include <string_view>

namespace runner::checks {

/// Appends a text that is equal for equal objects. `data_type` is that of the property: the RDF of
/// external identifiers and URLs is without white space around. False, and nothing appended, when
/// the value has no such triple: Wikibase can't read it.
bool append_rdf_value(std::string& out, const entity::DataValue& value,
                      std::string_view data_type = {});

/// The xsd:dateTime literal of a time (XSD 1.1: the year 0000 is 1 BCE), or the time as it stands
/// where it is no date. As Wikibase's JulianDateTimeValueCleaner.
[[nodiscard]] std::string rdf_date(const entity::TimeValue& time);

} // namespace runner::checks
