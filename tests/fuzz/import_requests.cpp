// SPDX-License-Identifier: GPL-2.0-or-later
// Fuzzes requests for imports: the first byte says whether the rest is the name of a category or a
// whole body. Any bytes give an import or a BadRequest; a name that was taken is one that stays as
// it is when taken again, and that PostgreSQL can keep.
#include "imports/category.hpp"
#include "imports/category_name.hpp"

#include <boost/json.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace runner;

void name(std::string_view text) {
    const std::string taken = imports::category_name(text, "category");
    if (taken.empty() || taken.size() > 255 || !imports::is_text(taken) ||
        taken.find(' ') != std::string::npos)
        std::abort();
    if (imports::category_name("Category:" + taken, "category") != taken)
        std::abort();
}

void body(std::string_view text) {
    config::WikiSettings wiki;
    wiki.id = "commonswiki";
    wiki.replica_database = "commonswiki_p";
    boost::system::error_code error;
    boost::json::parse_options strict;
    strict.max_depth = 16;
    const boost::json::value value = boost::json::parse(text, error, {}, strict);
    if (error || !value.is_object())
        return;
    store::NewImport import;
    imports::plan_category(boost::json::serialize(value), {}, wiki, import);
    if (import.subject.empty() || import.parameters.empty())
        std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0)
        return 0;
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    try {
        if (data[0] == 'n')
            name(text);
        else
            body(text);
    } catch (const imports::BadRequest& error) {
        if (!std::string_view(error.what()).starts_with(error.field + ": "))
            std::abort();
    }
    return 0;
}
