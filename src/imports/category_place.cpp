// SPDX-License-Identifier: GPL-2.0-or-later
#include "imports/category_place.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace runner::imports {

namespace json = boost::json;

namespace {

constexpr std::array<std::string_view, 4> phases{"files", "check", "problems", "finish"};

json::array array_of(const std::vector<std::string>& list) {
    json::array array;
    for (const std::string& each : list)
        array.emplace_back(each);
    return array;
}

} // namespace

std::vector<std::string> strings_of(const json::value& array) {
    std::vector<std::string> list;
    for (const json::value& each : array.as_array())
        list.emplace_back(each.as_string());
    return list;
}

std::string Place::text() const {
    json::object object;
    object["categories"] = array_of(categories);
    object["phase"] = phases.at(static_cast<std::size_t>(phase));
    object["category"] = category;
    json::array places;
    for (const CategoryPosition& position : positions)
        places.push_back(json::array{position.time, position.page_id});
    object["positions"] = std::move(places);
    object["page"] = page;
    object["round"] = round;
    object["again"] = again;
    object["check"] = check;
    object["changed"] = changed;
    object["code"] = code;
    object["reason"] = reason;
    return json::serialize(object);
}

Place Place::of(const std::string& cursor) {
    const json::value value = json::parse(cursor);
    Place place;
    place.categories = strings_of(value.at("categories"));
    place.positions.resize(place.categories.size());
    if (!value.as_object().contains("positions")) { // an earlier version's: read again
        place.again = true;
        return place;
    }
    const auto at =
        std::find(phases.begin(), phases.end(), std::string_view(value.at("phase").as_string()));
    place.phase = static_cast<Phase>(at - phases.begin());
    place.category = value.at("category").to_number<std::size_t>();
    const json::array& places = value.at("positions").as_array();
    for (std::size_t i = 0; i < place.positions.size() && i < places.size(); ++i)
        place.positions[i] = {std::string(places[i].at(0).as_string()),
                              places[i].at(1).to_number<std::uint64_t>()};
    place.page = value.at("page").to_number<std::uint64_t>();
    place.round = value.at("round").to_number<std::uint32_t>();
    place.again = value.at("again").as_bool();
    place.check = value.at("check").as_bool();
    place.changed = value.at("changed").as_bool();
    place.code = value.at("code").as_string();
    place.reason = value.at("reason").as_string();
    return place;
}

void Place::next_round(bool from_the_beginning) {
    phase = Phase::files;
    category = 0;
    page = 0;
    ++round;
    changed = false;
    again = from_the_beginning;
    if (again)
        positions.assign(categories.size(), {});
}

} // namespace runner::imports
