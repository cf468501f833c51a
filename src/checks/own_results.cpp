// SPDX-License-Identifier: GPL-2.0-or-later
#include "checks/own_results.hpp"

#include "results/json.hpp"
#include "results/sentence.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

namespace runner::checks {

namespace {

/// A place and a constraint: both layers have the same entity and the same property.
using Key = std::pair<const entity::Snak*, std::string_view>;

Key key_of(const EntityCheck& check, const CheckResult& result) {
    return {check.contexts[result.context].snak, result.constraint->constraint.id};
}

/// Those verdicts of the runner's own checks that WBQC does not give.
std::vector<const CheckResult*> told(const EntityCheck& check) {
    std::vector<const CheckResult*> out;
    if (check.own == nullptr)
        return out;
    std::map<Key, Status> theirs;
    for (const CheckResult& result : check.results)
        if (result.constraint != nullptr)
            theirs.emplace(key_of(check, result), result.status);
    for (const CheckResult& result : check.own->results) {
        const auto at = theirs.find(key_of(*check.own, result));
        const Status theirs_is = at != theirs.end() ? at->second : Status::todo;
        if (result.status != theirs_is &&
            (results::is_stored(result.status) ||
             (result.status == Status::compliance && results::is_stored(theirs_is))))
            out.push_back(&result);
    }
    return out;
}

std::vector<results::Violation> wbqc_pairs(const EntityCheck& check) {
    struct Pair {
        std::string_view statement;
        std::string_view constraint;
        const CheckResult* result;
    };
    std::vector<Pair> pairs;
    for (const CheckResult& result : check.results)
        if (result.constraint != nullptr && results::is_stored(result.status))
            pairs.push_back({check.contexts[result.context].statement->guid,
                             result.constraint->constraint.id, &result});
    std::sort(pairs.begin(), pairs.end(), [](const Pair& a, const Pair& b) {
        if (const int order = a.statement.compare(b.statement); order != 0)
            return order < 0;
        if (const int order = a.constraint.compare(b.constraint); order != 0)
            return order < 0;
        return a.result < b.result; // results are sorted, the gravest first
    });
    const auto last = std::unique(pairs.begin(), pairs.end(), [](const Pair& a, const Pair& b) {
        return a.statement == b.statement && a.constraint == b.constraint;
    });
    pairs.erase(last, pairs.end());
    std::vector<results::Violation> out;
    out.reserve(pairs.size());
    for (const auto& [statement, id, result] : pairs) {
        const auto& constraint = result->constraint->constraint;
        out.push_back({std::string{statement}, std::string{id}, constraint.property,
                       constraint.type, result->status,
                       result->message == CheckResult::no_message
                           ? std::string{}
                           : std::string{check.messages[result->message].key()}});
        if (check.fixes && results::is_violation(result->status))
            out.back().fix = result->constraint->fix;
    }
    return out;
}

std::string_view key_of_message(const EntityCheck& check, const CheckResult& result) {
    return result.message == CheckResult::no_message ? std::string_view{}
                                                     : check.messages[result.message].key();
}

bool pair_less(const results::Violation& a, const results::Violation& b) {
    return std::tie(a.statement, a.constraint) < std::tie(b.statement, b.constraint);
}

} // namespace

void add_own_checks(EntityCheck& check, const Gathered& gathered, const CheckSettings& settings,
                    CheckClock clock) {
    check.fixes = settings.wiki.has(config::Extra::fix);
    if (std::none_of(gathered.properties.begin(), gathered.properties.end(),
                     [](const auto& property) { return property->own() != nullptr; }))
        return;
    CheckSettings own_settings = settings;
    own_settings.time_intervals = settings.wiki.has(config::Extra::times);
    auto own =
        std::make_shared<EntityCheck>(check_entity(gathered, own_settings, clock, Layer::own));
    for (const std::string& reason : own->incomplete)
        if (std::find(check.incomplete.begin(), check.incomplete.end(), reason) ==
            check.incomplete.end())
            check.incomplete.push_back(reason);
    check.own = std::move(own);
}

std::string own_json(const EntityCheck& check) {
    std::string out;
    const auto begin = [&] { out += out.empty() ? "[{\"own\":true," : ",{\"own\":true,"; };
    std::string text;
    for (const CheckResult* result : told(check)) {
        begin();
        text.clear();
        append_json(text, *check.own, *result);
        out.append(text, 1, text.size() - 2); // without its braces
        if (result->message != CheckResult::no_message) {
            const ViolationMessage& message = check.own->messages[result->message];
            out += ",\"sentence\":";
            results::append_json_string(out,
                                        results::sentence(message.key(), message.arguments_json()));
        }
        if (check.fixes && results::is_violation(result->status) &&
            !result->constraint->fix.empty())
            out.append(",\"fix\":").append(result->constraint->fix);
        out += '}';
    }
    if (check.fixes)
        for (const CheckResult& result : check.results) {
            if (!results::is_violation(result.status) || result.constraint == nullptr ||
                result.constraint->fix.empty())
                continue;
            begin();
            append_place(out, check, result);
            out.append(",\"fix\":").append(result.constraint->fix) += '}';
        }
    return out.empty() ? out : out + "]";
}

std::vector<results::Violation> violations_of(const EntityCheck& check) {
    std::vector<results::Violation> out = wbqc_pairs(check);
    const auto wbqc = static_cast<std::ptrdiff_t>(out.size());
    std::set<std::pair<std::string_view, std::string_view>> added;
    for (const CheckResult* result : told(check)) { // the gravest of a pair first
        const Constraint& constraint = result->constraint->constraint;
        results::Violation pair;
        pair.statement = check.own->contexts[result->context].statement->guid;
        pair.constraint = constraint.id;
        const auto at = std::lower_bound(out.begin(), out.begin() + wbqc, pair, pair_less);
        if (at != out.begin() + wbqc && !pair_less(pair, *at)) {
            if (at->own_status.empty()) {
                at->own_status = results::to_string(result->status);
                if (check.fixes && results::is_violation(result->status))
                    at->fix = result->constraint->fix;
            }
            continue;
        }
        if (!results::is_stored(result->status) ||
            !added.emplace(check.own->contexts[result->context].statement->guid, constraint.id)
                 .second)
            continue;
        pair.property = constraint.property;
        pair.type = constraint.type;
        pair.status = result->status;
        pair.message_key = key_of_message(*check.own, *result);
        pair.own = true;
        if (check.fixes && results::is_violation(result->status))
            pair.fix = result->constraint->fix;
        out.push_back(std::move(pair));
    }
    if (!added.empty())
        std::sort(out.begin(), out.end(), pair_less);
    return out;
}

} // namespace runner::checks
