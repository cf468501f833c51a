// SPDX-License-Identifier: GPL-2.0-or-later
// WBQC itself as an engine, in PHP workers: for constraint types that are not checked natively,
// and to compare with.
#pragma once

#include "php/pool.hpp"
#include "results/stored_result.hpp"
#include "source/source.hpp"

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace runner::app {

/// WBQC's results for one entity.
struct PhpCheck {
    source::State state = source::State::missing;
    std::uint64_t revision = 0; ///< that was checked
    /// For State::found: value, counts, violations and dependencies; of the constraints asked for.
    results::StoredResult result;
    std::string all_results; ///< a JSON array of the results of every status
};

/// Parses the response of a worker. Throws base::DataError when it is invalid,
/// php::WorkersUnavailable with the worker's message when it reports a failure.
[[nodiscard]] PhpCheck parse_php_check(std::string_view text, const entity::EntityId& entity);

/// Adds WBQC's results for constraints that `native` left `todo`: `native` is then as if it
/// had checked them itself. Both have the same revision.
void add_results(results::StoredResult& native, const PhpCheck& php);

/// Thread-safe.
class PhpEngine {
public:
    explicit PhpEngine(std::shared_ptr<php::Pool> workers) : workers_(std::move(workers)) {}

    /// Whether WBQC, as it is installed there, has a checker for this type. Throws
    /// php::WorkersUnavailable when that is unknown.
    [[nodiscard]] bool knows(const std::string& type);

    /// Checks the entity as it is now; `constraints` empty: all of them. Throws
    /// php::WorkersUnavailable.
    [[nodiscard]] PhpCheck check(const entity::EntityId& entity,
                                 std::span<const std::string> constraints = {},
                                 php::Urgency urgency = php::Urgency::normal);

private:
    const std::shared_ptr<php::Pool> workers_;
    std::mutex mutex_;
    std::string greeting_;                       ///< that types_ were read from
    std::optional<std::set<std::string>> types_; ///< empty: the worker can't tell
};

} // namespace runner::app
