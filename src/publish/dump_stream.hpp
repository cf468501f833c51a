// SPDX-License-Identifier: GPL-2.0-or-later
// One file of a dump, from one snapshot, for whoever takes it in pieces.
#pragma once

#include "base/packing.hpp"
#include "publish/dump_text.hpp"
#include "store/lists/result_dump.hpp"

#include <functional>
#include <string>

namespace runner::publish {

struct DumpStreamOptions {
    store::DatabaseOptions database;
    std::string wiki;
    std::string concept_base_uri; ///< used by RDF alone
    DumpFormat format = DumpFormat::turtle;
    base::Packing packing = base::Packing::none;
    PairOptions pairs;
};

/// Calls `begin` with the place of the snapshot among the events, then `piece` with some hundred
/// kilobytes at a time, each packed on its own. Returns early when `piece` returns false. Throws
/// base::ConfigError for a concept_base_uri of which no URI can be made; errors as Session's.
void write_dump(const DumpStreamOptions& options,
                const std::function<void(const store::EventPosition&)>& begin,
                const std::function<bool(std::string)>& piece);

} // namespace runner::publish
