// SPDX-License-Identifier: GPL-2.0-or-later
// Fuzzes texts with lists of files: the first byte says what type the source calls it. Any bytes
// give a list or a BadList, a list of the same length as what was known of its files, and items
// that can be stored unless require_items() refuses them.
#include "imports/category_name.hpp"
#include "imports/importer.hpp"
#include "imports/list_text.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

using namespace runner;

constexpr std::array<std::string_view, 4> types{"", "application/json", "text/html", "text/csv"};

void list(std::string_view text, std::string_view type) {
    const imports::ListedFiles list = imports::listed_files(text, type);
    if (list.form.empty() || list.items.size() > imports::most_listed)
        std::abort();
    if (list.by != "name" && list.by != "page_id" && list.by != "file_id")
        std::abort();
    for (const auto* known : {&list.known_names, &list.known_times})
        if (!known->empty() && known->size() != list.items.size())
            std::abort();
    imports::require_items(list, "list");
    if (!std::all_of(list.items.begin(), list.items.end(), imports::is_text) ||
        !std::all_of(list.known_names.begin(), list.known_names.end(), imports::is_text))
        std::abort();
    for (const std::string& item : list.items) {
        try {
            if (list.by == "name" && imports::read_file_name(item, "name").name.empty())
                std::abort();
        } catch (const imports::BadRequest&) {
        }
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0)
        return 0;
    try {
        list({reinterpret_cast<const char*>(data) + 1, size - 1}, types.at(data[0] % types.size()));
    } catch (const imports::BadList&) {
    } catch (const imports::BadRequest&) {
    }
    return 0;
}
