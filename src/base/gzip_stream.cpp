// SPDX-License-Identifier: GPL-2.0-or-later
// See gzip_stream.hpp.
#include "base/gzip_stream.hpp"

#include "base/error.hpp"

#include <algorithm>

#include <zlib.h>

namespace runner::base {

namespace {

constexpr int level = 3; // while someone waits
constexpr int gzip_window = 15 + 16; // 16: with gzip's header
constexpr std::size_t piece = std::size_t{1} << 30; // zlib takes lengths of 32 bits

} // namespace

struct GzipStream::State {
    z_stream stream{};
};

GzipStream::GzipStream() : state_(std::make_unique<State>()) {
    if (deflateInit2(&state_->stream, level, Z_DEFLATED, gzip_window, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        throw OsError("zlib: out of memory");
}

GzipStream::~GzipStream() { deflateEnd(&state_->stream); }

std::string GzipStream::pack(std::string_view text) { return run(text, Z_SYNC_FLUSH); }

std::string GzipStream::finish(std::string_view text) { return run(text, Z_FINISH); }

std::string GzipStream::run(std::string_view text, int flush) {
    z_stream& stream = state_->stream;
    std::string out;
    do {
        const std::string_view part = text.substr(0, piece);
        text.remove_prefix(part.size());
        stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(part.data()));
        stream.avail_in = static_cast<uInt>(part.size());
        bool full = true; // there may be more than there was room for
        while (full) {
            const std::size_t used = out.size();
            out.resize(used + std::max<std::size_t>(deflateBound(&stream, stream.avail_in), 64));
            stream.next_out = reinterpret_cast<Bytef*>(out.data() + used);
            stream.avail_out = static_cast<uInt>(out.size() - used);
            const int state = deflate(&stream, text.empty() ? flush : Z_NO_FLUSH);
            full = stream.avail_out == 0;
            out.resize(out.size() - stream.avail_out);
            if (state != Z_OK && state != Z_STREAM_END && state != Z_BUF_ERROR)
                throw OsError("zlib: compressing failed");
        }
    } while (!text.empty());
    return out;
}

} // namespace runner::base
