// SPDX-License-Identifier: GPL-2.0-or-later
// The entry point of the store tests; Catch2's main is compiled here, once.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
