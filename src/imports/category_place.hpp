// SPDX-License-Identifier: GPL-2.0-or-later
// Where an import of categories is: what its cursor says.
#pragma once

#include "imports/commons_replica.hpp"

#include <boost/json.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace runner::imports {

/// What an import does at its cursor.
enum class Phase : std::uint8_t { files, check, problems, finish };

struct Place {
    std::vector<std::string> categories;
    Phase phase = Phase::files;
    std::size_t category = 0;                ///< whose files are being taken
    std::vector<CategoryPosition> positions; ///< in each category
    std::uint64_t page = 0;                  ///< of the files that are being checked
    std::uint32_t round = 0;
    bool again = false;       ///< the categories are read from their beginning, for what is missing
    bool check = true;        ///< what was read is to be checked in this round
    bool changed = false;     ///< something that was read in this import was different then
    std::string code, reason; ///< why nothing may have come: the first remark on a category

    [[nodiscard]] std::string text() const;
    /// Of text(), also of the versions before.
    [[nodiscard]] static Place of(const std::string& cursor);
    void next_round(bool from_the_beginning);
};

/// The texts of an array.
[[nodiscard]] std::vector<std::string> strings_of(const boost::json::value& array);

} // namespace runner::imports
