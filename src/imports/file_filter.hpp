// SPDX-License-Identifier: GPL-2.0-or-later
// Filters of files as requests write them, and as imports keep them.
#pragma once

#include "store/imports/commons_files.hpp"
#include "store/imports/file_filter.hpp"
#include "store/imports/import.hpp"

#include <boost/json.hpp>

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace runner::imports {

/// The members of a filter.
inline constexpr std::array<std::string_view, 9> filter_fields{
    "uploaded_from", "uploaded_before", "time_zone", "versions",     "min_pixels",
    "min_side",      "mime_types",      "uploaders", "not_uploaders"};

/// Throws BadRequest; `within` goes before the names of fields in it ("filter.").
[[nodiscard]] store::FileFilter read_filter(const boost::json::object& fields,
                                            const std::string& within);

/// Takes the object "filter" of a request for files, if it has one, and says it in the subject.
void plan_filter(const boost::json::object& fields, store::NewImport& into);

/// To be called before an import is created: the filter goes into its parameters, with its times in
/// UTC. Throws BadRequest for a time zone that there is not.
void settle_filter(store::NewImport& import, store::Session& session);

/// The filter in the parameters of an import; empty when there is none.
[[nodiscard]] std::optional<store::FileFilter> filter_of(const boost::json::value& parameters);
/// As it is kept, for the status.
[[nodiscard]] boost::json::object filter_object(const store::FileFilter& filter);

/// Marks the files that the filter leaves out.
void leave_out(const std::optional<store::FileFilter>& filter,
               std::vector<store::CommonsFile>& files);

} // namespace runner::imports
