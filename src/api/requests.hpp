// SPDX-License-Identifier: GPL-2.0-or-later
// The bodies of the requests, checked field by field. An invalid one is an ApiError 400 that
// names the field with its path and shows the value.
#pragma once

#include "api/message.hpp"
#include "entity/entity_id.hpp"
#include "store/jobs/job.hpp"
#include "store/jobs/job_table.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace runner::api {

/// Parses an entity id; entity::EntityId::parse in the runner.
using ParseId = std::optional<entity::EntityId> (*)(std::string_view);

enum class Priority : std::uint8_t { low, normal, high };

/// One job of `POST /v1/jobs`.
struct JobSpec {
    entity::EntityId entity;
    std::uint64_t revision = 0; ///< 0: whatever is the latest
    Priority priority = Priority::normal;
    store::JobReason reason = store::JobReason::edit; ///< edit, fill or request
    std::string_view document; ///< the bytes of the JSON object as they came; empty: none
};

struct JobsRequest {
    std::string wiki;
    std::vector<JobSpec> jobs;
    std::unique_ptr<const std::string> body; ///< holds the documents
};

struct CheckRequest {
    std::string wiki;
    entity::EntityId entity;
    std::uint64_t revision = 0; ///< at least this one; 0: any
    std::string other_than;     ///< `checked_at` of a result that does not count; empty: all count
    std::chrono::milliseconds deadline{10'000};
    std::string client; ///< as Request::client
};

/// The jobs that `POST /v1/dead/retry` requeues.
struct DeadRetryRequest {
    std::string wiki;                       ///< empty: of all wikis
    std::optional<entity::EntityId> entity; ///< empty: all
};

struct PauseRequest {
    std::string wiki;   ///< empty: all
    std::string reason; ///< empty: none
};

struct ResumeRequest {
    std::string wiki; ///< empty: the pause of all
};

/// 413 when there are more than `max_jobs`.
[[nodiscard]] JobsRequest parse_jobs_request(std::string body, std::size_t max_jobs,
                                             ParseId parse_id);
[[nodiscard]] CheckRequest parse_check_request(std::string_view body,
                                               std::chrono::milliseconds max_deadline,
                                               ParseId parse_id);
[[nodiscard]] DeadRetryRequest parse_dead_retry_request(std::string_view body, ParseId parse_id);
[[nodiscard]] PauseRequest parse_pause_request(std::string_view body);
[[nodiscard]] ResumeRequest parse_resume_request(std::string_view body);
[[nodiscard]] store::NewPriority parse_reprioritise_request(std::string_view body,
                                                            ParseId parse_id);

/// Of a job with this priority.
[[nodiscard]] std::int16_t job_priority(Priority priority) noexcept;

/// The entity id in a path or query; `field` is its name in errors.
[[nodiscard]] entity::EntityId parse_entity_text(std::string_view text, std::string_view field,
                                                 ParseId parse_id);

} // namespace runner::api
