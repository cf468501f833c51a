// SPDX-License-Identifier: GPL-2.0-or-later
// The table of what can be read of the store, but for files of imports and events, which are
// streams too, and an import, for whose end a client may wait.
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
constexpr std::array of_violations{Parameter{"wiki", Kind::wiki, true},
                                   Parameter{"entity", Kind::entity},
                                   Parameter{"property", Kind::property},
                                   Parameter{"type", Kind::item},
                                   Parameter{"status", Kind::choice, false, stored_statuses},
                                   Parameter{"class", Kind::item},
                                   Parameter{"direct", Kind::flag},
                                   Parameter{"sentences", Kind::flag}};

constexpr std::array dead_columns{"wiki"sv,     "entity"sv, "revision"sv, "priority"sv,
                                  "attempts"sv, "reason"sv, "died_at"sv,  "has_document"sv};
constexpr std::array incomplete_columns{"wiki"sv,       "entity"sv,       "revision"sv,
                                        "checked_at"sv, "next_attempt"sv, "reasons"sv};
constexpr std::array parity_columns{"wiki"sv,     "entity"sv,   "revision"sv,
                                    "found_at"sv, "property"sv, "constraint"sv,
                                    "type"sv,     "native"sv,   "php"sv};
constexpr std::array violation_columns{"entity"sv,     "statement"sv, "property"sv,
                                       "constraint"sv, "type"sv,      "status"sv,
                                       "message"sv,    "revision"sv,  "checked_at"sv};

constexpr std::array import_statuses{"queued"sv,   "running"sv, "waiting"sv,  "paused"sv,
                                     "complete"sv, "failed"sv,  "cancelled"sv};
constexpr std::array of_imports{
    Parameter{"wiki", Kind::wiki}, Parameter{"status", Kind::choice, false, import_statuses},
    Parameter{"label"}, Parameter{"owner"}, Parameter{"before", Kind::number}};
constexpr std::array of_import{Parameter{"job_id", Kind::import, true},
                               Parameter{"after", Kind::number}};
constexpr std::array of_items{Parameter{"job_id", Kind::import, true},
                              Parameter{"outcome", Kind::choice, false, store::item_outcomes},
                              Parameter{"replaced", Kind::flag}, Parameter{"after", Kind::number}};
constexpr std::array import_columns{"job_id"sv,        "wiki"sv,
                                    "import_method"sv, "subject"sv,
                                    "status"sv,        "total"sv,
                                    "total_is"sv,      "done"sv,
                                    "failed"sv,        "rate"sv,
                                    "eta_seconds"sv,   "current"sv,
                                    "chunk_size"sv,    "retrying"sv,
                                    "error"sv,         "attempts"sv,
                                    "next_attempt"sv,  "created_at"sv,
                                    "started_at"sv,    "ended_at"sv,
                                    "compared_with"sv, "data_deleted_at"sv,
                                    "label"sv,         "owner"sv,
                                    "notify"sv};
constexpr std::array problem_columns{"number"sv,    "code"sv,    "item"sv,    "reason"sv,
                                     "retryable"sv, "counted"sv, "noted_at"sv};
constexpr std::array item_columns{"number"sv,   "asked"sv,  "outcome"sv,    "page_id"sv,
                                  "img_name"sv, "reason"sv, "known_name"sv, "replaced"sv};

constexpr std::array rows{
    ReadRow{"/v1/results/{wiki}/{entity}", of_entity, read_result},
    ReadRow{"/v1/queue", {}, read_queue},
    ReadRow{"/v1/dead", of_wiki, nullptr, list_dead, {"jobs", dead_columns}},
    ReadRow{"/v1/incomplete", of_wiki, nullptr, list_incomplete, {"results", incomplete_columns}},
    ReadRow{"/v1/parity", of_wiki, nullptr, list_parity, {"differences", parity_columns}},
    ReadRow{"/v1/violations",
            of_violations,
            nullptr,
            list_violations,
            {"violations", violation_columns}},
    ReadRow{"/v1/import", of_imports, nullptr, list_imports, {"imports", import_columns, "before"}},
    ReadRow{"/v1/import/{job_id}/problems",
            of_import,
            nullptr,
            list_problems,
            {"problems", problem_columns}},
    ReadRow{"/v1/import/{job_id}/items", of_items, nullptr, list_items, {"items", item_columns}},
};

} // namespace

std::span<const ReadRow> read_rows() noexcept { return rows; }

} // namespace runner::api
