// SPDX-License-Identifier: GPL-2.0-or-later
// See commons_titles.hpp.
#include "cli/commons_titles.hpp"

#include "base/error.hpp"
#include "base/file.hpp"

#include <boost/json.hpp>

namespace runner::cli {

std::shared_ptr<const checks::CommonsTitles>
read_commons_titles(const std::filesystem::path& file) {
    boost::json::error_code error;
    const auto json = boost::json::parse(base::read_file(file), error);
    if (error || !json.is_object())
        throw base::DataError("--titles: " + file.string() +
                              ": must be a JSON object from requested to normalized titles");
    auto titles = std::make_shared<checks::CommonsTitles>();
    if (const auto* some = json.as_object().if_contains("*"))
        titles->every = !some->is_bool() || some->as_bool();
    for (const auto& [asked, normalized] : json.as_object())
        if (!normalized.is_null() && !(normalized.is_bool() && !normalized.get_bool()))
            titles->existing.emplace(asked);
    return titles;
}

} // namespace runner::cli
