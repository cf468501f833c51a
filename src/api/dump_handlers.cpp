// SPDX-License-Identifier: GPL-2.0-or-later
#include "api/dump_handlers.hpp"

#include "api/handler_parts.hpp"
#include "api/read.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>
#include <vector>

namespace runner::api {

namespace {

// indexed by publish::DumpFormat
constexpr std::array<const char*, publish::dump_formats> content_types{
    "text/turtle; charset=utf-8", "application/n-triples; charset=utf-8",
    "text/csv; charset=utf-8; header=present", "application/x-ndjson; charset=utf-8"};
// indexed by base::Packing; the first is not used
constexpr std::array<const char*, 3> packed_types{"", "application/gzip", "application/zstd"};

using Kind = Parameter::Kind;
using namespace std::string_view_literals;
constexpr std::array packings{"none"sv, "gz"sv, "zst"sv};
constexpr std::array parameters{
    Parameter{"wiki", Kind::wiki, true},
    Parameter{"format", Kind::choice, false, publish::dump_format_names},
    Parameter{"compress", Kind::choice, false, packings},
    Parameter{"details", Kind::flag},
    Parameter{"sentences", Kind::flag},
};

DumpRequest dump_request(const ReadRequest& asked) {
    DumpRequest request;
    request.wiki = asked.wiki();
    request.format = publish::dump_format_from(asked.text("format")).value_or(request.format);
    request.packing = base::packing_from(asked.text("compress")).value_or(request.packing);
    request.details = asked.flag("details");
    request.sentences = asked.flag("sentences");
    request.client = asked.request().client;
    return request;
}

Response response_of(const DumpRequest& request, DumpAnswer answer) {
    Response response;
    response.content_type = request.packing == base::Packing::none
                                ? content_types[static_cast<std::size_t>(request.format)]
                                : packed_types[static_cast<std::size_t>(request.packing)];
    response.headers.emplace_back("Dump-Position", std::to_string(answer.position));
    response.headers.emplace_back("Content-Disposition",
                                  fmt::format("attachment; filename=\"{}{}{}\"", request.wiki,
                                              publish::extension_of(request.format),
                                              base::extension_of(request.packing)));
    response.headers.emplace_back("Cache-Control", "no-store");
    response.headers.emplace_back("X-Accel-Buffering", "no"); // a proxy should not buffer it
    response.stream = std::move(answer.stream);
    return response;
}

} // namespace

void add_dump_routes(Router& router, const Backend& backend, DumpsBackend& dumps) {
    std::vector<std::string_view> names;
    for (const Parameter& parameter : parameters)
        names.push_back(parameter.name);
    router.add("GET", "/v1/dump", std::move(names), [&](Request&& asked, Responder respond) {
        const DumpRequest request =
            dump_request({std::move(asked), parameters, "/v1/dump", backend});
        dumps.dump(request, answering<DumpAnswer>(std::move(respond), [request](DumpAnswer answer) {
                       return response_of(request, std::move(answer));
                   }));
    });
}

} // namespace runner::api
