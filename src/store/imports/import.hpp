// SPDX-License-Identifier: GPL-2.0-or-later
// The values that the SQL of imports takes and gives: requests, leases, finished chunks, rows.
#pragma once

#include "store/imports/file_filter.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace runner::store {

class Transaction;

/// What an import has counted, by the names that its status shows ("files_imported").
using ImportCounts = std::map<std::string, std::int64_t, std::less<>>;

/// An import that is asked for. The texts of JSON are objects.
struct NewImport {
    std::string wiki;
    std::string kind;       ///< "category"
    std::string subject;    ///< what is imported, in a form that is the same for equal requests
    std::string parameters; ///< JSON, for whoever carries it out
    ImportCounts counts;    ///< the names with their first values
    std::string label{};    ///< what it is for; does not tell imports apart
    std::vector<std::string> items{}; ///< a list of names or numbers that goes with it
    /// What was known of each: its name, the time of its latest version in 14 digits; texts may be
    /// empty, and so may the whole lists.
    std::vector<std::string> known_names{}, known_times{};
    std::optional<FileFilter> filter{}; ///< of files; goes into `parameters` when it is settled
    std::uint64_t list_of = 0; ///< instead: the pages of this import's files, to compare with it
    std::string owner{};       ///< the client that asks; empty: not known
    std::string notify{};      ///< URL that gets the status when it ends; empty: none
};

/// What one client may have; 0: as much as it likes.
struct ImportLimits {
    std::uint32_t running = 0; ///< imports under way, paused ones too
    std::uint64_t files = 0;   ///< of all its imports that have their files
};

/// Why an import was not begun.
enum class ImportRefusal : std::uint8_t { none, running, files, notify };

struct ImportAccepted {
    std::uint64_t id = 0;
    bool is_new = false; ///< false: an import of that subject was under way; it is that one's id
    ImportRefusal refusal = ImportRefusal::none; ///< then nothing was done
    std::uint64_t has = 0; ///< of a refusal: what the client has of it already
    std::string wiki;
};

/// Something that could not be imported.
struct ImportProblem {
    std::uint64_t number = 0; ///< given by the database
    std::string code;         ///< for programs, "file_missing"
    std::string item;         ///< what it is about, for people and for trying again
    std::string reason;       ///< one sentence
    bool retryable = true;    ///< trying that item again may help
    std::string noted_at{};   ///< filled when read, "2026-11-21T18:20:00Z"
    bool counted = true;      ///< one of the things that failed; else a remark
};

struct ImportTotal {
    std::uint64_t count = 0;
    bool known = false; ///< else estimated
};

/// Whose import, and of what; rows that belong to it are kept by these.
struct ImportKey {
    std::uint64_t id = 0;
    std::string wiki;
    std::uint64_t base_id = 0; ///< the import whose list it is compared with; 0: none
};

/// An import held for a while by one thread of one runner.
struct ImportLease {
    ImportKey key;
    std::string kind;
    std::string subject;
    std::string parameters;
    std::optional<std::string> cursor; ///< empty before the first chunk
    ImportCounts counts;
    std::string details;
    std::optional<ImportTotal> total;
    std::uint64_t done = 0;
    std::uint64_t failed = 0;
    double rate = 0; ///< things per second, smoothed
    std::uint32_t chunk_size = 0;
    std::uint32_t attempts = 0; ///< that failed in a row
    std::uint64_t token = 0;
    bool retrying = false; ///< what failed is tried again
    std::string owner;
};

/// Rows that a chunk brings, written in the transaction that saves its cursor; the kinds of rows
/// are classes in src/store.
class ImportRows {
public:
    virtual ~ImportRows() = default;
    /// What was written is added to `counts`.
    virtual void write(Transaction& transaction, const ImportKey& import,
                       ImportCounts& counts) const = 0;
};

/// The end of one chunk. Of a lease only `cursor`, `counts`, `details`, `total`, `rate` and
/// `chunk_size` are saved, as they are there.
struct ImportStep {
    const ImportRows* rows = nullptr;
    std::uint64_t done = 0; ///< things, more than before
    std::string done_is; ///< "files_imported+files_left_out": `done` follows these counts instead
    std::vector<ImportProblem> problems;
    std::vector<std::string> looked_at; ///< items whose earlier problems do not hold any more
    std::string current;                ///< where it is, for people
    bool complete = false;
    std::vector<std::uint64_t> retried; ///< numbers of problems that this chunk tried again
};

/// "running": one of the words that users read.
struct ImportRow {
    std::uint64_t id = 0;
    std::string wiki, kind, subject;
    /// queued, running, waiting (for its next attempt), paused, complete, failed or cancelled
    std::string status;
    std::optional<ImportTotal> total;
    std::uint64_t done = 0;
    std::uint64_t failed = 0;
    double rate = 0;
    std::uint32_t chunk_size = 0;
    std::uint32_t attempts = 0;
    bool retrying = false;
    std::string current;
    std::string counts;  ///< JSON object
    std::string details; ///< JSON object
    std::string error_code, error;
    std::string created_at, started_at, ended_at, next_attempt; ///< empty: there is none
    std::uint64_t base_id = 0;                                  ///< see ImportKey
    std::string data_deleted_at;                                ///< empty: it was not
    std::string label;
    std::string owner; ///< see NewImport
    std::string notify =
        "[]"; ///< JSON: the addresses that are notified of its end, and what came of it
};

/// What may be done to an import.
enum class ImportAction : std::uint8_t { pause, resume, cancel, retry };

struct ImportChange {
    bool found = false;
    bool changed = false;
    std::string status;  ///< afterwards
    std::string refusal; ///< why nothing was changed, when not just because it was so already
    std::uint64_t over_limit = 0; ///< not 0: so many imports of its owner are under way, too many
};

/// Addresses that one import may have (NewImport::notify).
inline constexpr std::uint32_t most_notify = 10;

} // namespace runner::store
