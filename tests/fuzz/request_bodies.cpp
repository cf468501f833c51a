// SPDX-License-Identifier: GPL-2.0-or-later
// Fuzzes the bodies of HTTP requests: the first byte says of which request, the rest is the body.
// Any bytes give a request or an ApiError 400 or 413 with a text; the documents of jobs lie in the
// body that came.
#include "api/requests.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace runner;

void jobs(std::string_view text) {
    constexpr std::size_t max_jobs = 50;
    const api::JobsRequest request =
        api::parse_jobs_request(std::string(text), max_jobs, entity::EntityId::parse);
    if (request.jobs.size() > max_jobs || !request.body)
        std::abort();
    const char* begin = request.body->data();
    for (const api::JobSpec& job : request.jobs) {
        if (!job.entity.valid())
            std::abort();
        if (!job.document.empty() &&
            (job.document.data() < begin ||
             job.document.data() + job.document.size() > begin + request.body->size() ||
             job.document.front() != '{' || job.document.back() != '}'))
            std::abort();
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0)
        return 0;
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    try {
        switch (data[0]) {
        case 'j': jobs(text); break;
        case 'c':
            (void)api::parse_check_request(text, std::chrono::seconds(60), entity::EntityId::parse);
            break;
        case 'd': (void)api::parse_dead_retry_request(text, entity::EntityId::parse); break;
        default: (void)api::parse_entity_text(text, "entity", entity::EntityId::parse); break;
        }
    } catch (const api::ApiError& error) {
        if ((error.status != 400 && error.status != 413) || error.message.empty())
            std::abort();
        (void)api::error_response(error); // shows what stood there, whatever the bytes
    }
    return 0;
}
