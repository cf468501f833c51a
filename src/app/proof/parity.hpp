// SPDX-License-Identifier: GPL-2.0-or-later
// Compares the results of two engines on one entity: as multisets, since the order of equal results
// is irrelevant. Results that one engine left `todo` are not compared.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace runner::app {

/// The results of one constraint that only one side has.
struct Disagreement {
    std::string constraint; ///< empty: null results, of no constraint
    std::string property;   ///< "P1"; empty likewise
    std::string type;
    std::string native; ///< a JSON array
    std::string php;    ///< a JSON array

    friend bool operator==(const Disagreement&, const Disagreement&) = default;
};

/// Both are JSON arrays of results as WBQC's CheckResultSerializer writes them, of every status.
/// Sorted by constraint. Throws base::DataError when one of them is invalid.
[[nodiscard]] std::vector<Disagreement> compare_results(std::string_view native,
                                                        std::string_view php);

} // namespace runner::app
