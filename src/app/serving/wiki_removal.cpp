// SPDX-License-Identifier: GPL-2.0-or-later
// See wiki_removal.hpp.
#include "app/serving/wiki_removal.hpp"

#include "app/serving/ask_database.hpp"
#include "base/log_fields.hpp"

#include <spdlog/spdlog.h>

#include <utility>

namespace runner::app {

void WikiRemoval::remove(std::string wiki, api::Reply<store::WikiRemoved> reply) {
    ask_database<store::WikiRemoved>(
        pool_, sessions_, std::move(reply), [wiki = std::move(wiki)](store::Session& session) {
            const base::LogFields fields{{"wiki", wiki}};
            try {
                const store::WikiRemoved removed = store::remove_wiki(session, wiki);
                spdlog::warn("everything stored of {} was removed on request: {} results, {} "
                             "violation pairs",
                             wiki, removed.results, removed.violations);
                return removed;
            } catch (const store::WikiBusy& error) {
                throw api::ApiError{409, "busy", error.what(), {}};
            }
        });
}

} // namespace runner::app
