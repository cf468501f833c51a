// SPDX-License-Identifier: GPL-2.0-or-later
// Fuzzes the parsing and the arithmetic of times and quantities. The input is lines: two times and
// two amounts. They are read as Wikibase's values, as an entity holds them, and must keep the laws
// of order that the checks rely on.
#include "base/error.hpp"
#include "checks/time_interval.hpp"
#include "entity/decimal.hpp"
#include "entity/entity.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

namespace {

using namespace runner;

void require(bool law) {
    if (!law)
        std::abort();
}

std::string_view next_line(std::string_view& text) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return line;
}

/// The line inside of a JSON string; what would need an escape becomes a space.
std::string quoted(std::string_view line) {
    std::string text = "\"";
    for (const char c : line)
        text += c < ' ' || c == '"' || c == '\\' || c == '\x7f' ? ' ' : c;
    return text + '"';
}

entity::EntityPtr item_with(const std::string& type, const std::string& value) {
    return entity::parse_entity(
        R"({"type":"item","id":"Q1","claims":{"P1":[{"mainsnak":{"snaktype":"value",)"
        R"("property":"P1","datavalue":{"type":")" +
        type + R"(","value":)" + value +
        R"(}},"type":"statement","rank":"normal","id":"Q1$1"}]}})");
}

entity::EntityPtr time_item(std::string_view line) {
    return item_with("time", R"({"time":)" + quoted(line) +
                                 R"(,"timezone":0,"before":0,"after":0,"precision":11,)"
                                 R"("calendarmodel":"http://www.wikidata.org/entity/Q1985727"})");
}

const entity::TimeValue* time_of(const entity::EntityPtr& item) {
    return std::get_if<entity::TimeValue>(&item->entity().statements.front().main.value);
}

bool is_year_zero(const entity::TimeValue& time) {
    const std::size_t end = time.time.find('-', 1);
    return time.time.find_first_not_of('0', 1) == end;
}

void check_times(std::string_view first, std::string_view second) {
    const entity::EntityPtr items[] = {time_item(first), time_item(second)};
    const entity::TimeValue* a = time_of(items[0]);
    const entity::TimeValue* b = time_of(items[1]);
    if (a == nullptr || b == nullptr)
        return;
    require(std::isfinite(checks::timestamp(*a)));
    const auto years = [](const entity::TimeValue& x, const entity::TimeValue& y) {
        return checks::difference_in_years(checks::moment_of(x), checks::moment_of(y));
    };
    require(years(*a, *a) == 0);
    require(std::isfinite(years(*a, *b)));
    for (int precision = 0; precision <= 14; ++precision)
        for (const char* calendar : {"Q1985727", "Q1985786"}) {
            entity::TimeValue time = *a;
            const std::string model = std::string("http://www.wikidata.org/entity/") + calendar;
            time.precision = precision;
            time.calendar_model = model;
            const checks::Seconds seconds = checks::seconds_of(time, true);
            require(std::isfinite(seconds.first) && seconds.first <= seconds.last);
        }
    // a float has no exact year beyond this; there the laws hold only nearly. And the year 0, which
    // does not exist, is that of -1 as a timestamp, but not where years are subtracted (as in
    // WBQC).
    constexpr double exact = 1e15;
    if (!is_year_zero(*a) && !is_year_zero(*b) && std::abs(checks::timestamp(*a)) < exact &&
        std::abs(checks::timestamp(*b)) < exact && checks::timestamp(*a) == checks::timestamp(*b))
        require(years(*a, *b) == 0);
}

void check_amounts(std::string_view first, std::string_view second) {
    (void)item_with("quantity", R"({"amount":)" + quoted(first) + R"(,"unit":"1","upperBound":)" +
                                    quoted(second) + R"(,"lowerBound":)" + quoted(first) + "}");
    const std::optional<std::string> a = entity::normalize_decimal(first);
    const std::optional<std::string> b = entity::normalize_decimal(second);
    if (!a || !b)
        return;
    require(entity::normalize_decimal(*a) == a);
    require(entity::compare_decimals(*a, *a) == 0);
    require(entity::compare_decimals(*a, *b) == -entity::compare_decimals(*b, *a));
    const std::optional<std::string> product = entity::multiply_decimals(*a, *b);
    require(product == entity::multiply_decimals(*b, *a));
    if (product && entity::is_integer(*a) && entity::is_integer(*b))
        require(entity::is_integer(*product));
    if (entity::compare_decimals(*a, *b) < 0)
        require(entity::decimal_to_double(*a) <= entity::decimal_to_double(*b));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view text(reinterpret_cast<const char*>(data), size);
    const std::string_view first_time = next_line(text);
    const std::string_view second_time = next_line(text);
    const std::string_view first_amount = next_line(text);
    const std::string_view second_amount = next_line(text);
    try {
        check_times(first_time, second_time);
    } catch (const base::DataError&) { // bytes that are no UTF-8
    }
    try {
        check_amounts(first_amount, second_amount);
    } catch (const base::DataError&) {
    }
    return 0;
}
