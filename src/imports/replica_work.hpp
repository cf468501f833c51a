// SPDX-License-Identifier: GPL-2.0-or-later
// Reading from a replica as a chunk of an import: its errors in the engine's words.
#pragma once

#include "imports/commons_replica.hpp"
#include "imports/error_text.hpp"
#include "imports/importer.hpp"

#include <boost/json.hpp>

namespace runner::imports {

/// Adds how old the replica is to the details of an import, and a warning when that is too much.
void note_age(CommonsReplica& replica, const config::WikiSettings& wiki,
              boost::json::object& details);

/// What `work` gives. Tables that are gone may have given way to those of the next generation, so
/// that is looked at once more; of an import that has `begun` the chunk is tried again later while
/// there are none. Throws TooMuch, Hopeless and base::UnavailableError.
template <typename Work>
auto with_replica(CommonsReplica& replica, bool begun, Work work) {
    for (bool first = true;; first = false) {
        try {
            return work();
        } catch (const source::ReplicaTimeout& error) {
            throw TooMuch(error.what());
        } catch (const source::ReplicaRefused& error) {
            replica.forget_schema();
            if (first && (error.code == "no_table" || error.code == "access_denied"))
                continue;
            if (begun && (error.code == "no_table" || error.code == "unknown_schema"))
                throw source::SourceUnavailable(error.what());
            throw Hopeless(error.code, without_folders(error.what()));
        }
    }
}

} // namespace runner::imports
