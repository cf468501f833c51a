// SPDX-License-Identifier: GPL-2.0-or-later
// The table of what can be read of the store, but for imports and events.
#include "api/read_rows.hpp"

#include <array>

namespace runner::api {

namespace {

using Kind = Parameter::Kind;
using namespace std::string_view_literals;

constexpr std::array stored_statuses{"violation"sv, "warning"sv, "suggestion"sv,
                                     "bad-parameters"sv};

constexpr std::array of_entity{Parameter{"wiki", Kind::wiki, true},
                               Parameter{"entity", Kind::entity, true}};
constexpr std::array of_wiki{Parameter{"wiki", Kind::wiki}};
constexpr std::array of_violations{
    Parameter{"wiki", Kind::wiki, true},      Parameter{"entity", Kind::entity},
    Parameter{"property", Kind::property},    Parameter{"type", Kind::item},
    Parameter{"status", Kind::choice, false, stored_statuses},
    Parameter{"class", Kind::item},           Parameter{"direct", Kind::flag},
    Parameter{"sentences", Kind::flag}};

constexpr std::array dead_columns{"wiki"sv,     "entity"sv, "revision"sv, "priority"sv,
                                  "attempts"sv, "reason"sv, "died_at"sv,  "has_document"sv};
constexpr std::array incomplete_columns{"wiki"sv,       "entity"sv,       "revision"sv,
                                        "checked_at"sv, "next_attempt"sv, "reasons"sv};
constexpr std::array parity_columns{"wiki"sv,     "entity"sv,     "revision"sv,
                                    "found_at"sv, "property"sv,   "constraint"sv,
                                    "type"sv,     "native"sv,     "php"sv};
constexpr std::array violation_columns{"entity"sv, "statement"sv, "property"sv,
                                       "constraint"sv, "type"sv,  "status"sv,
                                       "message"sv, "revision"sv, "checked_at"sv};

constexpr std::array rows{
    ReadRow{"/v1/results/{wiki}/{entity}", of_entity, read_result},
    ReadRow{"/v1/queue", {}, read_queue},
    ReadRow{"/v1/dead", of_wiki, nullptr, list_dead, {"jobs", dead_columns}},
    ReadRow{"/v1/incomplete", of_wiki, nullptr, list_incomplete, {"results", incomplete_columns}},
    ReadRow{"/v1/parity", of_wiki, nullptr, list_parity, {"differences", parity_columns}},
    ReadRow{"/v1/violations", of_violations, nullptr, list_violations,
            {"violations", violation_columns}},
};

} // namespace

std::span<const ReadRow> read_rows() noexcept {
    return rows;
}

} // namespace runner::api
