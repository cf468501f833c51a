// SPDX-License-Identifier: GPL-2.0-or-later
// The files that an import brought: pages of JSON, and whole lists as CSV for Montage or as lines
// of JSON, streamed piece by piece.
#pragma once

#include "api/import_handlers.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace runner::api {

/// GET /v1/import/{job_id}/files and its other names. Both references must outlive the router.
void add_file_routes(Router& router, ImportsBackend& backend);

/// The header of Montage's columns, `page_id`, and `file_id` where files have one. Ended by CR LF.
[[nodiscard]] std::string csv_header(bool file_ids);
/// A line each. A user who is hidden or has no account has the number 0, as MediaWiki writes it.
[[nodiscard]] std::string files_csv(const std::vector<store::CommonsFile>& files, bool file_ids);
/// Objects, each with `end` behind it.
[[nodiscard]] std::string file_objects(const std::vector<store::CommonsFile>& files,
                                       std::string_view end);

} // namespace runner::api
