// SPDX-License-Identifier: GPL-2.0-or-later
// Reads arrays of texts from rows. Private to src/store.
#pragma once

#include <pqxx/pqxx>

#include <string>
#include <vector>

namespace runner::store {

/// The elements of a text[]; none when it is null.
[[nodiscard]] inline std::vector<std::string> read_texts(const pqxx::field& field) {
    std::vector<std::string> texts;
    if (field.is_null())
        return texts;
    auto parser = field.as_array();
    for (auto item = parser.get_next(); item.first != pqxx::array_parser::done;
         item = parser.get_next())
        if (item.first == pqxx::array_parser::string_value)
            texts.push_back(item.second);
    return texts;
}

} // namespace runner::store
