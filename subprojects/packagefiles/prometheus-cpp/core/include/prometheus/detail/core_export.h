// SPDX-License-Identifier: GPL-2.0-or-later
// CMake would generate it; a static library exports everything.
#pragma once

#define PROMETHEUS_CPP_CORE_EXPORT
