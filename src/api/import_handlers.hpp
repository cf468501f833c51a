// SPDX-License-Identifier: GPL-2.0-or-later
// The routes of imports: asking for one, watching it, stopping it, and reading its files. Its lists
// are rows of read_rows.cpp.
#pragma once

#include "api/backend.hpp"
#include "api/router.hpp"
#include "store/imports/commons_files.hpp"
#include "store/imports/import.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace runner::api {

/// What these handlers need of the rest of the runner. As Backend: no call blocks.
class ImportsBackend {
public:
    virtual ~ImportsBackend() = default;

    /// `client`: its name, and the wikis that it may use. Throws imports::BadRequest for what the
    /// body may not say, and (into the reply) ApiError 429 when the client has too much already.
    virtual void start_import(std::string body, Client client,
                              Reply<store::ImportAccepted> reply) = 0;
    /// With `wait` once it is over or paused, or after that time.
    virtual void import(std::uint64_t id, std::chrono::seconds wait,
                        Reply<std::optional<store::ImportRow>> reply) = 0;
    virtual void import_files(store::CommonsFileStore::Question question,
                              Reply<store::CommonsFileStore::Page> reply) = 0;
    /// Deletes the files, items and problems of one that is over.
    virtual void delete_import_data(std::uint64_t id, Reply<store::ImportChange> reply) = 0;
    virtual void change_import(std::uint64_t id, store::ImportAction action,
                               Reply<store::ImportChange> reply) = 0;
};

/// 404 "no_import".
[[nodiscard]] ApiError no_import(std::uint64_t id);
/// 429: so many imports of the client are under way.
[[nodiscard]] ApiError too_many_imports(std::uint64_t under_way);
/// The number in the path. Throws ApiError.
[[nodiscard]] std::uint64_t import_id(const Request& request);

/// Adds a route below /v1/import/{job_id} with the names of its parameters: 404 when that import is
/// of a wiki that the client may not see. Both references must outlive the router.
void add_route_of_import(Router& router, ImportsBackend& backend, const char* method,
                         const std::string& below, std::vector<std::string_view> parameters,
                         Handler handler);

/// Both references must outlive the router.
void add_import_routes(Router& router, ImportsBackend& backend);

/// `{job_id, wiki, import_method, status, …}` with the names that the kind counts among them.
[[nodiscard]] std::string import_json(const store::ImportRow& row);

} // namespace runner::api
