// SPDX-License-Identifier: GPL-2.0-or-later
// What is read of an import, wherever its row comes from. Private to src/store.
#pragma once

#include "store/common/libpqxx.hpp"
#include "store/imports/import.hpp"

namespace runner::store {

#define RUNNER_IMPORT_STATUS                                                                       \
    "constraint_runner.import_status(i.state, i.error, i.lease_token, i.started_at)"
#define RUNNER_TIME(column)                                                                        \
    "to_char(" column " AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"
// of the addresses only the host is shown: what follows may be a secret
#define RUNNER_IMPORT_NOTIFY                                                                       \
    "coalesce((SELECT jsonb_agg(to_jsonb(n)) FROM ("                                               \
    "SELECT substring(n.url FROM '^[a-z]+://[^/?#]*') AS url, " RUNNER_TIME(                       \
        "d.delivered_at") " AS delivered_at, " RUNNER_TIME("d.given_up_at") " AS given_up_at, "    \
                                                                            "coalesce(d.attempts," \
                                                                            " 0) AS attempts, "    \
                                                                            "CASE WHEN "           \
                                                                            "d.delivered_at IS "   \
                                                                            "NULL AND "            \
                                                                            "d.given_up_at IS "    \
                                                                            "NULL "                \
                                                                            "THEN " RUNNER_TIME(   \
                                                                                "d.due_at") " END" \
                                                                                            " AS " \
                                                                                            "next" \
                                                                                            "_att" \
                                                                                            "empt" \
                                                                                            ", "   \
                                                                                            "d."   \
                                                                                            "erro" \
                                                                                            "r "   \
                                                                                            "FROM" \
                                                                                            " con" \
                                                                                            "stra" \
                                                                                            "int_" \
                                                                                            "runn" \
                                                                                            "er."  \
                                                                                            "impo" \
                                                                                            "rt_"  \
                                                                                            "noti" \
                                                                                            "fy "  \
                                                                                            "n "   \
                                                                                            "LEFT" \
                                                                                            " JOI" \
                                                                                            "N "   \
                                                                                            "LATE" \
                                                                                            "RAL " \
                                                                                            "("    \
                                                                                            "SELE" \
                                                                                            "CT "  \
                                                                                            "* "   \
                                                                                            "FROM" \
                                                                                            " con" \
                                                                                            "stra" \
                                                                                            "int_" \
                                                                                            "runn" \
                                                                                            "er."  \
                                                                                            "impo" \
                                                                                            "rt_"  \
                                                                                            "deli" \
                                                                                            "very" \
                                                                                            " d "  \
                                                                                            "WHER" \
                                                                                            "E "   \
                                                                                            "d."   \
                                                                                            "impo" \
                                                                                            "rt_"  \
                                                                                            "id "  \
                                                                                            "= "   \
                                                                                            "n."   \
                                                                                            "impo" \
                                                                                            "rt_"  \
                                                                                            "id "  \
                                                                                            "AND " \
                                                                                            "d."   \
                                                                                            "url " \
                                                                                            "= "   \
                                                                                            "n."   \
                                                                                            "url " \
                                                                                            "ORDE" \
                                                                                            "R "   \
                                                                                            "BY "  \
                                                                                            "d."   \
                                                                                            "numb" \
                                                                                            "er "  \
                                                                                            "DESC" \
                                                                                            " LIM" \
                                                                                            "IT "  \
                                                                                            "1) "  \
                                                                                            "d "   \
                                                                                            "ON "  \
                                                                                            "true" \
                                                                                            " "    \
                                                                                            "WHER" \
                                                                                            "E "   \
                                                                                            "n."   \
                                                                                            "impo" \
                                                                                            "rt_"  \
                                                                                            "id "  \
                                                                                            "= "   \
                                                                                            "i."   \
                                                                                            "id "  \
                                                                                            "ORDE" \
                                                                                            "R "   \
                                                                                            "BY "  \
                                                                                            "n."   \
                                                                                            "adde" \
                                                                                            "d_"   \
                                                                                            "at, " \
                                                                                            "n."   \
                                                                                            "url)" \
                                                                                            " n):" \
                                                                                            ":tex" \
                                                                                            "t, "  \
                                                                                            "'[]'" \
                                                                                            ")"
/// Of a row `i`, to be read by read_import_row().
#define RUNNER_IMPORT_COLUMNS                                                                                                               \
    "SELECT i.id, i.wiki, i.kind, i.subject, " RUNNER_IMPORT_STATUS ", i.total, i.total_known, "                                            \
    "i.done, i.failed, i.rate, i.chunk_size, i.attempts, i.retry_to IS NOT NULL, i.current, "                                               \
    "i.counts, i.details, i.error_code, i.error, " RUNNER_TIME("i.created_at") ", " RUNNER_TIME(                                            \
        "i.started_at") ", " RUNNER_TIME("i.ended_at") ", "                                                                                 \
                                                       "CASE WHEN i.state = 'active' AND i.error "                                          \
                                                       "IS NOT NULL THEN " RUNNER_TIME(                                                     \
                                                           "i.due_at") " END, "                                                             \
                                                                       "coalesce(i.base_id, "                                               \
                                                                       "0), " RUNNER_TIME(                                                  \
                                                                           "i.data_deleted_at") ", i.label, i.owner, " RUNNER_IMPORT_NOTIFY \
                                                                                                " "
#define RUNNER_FROM_IMPORTS "FROM constraint_runner.import i "

[[nodiscard]] ImportRow read_import_row(const pqxx::row& row);

} // namespace runner::store
