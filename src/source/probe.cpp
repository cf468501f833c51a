// SPDX-License-Identifier: GPL-2.0-or-later
// See probe.hpp. That the property is not there is an answer.
#include "source/probe.hpp"

#include "base/url.hpp"
#include "source/file_problem.hpp"
#include "source/http_client.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace runner::source {

std::string probe(const config::WikiSettings& wiki) {
    if (wiki.source == config::SourceKind::file) {
        for (const std::filesystem::path& file : wiki.files)
            if (std::string problem = file_problem(file); !problem.empty())
                return problem;
        return {};
    }
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
    const std::string shown = base::mask_urls(url);
    if (answer.status == 0)
        return fmt::format("the wiki does not answer: {}: {}", shown, answer.error);
    if (answer.status != 200 && answer.status != 404)
        return fmt::format("the wiki refuses to answer: {}: HTTP status {}", shown, answer.status);
    return {};
}

} // namespace runner::source
