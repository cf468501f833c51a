// SPDX-License-Identifier: GPL-2.0-or-later
// See probe.hpp. That the property is not there is an answer.
#include "source/probe.hpp"

#include "base/error.hpp"
#include "source/block_reader.hpp"
#include "source/http_client.hpp"
#include "source/input_file.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace runner::source {

namespace {

/// Looks at the beginning of each file alone.
std::string probe_files(const config::WikiSettings& wiki) {
    for (const std::filesystem::path& file : wiki.files) {
        std::error_code ignored;
        if (std::filesystem::exists(file) && !std::filesystem::is_regular_file(file, ignored))
            return fmt::format("{} is not a regular file", file.string());
        try {
            TextStream stream(file);
            BlockReader reader(
                file.string(),
                [&](char* to, std::size_t size) { return stream.read(to, size); }, 1);
            LineBlock block;
            if (!reader.next(block))
                return fmt::format("{}: it holds no entity", file.string());
        } catch (const base::Error& error) {
            return error.what();
        }
    }
    return {};
}

} // namespace

std::string probe(const config::WikiSettings& wiki) {
    if (wiki.source == config::SourceKind::file)
        return probe_files(wiki);
    if (wiki.source != config::SourceKind::http)
        return {};
    HttpLimits limits;
    limits.timeout = std::min(wiki.http_timeout, std::chrono::milliseconds(5'000));
    limits.connections = 1;
    limits.max_body = static_cast<std::size_t>(wiki.http_max_body);
    std::string url = wiki.entity_data_url;
    if (!url.ends_with('/') && !url.ends_with('='))
        url += '/';
    url += wiki.ids[config::ConstraintId::PropertyConstraint] + ".json";
    const HttpAnswer answer = HttpClient(limits).get({&url, 1}).front();
    if (answer.status == 0)
        return fmt::format("the wiki does not answer: {}: {}", url, answer.error);
    if (answer.status != 200 && answer.status != 404)
        return fmt::format("the wiki refuses to answer: {}: HTTP status {}", url, answer.status);
    return {};
}

} // namespace runner::source
