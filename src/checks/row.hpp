// SPDX-License-Identifier: GPL-2.0-or-later
// Makes the row of a constraint type from a function that takes its parameters as what they are.
// The row reads, validates and casts them: the only place where Parameters are cast.
#pragma once

#include "checks/check.hpp"

#include <cassert>
#include <concepts>
#include <tuple>
#include <type_traits>
#include <utility>

namespace runner::checks {

/// What row() expects of parameters: a constructor from a ParameterReader, perhaps with the
/// CheckSettings, and either `parsed()`, a tuple of all that was read, or `problems()`. With a
/// `title()` or an `others()` they also name what gathering loads (CheckRow::title, ::others).
template <typename P>
concept OwnParameters = std::derived_from<P, Parameters>;

/// For checks without parameters; an `others()` of theirs is static.
struct NoParameters : Parameters {};

/// One parameter, read by one function of the reader. A check may take its value alone.
template <auto read>
struct One : Parameters {
    std::remove_cvref_t<decltype((std::declval<const ParameterReader&>().*read)())> value;
    explicit One(const ParameterReader& reader) : value((reader.*read)()) {}
    [[nodiscard]] auto parsed() const noexcept { return std::tie(value); }
};

/// Whether bad parameters are the verdict wherever the check is made, or `run` looks at the context
/// first and at the parameters itself.
enum class BadParameters : std::uint8_t { before_run, in_run };

template <OwnParameters P>
[[nodiscard]] const P& as(const Parameters& parameters) noexcept {
    assert(dynamic_cast<const P*>(&parameters) != nullptr);
    return static_cast<const P&>(parameters);
}

/// The first error among what was read; null: there is none.
template <OwnParameters P>
[[nodiscard]] const ViolationMessage* first_problem(const P& parameters) noexcept {
    const ViolationMessage* out = nullptr;
    std::apply([&](const auto&... each) { ((!each && (out = &each.error(), true)) || ...); },
               parameters.parsed());
    return out;
}

template <OwnParameters P>
[[nodiscard]] std::vector<ViolationMessage> all_problems(const P& parameters) {
    if constexpr (requires { parameters.problems(); }) {
        return parameters.problems();
    } else {
        std::vector<ViolationMessage> out;
        const auto add = [&](const auto& each) {
            if (!each)
                out.push_back(each.error());
        };
        std::apply([&](const auto&... each) { (add(each), ...); }, parameters.parsed());
        return out;
    }
}

/// Calls `run` with those of `all` that it takes, in its own order.
template <auto run, typename All>
[[nodiscard]] Verdict run_with(const All& all) {
    return
        [&]<typename... Taken>(Verdict (*)(Taken...)) { return run(std::get<Taken>(all)...); }(run);
}

template <OwnParameters P, auto run, BadParameters bad>
[[nodiscard]] Verdict run_as(const Context& context, const Constraint& constraint,
                             [[maybe_unused]] const Parameters* parameters,
                             const CheckSettings& settings) {
    const auto common = std::tie(context, constraint, settings);
    if constexpr (std::derived_from<P, NoParameters>) {
        return run_with<run>(common);
    } else {
        const P& own = as<P>(*parameters);
        if constexpr (bad == BadParameters::in_run) {
            return run_with<run>(std::tuple_cat(common, std::tie(own)));
        } else {
            if (const ViolationMessage* problem = first_problem(own))
                return Verdict::bad_parameters(*problem);
            if constexpr (requires { *own.value; })
                return run_with<run>(std::tuple_cat(common, std::tie(own, *own.value)));
            else
                return run_with<run>(std::tuple_cat(common, std::tie(own)));
        }
    }
}

/// `run` gets what it takes of Context, Constraint, CheckSettings and P, each as `const T&`. The
/// fields that are not given here follow from it and from P.
template <OwnParameters P, auto run, BadParameters bad = BadParameters::before_run>
[[nodiscard]] constexpr CheckRow row(CheckRow out) {
    out.run = run_as<P, run, bad>;
    if constexpr (requires { &P::others; })
        out.others = [](const entity::Entity& from, const entity::Entity& subject,
                        const entity::Snak& snak, [[maybe_unused]] const Parameters* parameters,
                        std::vector<entity::EntityId>& to) {
            if constexpr (std::derived_from<P, NoParameters>)
                P::others(from, subject, snak, to);
            else
                as<P>(*parameters).others(from, subject, snak, to);
        };
    if constexpr (requires { &P::title; })
        out.title = [](const entity::Snak& snak, const Constraint& constraint,
                       const Parameters* parameters) {
            return as<P>(*parameters).title(snak, constraint);
        };
    if constexpr (!std::derived_from<P, NoParameters>) {
        out.read = [](const ParameterReader& reader, [[maybe_unused]] const CheckSettings& settings)
            -> std::unique_ptr<const Parameters> {
            if constexpr (std::is_constructible_v<P, const ParameterReader&, const CheckSettings&>)
                return std::make_unique<P>(reader, settings);
            else
                return std::make_unique<P>(reader);
        };
        out.validate = [](const Parameters& parameters) { return all_problems(as<P>(parameters)); };
    }
    return out;
}

} // namespace runner::checks
