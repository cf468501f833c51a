// SPDX-License-Identifier: GPL-2.0-or-later
// The queries of the rows of read_rows.cpp, and their JSON.
#pragma once

#include "api/read.hpp"
#include "store/imports/import.hpp"
#include "store/imports/import_items.hpp"
#include "store/jobs/job.hpp"
#include "store/jobs/pause_table.hpp"
#include "store/lists/parity_store.hpp"
#include "store/lists/violation_list.hpp"
#include "store/results/result_store.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace runner::api {

// each is the function of one row
[[nodiscard]] std::string read_result(store::Session& session, const ReadRequest& request);
[[nodiscard]] std::string read_queue(store::Session& session, const ReadRequest& request);
[[nodiscard]] ListPage list_dead(store::Session& session, const ReadRequest& request);
[[nodiscard]] ListPage list_incomplete(store::Session& session, const ReadRequest& request);
[[nodiscard]] ListPage list_parity(store::Session& session, const ReadRequest& request);
[[nodiscard]] ListPage list_violations(store::Session& session, const ReadRequest& request);
[[nodiscard]] ListPage list_imports(store::Session& session, const ReadRequest& request);
[[nodiscard]] ListPage list_problems(store::Session& session, const ReadRequest& request);
[[nodiscard]] ListPage list_items(store::Session& session, const ReadRequest& request);

/// `{wiki, entity, revision, checked_at, …, value}`; `value` is copied byte for byte.
[[nodiscard]] std::string result_json(std::string_view wiki, const entity::EntityId& entity,
                                      const store::ResultRow& row);
/// All wikis together, then each.
/// `pauses`: what pauses_json() makes.
[[nodiscard]] std::string queue_json(const std::vector<store::WikiCounts>& wikis,
                                     std::string_view pauses = "[]");
/// Those that the client may see; the wiki of one that holds for all is null.
[[nodiscard]] std::string pauses_json(const std::vector<store::Pause>& pauses,
                                      const Request& request);
[[nodiscard]] std::string row_json(const store::DeadJob& job);
[[nodiscard]] std::string row_json(const store::IncompleteRow& row);
[[nodiscard]] std::string row_json(const store::ParityDifference& row);
[[nodiscard]] std::string row_json(const store::ImportProblem& problem);
[[nodiscard]] std::string row_json(const store::ImportItem& item);
/// `sentence`: of the message; null: it was not asked for.
[[nodiscard]] std::string row_json(const store::ListedViolation& row,
                                   const std::string_view* sentence = nullptr);

/// Of a list that is sorted by wiki and entity.
template <class Row>
[[nodiscard]] ListPage page_by_entity(const std::vector<Row>& rows, std::uint32_t limit) {
    ListPage page;
    for (const Row& row : rows)
        page.rows.push_back(row_json(row));
    if (!rows.empty() && rows.size() >= limit)
        page.next = rows.back().key.wiki + '|' + rows.back().key.entity.to_string();
    return page;
}

struct ParityCursor {
    std::string constraint;
    std::optional<store::EntityKey> key;
};
/// Of "CONSTRAINT|WIKI|ENTITY"; throws ApiError 400.
[[nodiscard]] ParityCursor parity_cursor(std::string_view cursor);
/// Of "ENTITY|STATEMENT|CONSTRAINT"; throws ApiError 400.
[[nodiscard]] std::optional<store::ViolationKey> violation_cursor(std::string_view cursor);

} // namespace runner::api
