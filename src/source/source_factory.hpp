// SPDX-License-Identifier: GPL-2.0-or-later
// Creates a wiki's source from its settings.
#pragma once

#include "config/wiki_settings.hpp"
#include "php/pool.hpp"
#include "source/http_source.hpp"
#include "source/source.hpp"

#include <memory>

namespace runner::source {

/// The source that `wiki.source` names; for `none` one without entities. Throws what
/// the sources' constructors throw (an unreadable file, a bad line).
/// For `php` the workers are `workers` or, when that is null, new ones.
[[nodiscard]] std::unique_ptr<EntitySource>
make_source(const config::WikiSettings& wiki, std::shared_ptr<php::Pool> workers = nullptr,
            HttpOptions http = {});

/// The same; when `other` is not null, all entities but mediainfo come from its source
/// (`properties` in [wiki.ID]).
[[nodiscard]] std::unique_ptr<EntitySource>
make_source(const config::WikiSettings& wiki, std::shared_ptr<php::Pool> workers,
            const config::WikiSettings* other, std::shared_ptr<php::Pool> other_workers = nullptr,
            HttpOptions http = {});

/// The same for a process that serves other wikis too: if this one's files are not valid input,
/// that is logged, and the source throws SourceUnavailable.
[[nodiscard]] std::unique_ptr<EntitySource>
make_source_or_wait(const config::WikiSettings& wiki, std::shared_ptr<php::Pool> workers,
                    const config::WikiSettings* other, std::shared_ptr<php::Pool> other_workers);

} // namespace runner::source
