// SPDX-License-Identifier: GPL-2.0-or-later
#include "app/proof/parity.hpp"

#include "base/error.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <tuple>

namespace runner::app {

namespace json = boost::json;

namespace {

/// With sorted members; an empty object is an empty array, since PHP has one of both.
void append_canonical(std::string& out, const json::value& value) {
    if (const auto* object = value.if_object()) {
        if (object->empty()) {
            out += "[]";
            return;
        }
        std::map<std::string_view, const json::value*> members;
        for (const auto& [key, member] : *object)
            members.emplace(std::string_view(key), &member);
        char before = '{';
        for (const auto& [key, member] : members) {
            out += before;
            out += json::serialize(json::string_view(key.data(), key.size()));
            out += ':';
            append_canonical(out, *member);
            before = ',';
        }
        out += '}';
    } else if (const auto* array = value.if_array()) {
        out += '[';
        for (const json::value& element : *array) {
            if (&element != array->data())
                out += ',';
            append_canonical(out, element);
        }
        out += ']';
    } else {
        out += json::serialize(value);
    }
}

std::string text(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string())
                                                  : std::string();
}

struct Constraint {
    std::string id, property, type;
    auto operator<=>(const Constraint&) const = default;
};

/// One side: canonical results by constraint, and the checks that were left to do.
struct Side {
    std::map<Constraint, std::map<std::string, std::vector<std::string>>> by_context;
    std::set<std::pair<Constraint, std::string>> undecided; ///< with the context

    explicit Side(std::string_view results) {
        boost::system::error_code error;
        const json::value all =
            json::parse({results.data(), results.size()}, error, {}, {.max_depth = 100});
        if (error || !all.is_array())
            throw base::DataError("results that are not a JSON array");
        for (const json::value& each : all.get_array()) {
            if (!each.is_object())
                throw base::DataError("a result that is not a JSON object");
            add(each.get_object());
        }
    }

    void add(const json::object& result) {
        Constraint constraint;
        if (const json::value* c = result.if_contains("c"); c != nullptr && c->is_object())
            constraint = {text(c->get_object(), "id"), text(c->get_object(), "pid"),
                          text(c->get_object(), "qid")};
        std::string context;
        if (const json::value* cursor = result.if_contains("|"))
            append_canonical(context, *cursor);
        if (text(result, "s") == "todo" && !constraint.id.empty()) {
            undecided.emplace(constraint, context);
            return;
        }
        std::string canonical;
        append_canonical(canonical, json::value(result));
        by_context[constraint][context].push_back(std::move(canonical));
    }
};

/// Those of `these` that `others` lack, by constraint.
void add_only_here(const Side& these, const Side& others,
                   std::map<Constraint, std::pair<std::string, std::string>>& out,
                   std::string std::pair<std::string, std::string>::*list) {
    for (const auto& [constraint, contexts] : these.by_context)
        for (const auto& [context, results] : contexts) {
            if (others.undecided.contains({constraint, context}))
                continue;
            std::vector<std::string> mine = results, theirs, only_mine;
            if (const auto at = others.by_context.find(constraint); at != others.by_context.end())
                if (const auto found = at->second.find(context); found != at->second.end())
                    theirs = found->second;
            std::sort(mine.begin(), mine.end());
            std::sort(theirs.begin(), theirs.end());
            std::set_difference(mine.begin(), mine.end(), theirs.begin(), theirs.end(),
                                std::back_inserter(only_mine));
            for (const std::string& result : only_mine) {
                std::string& json = out[constraint].*list;
                json += (json.empty() ? "[" : ",") + result;
            }
        }
}

} // namespace

std::vector<Disagreement> compare_results(std::string_view native, std::string_view php) {
    const Side ours(native);
    const Side theirs(php);
    using Lists = std::pair<std::string, std::string>;
    std::map<Constraint, Lists> lists;
    add_only_here(ours, theirs, lists, &Lists::first);
    add_only_here(theirs, ours, lists, &Lists::second);
    std::vector<Disagreement> out;
    for (auto& [constraint, only] : lists)
        out.push_back({constraint.id, constraint.property, constraint.type,
                       only.first.empty() ? "[]" : only.first + "]",
                       only.second.empty() ? "[]" : only.second + "]"});
    return out;
}

} // namespace runner::app
