// SPDX-License-Identifier: GPL-2.0-or-later
// Catch2 3 under the names of Catch2 2, in which the tests are written. Its main comes from a
// library.
#pragma once

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>
#include <catch2/matchers/catch_matchers_all.hpp>

#include <string>

namespace Catch {

using Matchers::EndsWith;
using Matchers::Equals;
using Matchers::Matches;
using Matchers::StartsWith;

inline auto Contains(const std::string& part) { return Matchers::ContainsSubstring(part); }

} // namespace Catch

using Catch::Approx; // NOLINT: as Catch2 2 has it
