// SPDX-License-Identifier: GPL-2.0-or-later
// Decompresses gzip, bzip2 and Zstandard piece by piece, with the libraries' own interfaces: they
// say where a member (a gzip member, a bzip2 stream, a Zstandard frame) ends, and so where good
// data ends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace runner::base {

enum class Compression : std::uint8_t { none, gzip, bzip2, zstd };

/// Bytes of a file that compression_of() looks at.
inline constexpr std::size_t compression_head = 4;

[[nodiscard]] Compression compression_of(std::string_view head) noexcept;
/// "gzip", "bzip2", "Zstandard".
[[nodiscard]] std::string_view to_string(Compression compression) noexcept;

/// One member after the other. Not thread-safe.
class Unpacker {
public:
    struct Step {
        std::size_t used = 0;          ///< bytes of the input
        std::size_t made = 0;          ///< bytes of the output
        bool ended = false;            ///< the member is whole
        const char* problem = nullptr; ///< the library's reason why what follows can't be unpacked
    };

    virtual ~Unpacker() = default;
    /// What was unpacked before a problem is among the output.
    [[nodiscard]] virtual Step run(std::string_view input, char* to, std::size_t size) = 0;
    /// Another member follows.
    virtual void restart() = 0;
};

/// Throws base::OsError when there is no memory for it. `compression` is not `none`.
[[nodiscard]] std::unique_ptr<Unpacker> make_unpacker(Compression compression);

} // namespace runner::base
