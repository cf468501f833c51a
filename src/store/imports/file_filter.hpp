// SPDX-License-Identifier: GPL-2.0-or-later
// Which of an import's files are wanted, by what is stored of each.
#pragma once

#include "store/common/session.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace runner::store {

struct CommonsFile;

/// Why a file is left out. The first that holds, in this order.
enum class LeftOut : std::uint8_t { date, mime_type, size, uploader };
inline constexpr std::array<std::string_view, 4> left_out_names{"date", "mime_type", "size",
                                                                "uploader"};

/// Which version of a file must have been uploaded in time, and by whom.
enum class Versions : std::uint8_t { first, latest, any };
inline constexpr std::array<std::string_view, 3> versions_names{"first", "latest", "any"};

/// What is empty or 0 leaves nothing out.
struct FileFilter {
    std::string uploaded_from, uploaded_before; ///< 14 digits; the second is not in the period
    std::string time_zone;                      ///< of these two; "UTC" once they are resolved
    Versions versions = Versions::first;
    std::uint64_t min_pixels = 0;                      ///< width times height of the latest version
    std::uint64_t min_side = 0;                        ///< the shorter side of the latest version
    std::vector<std::string> mime_types;               ///< "image/jpeg", or "image/*"
    std::vector<std::string> uploaders, not_uploaders; ///< of `versions`, names with spaces

    [[nodiscard]] bool empty() const noexcept;
    /// Empty: the file is wanted. The times must be resolved.
    [[nodiscard]] std::optional<LeftOut> reason_against(const CommonsFile& file) const;
};

/// Makes the times of the filter those of UTC. False, and nothing is changed, when there is no
/// such time zone.
[[nodiscard]] bool resolve_times(Session& session, FileFilter& filter);

} // namespace runner::store
