// SPDX-License-Identifier: GPL-2.0-or-later
// See gzip_stream.hpp.
#include "base/gzip_stream.hpp"

#include "base/deflate.hpp"

namespace runner::base {

struct GzipStream::State {
    z_stream stream{};
};

GzipStream::GzipStream() : state_(std::make_unique<State>()) { begin_gzip(state_->stream); }

GzipStream::~GzipStream() { deflateEnd(&state_->stream); }

std::string GzipStream::pack(std::string_view text) { return run(text, Z_SYNC_FLUSH); }

std::string GzipStream::finish(std::string_view text) { return run(text, Z_FINISH); }

std::string GzipStream::run(std::string_view text, int flush) {
    std::string out;
    append_deflated(state_->stream, text, flush, out);
    return out;
}

} // namespace runner::base
