// SPDX-License-Identifier: GPL-2.0-or-later
// The lists that imports are given, and the answer to each of their names.
#pragma once

#include "store/common/session.hpp"
#include "store/imports/commons_files.hpp"
#include "store/imports/import.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace runner::store {

enum class ItemOutcome : std::uint8_t {
    waiting,
    found,
    renamed,
    redirect,
    deleted,
    missing,
    twice,
    no_file,
    bad_name,
    left_out
};
/// In the order of the enumeration; the words that users read.
inline constexpr std::array<std::string_view, 10> item_outcomes{
    "waiting", "found", "renamed", "redirect", "deleted",
    "missing", "twice", "no_file", "bad_name", "left_out"};

struct ImportItem {
    std::uint64_t number = 0; ///< in the list, from 1
    std::string asked;        ///< as it was given
    ItemOutcome outcome = ItemOutcome::waiting;
    std::optional<std::uint64_t> page_id;
    std::optional<std::string> title;  ///< of the file that was found, as the database has it
    std::optional<std::string> reason; ///< for people, where there is no file to be had
    std::optional<std::string> known_name, known_at; ///< what was known, see NewImport
    std::optional<bool> replaced; ///< another latest version than the one that was known
};

/// Files of a list, and the answers to those of its names that were looked up.
class FileListRows final : public ImportRows {
public:
    CommonsFileRows files;
    std::vector<ImportItem> answers;

    /// Adds to what CommonsFileRows counts items_done (those that have a file, wanted or not) and
    /// items_found, items_renamed, items_redirect, items_deleted, items_missing, items_twice,
    /// items_no_file and items_bad_name, items_left_out, items_replaced, and takes away what the
    /// same items were before.
    void write(Transaction& transaction, const ImportKey& import,
               ImportCounts& counts) const override;
};

/// The items of a list that the import itself fetched; the import has none before.
class ListedRows final : public ImportRows {
public:
    std::vector<std::string> items;
    std::vector<std::string> known_names, known_times; ///< see NewImport

    void write(Transaction& transaction, const ImportKey& import,
               ImportCounts& counts) const override;
};

/// Works through one session, with its errors. Not thread-safe.
class ImportItemStore {
public:
    explicit ImportItemStore(Session& session) : session_(session) {}

    struct Page {
        bool found = false; ///< there is such an import
        std::vector<ImportItem> items;
    };
    /// In the order of the list, after a number; with `outcome` or `replaced` those alone.
    [[nodiscard]] Page page(std::uint64_t import_id, std::uint64_t after, std::uint32_t limit,
                            std::optional<ItemOutcome> outcome = std::nullopt,
                            std::optional<bool> replaced = std::nullopt);
    [[nodiscard]] std::vector<ImportItem> of_numbers(std::uint64_t import_id,
                                                     std::span<const std::uint64_t> numbers);
    [[nodiscard]] std::uint64_t count(std::uint64_t import_id);
    /// Which of the pages earlier items of the list have led to, and the number of the first.
    [[nodiscard]] std::map<std::uint64_t, std::uint64_t>
    pages_before(std::uint64_t import_id, std::uint64_t number,
                 std::span<const std::uint64_t> pages);

private:
    Session& session_;
};

} // namespace runner::store
