// SPDX-License-Identifier: GPL-2.0-or-later
// GET /v1/dump: all stored results of a wiki as one stream.
#pragma once

#include "api/backend.hpp"
#include "api/router.hpp"
#include "base/packing.hpp"
#include "publish/dump_text.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace runner::api {

struct DumpRequest {
    std::string wiki;
    publish::DumpFormat format = publish::DumpFormat::turtle;
    base::Packing packing = base::Packing::none;
    bool details = false;
    bool sentences = false;
    std::string client; ///< for the log
};

struct DumpAnswer {
    std::shared_ptr<BodyStream> stream;
    std::uint64_t position = 0; ///< of the snapshot: `transaction` among the events
};

/// The handler's dependencies; no call blocks.
class DumpsBackend {
public:
    virtual ~DumpsBackend() = default;

    /// Throws (into the reply) ApiError 503 when the maximum number of dumps is running.
    virtual void dump(DumpRequest request, Reply<DumpAnswer> reply) = 0;
};

/// All references must outlive the router.
void add_dump_routes(Router& router, const Backend& backend, DumpsBackend& dumps);

} // namespace runner::api
