// SPDX-License-Identifier: GPL-2.0-or-later
// What a kind of import is to the engine: it is asked for one chunk after the other, and says what
// each one brought and where the next begins. The engine does all else: sizes, pauses, saving,
// retries, problems, taking turns.
#pragma once

#include "base/error.hpp"
#include "config/settings.hpp"
#include "facts/class_keeper.hpp"
#include "store/common/session.hpp"
#include "store/imports/import.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace runner::imports {

/// The request is wrong; the text begins with the field.
struct BadRequest : base::DataError {
    BadRequest(std::string named, const std::string& what)
        : DataError(named + ": " + what), field(std::move(named)) {}
    std::string field;
};

/// Trying again does not help: the import ends as failed. `code` is for programs.
struct Hopeless : base::Error {
    Hopeless(std::string program_code, const std::string& what)
        : Error(base::ExitCode::data, what), code(std::move(program_code)) {}
    std::string code;
};

/// The source did not bear a chunk of that size: the same cursor is tried with half of it. The
/// source has nothing to do with the error when the size is 1 already, and time is what may help.
struct TooMuch : base::Error {
    explicit TooMuch(const std::string& what) : Error(base::ExitCode::temp_fail, what) {}
};

/// What one chunk brought. Nothing of it is there until the engine has saved it.
struct Chunk {
    std::string cursor;     ///< where the next chunk begins; never empty
    std::uint64_t done = 0; ///< things
    std::string done_is;    ///< the import's `done` follows this of its counts; empty: `done`
    std::vector<store::ImportProblem> problems;
    std::vector<std::string> looked_at;      ///< items whose earlier problems are gone
    std::unique_ptr<store::ImportRows> rows; ///< written together with the cursor; may be null
    store::ImportCounts counts;              ///< added to the import's
    std::optional<std::string> details;      ///< JSON object, instead of the import's
    std::optional<store::ImportTotal> total; ///< instead of the import's
    std::string current;                     ///< where it is, for people
    bool last = false;
    bool sized = true; ///< its duration says something about its size
};

/// One import in work, used by one thread at a time. It may go at any moment and be made again
/// from the last saved cursor, by this runner or another.
class Importer {
public:
    virtual ~Importer() = default;

    /// The chunk at the cursor of `lease` (empty: the first) with about `size` things. Repeating a
    /// chunk must be harmless. Throws TooMuch, Hopeless, base::UnavailableError when the source
    /// does not answer, and anything else for a chunk that can't be had: tried again with pauses,
    /// and after some attempts given up.
    [[nodiscard]] virtual Chunk next(const store::ImportLease& lease, std::uint32_t size) = 0;

    /// Tries again what failed: things as next() named them, at most the size of a chunk. What
    /// fails once more is a problem of the chunk once more. Its cursor is not looked at.
    [[nodiscard]] virtual Chunk retry(const store::ImportLease& lease,
                                      std::span<const store::ImportProblem> problems) = 0;

    /// When all of that has been tried: what is still to be waited for. `last` when nothing is; no
    /// cursor is looked at.
    [[nodiscard]] virtual Chunk retried(const store::ImportLease&) {
        Chunk chunk;
        chunk.last = true;
        chunk.sized = false;
        return chunk;
    }

    /// From any thread: what is waited for is wanted no longer.
    virtual void interrupt() noexcept {}
};

/// What importers find at hand.
struct Context {
    const config::Settings& settings;
    const config::WikiSettings& wiki;
    store::SessionPool& sessions;                ///< the runner's own database
    std::shared_ptr<facts::ClassKeeper> classes; ///< of the wiki; may be null
};

/// A kind of import: a row of the table in kinds.cpp.
struct ImportKind {
    std::string_view name;    ///< "category": the value of `import_method`
    std::string_view summary; ///< one sentence for people
    std::string_view thing;   ///< what it counts, "files"
    /// Reads the fields of a request that are this kind's own (the others are gone from it) and
    /// says what is to be done: `subject`, `parameters` and `counts` of the answer are filled.
    /// Throws BadRequest.
    void (*plan)(std::string_view fields, const config::Settings& settings,
                 const config::WikiSettings& wiki, store::NewImport& into);
    std::unique_ptr<Importer> (*make)(const Context& context, const store::ImportLease& lease);
    bool from_replica = false; ///< a request need not name the wiki when one has a replica
};

} // namespace runner::imports
