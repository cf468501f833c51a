// SPDX-License-Identifier: GPL-2.0-or-later
// Running zlib's deflate over texts of any length. For the files of src/base that pack.
#pragma once

#include "base/error.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <zlib.h>

namespace runner::base {

/// A gzip stream at a fast level: output is written once at the speed at which it is made. Throws
/// OsError when there is no memory.
inline void begin_gzip(z_stream& stream) {
    constexpr int level = 3;
    constexpr int window = 15 + 16; // 16: with gzip's header
    if (deflateInit2(&stream, level, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        throw OsError("zlib: out of memory");
}

/// Appends what becomes of `text`, ended as `flush` says.
inline void append_deflated(z_stream& stream, std::string_view text, int flush, std::string& out) {
    constexpr std::size_t piece = std::size_t{1} << 30; // zlib takes lengths of 32 bits
    do {
        const std::string_view part = text.substr(0, piece);
        text.remove_prefix(part.size());
        stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(part.data()));
        stream.avail_in = static_cast<uInt>(part.size());
        for (bool full = true; full; full = stream.avail_out == 0) {
            const std::size_t used = out.size();
            out.resize(used + deflateBound(&stream, stream.avail_in) + 64);
            stream.next_out = reinterpret_cast<Bytef*>(out.data() + used);
            stream.avail_out = static_cast<uInt>(out.size() - used);
            const int state = deflate(&stream, text.empty() ? flush : Z_NO_FLUSH);
            out.resize(out.size() - stream.avail_out);
            if (state != Z_OK && state != Z_STREAM_END && state != Z_BUF_ERROR)
                throw OsError("zlib: compressing failed");
        }
    } while (!text.empty());
}

} // namespace runner::base
