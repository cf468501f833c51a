// SPDX-License-Identifier: GPL-2.0-or-later
// The columns of a list of files, of whatever form, and the one decision which of them are taken.
#pragma once

#include "imports/list_text.hpp"

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace runner::imports {

/// Keeps what names files and forgets other cells at once. Row by row.
class ListTable {
public:
    /// What a column of that name is to the table.
    struct Column {
        std::size_t held = 0;  ///< which of the columns that its name says, or `others`
        std::size_t other = 0; ///< of the others: which
    };
    /// Columns are counted in the order in which they are first asked for.
    [[nodiscard]] Column column(std::string_view name);
    /// Whether a column of that name is taken for its name alone.
    [[nodiscard]] static bool is_known(std::string_view name);

    /// Throws BadList when there are more than most_listed.
    void begin_row();
    void set(Column column, std::string_view text);

    /// What is taken: numbers of pages or files that every row has, unless the rows say namespaces
    /// (then the numbers are of the wiki that was asked, which may be another one); else a column
    /// called filename or img_name; addresses of files; a column called title, name, image … Rows
    /// without it are left out. Throws BadList when there are rows and nothing of that.
    [[nodiscard]] ListedFiles list() &&;

private:
    static constexpr std::size_t others = 7;
    struct Other { ///< a column with a name that says nothing: its addresses of files
        std::string name;
        std::vector<std::string> items;
        bool entities = false; ///< they end with the number of a page: …/entity/M12
    };
    [[nodiscard]] Column other_column(std::string_view name);
    [[nodiscard]] bool has(std::size_t held) const { return !columns_.at(held).empty(); }
    /// Empty where the row has none.
    [[nodiscard]] std::string_view cell(std::size_t held, std::size_t row) const;
    [[nodiscard]] std::string full_name(std::size_t held, std::size_t row) const;

    std::size_t rows_ = 0;
    std::array<std::string, others> names_;                ///< of the columns that are held
    std::array<std::vector<std::string>, others> columns_; ///< may end before the last row
    std::vector<Other> others_;
};

/// Whether a text is the address of a file's page, of the file (Special:FilePath), or of its entity
/// (…/entity/M12).
[[nodiscard]] bool is_file_address(std::string_view text);

/// Without blanks at both ends.
[[nodiscard]] std::string trimmed(std::string_view text);

} // namespace runner::imports
