// SPDX-License-Identifier: GPL-2.0-or-later
// zlib and libzstd by their C interfaces, with a context for each thread. The levels are fast ones:
// output is written once at the speed at which it is made.
#include "base/packing.hpp"

#include "base/error.hpp"

#include <algorithm>
#include <memory>

#include <zlib.h>
#include <zstd.h>

namespace runner::base {
namespace {

constexpr int gzip_level = 3;
constexpr int zstd_level = 1;
constexpr int gzip_window = 15 + 16; // 16: with gzip's header

class Deflater {
public:
    Deflater() {
        if (deflateInit2(&stream_, gzip_level, Z_DEFLATED, gzip_window, 8, Z_DEFAULT_STRATEGY) !=
            Z_OK)
            throw OsError("zlib: out of memory");
    }
    ~Deflater() { deflateEnd(&stream_); }
    Deflater(const Deflater&) = delete;
    Deflater& operator=(const Deflater&) = delete;

    void run(std::string_view text, std::string& out) {
        deflateReset(&stream_);
        // zlib takes lengths of 32 bits
        constexpr std::size_t piece = std::size_t{1} << 30;
        std::size_t given = 0;
        for (int state = Z_OK; state != Z_STREAM_END;) {
            if (stream_.avail_in == 0 && given < text.size()) {
                const std::size_t n = std::min(piece, text.size() - given);
                stream_.next_in =
                    reinterpret_cast<Bytef*>(const_cast<char*>(text.data() + given));
                stream_.avail_in = static_cast<uInt>(n);
                given += n;
            }
            const std::size_t used = out.size();
            out.resize(used + deflateBound(&stream_, stream_.avail_in) + 64);
            stream_.next_out = reinterpret_cast<Bytef*>(out.data() + used);
            stream_.avail_out = static_cast<uInt>(out.size() - used);
            state = deflate(&stream_, given == text.size() ? Z_FINISH : Z_NO_FLUSH);
            out.resize(out.size() - stream_.avail_out);
            if (state != Z_OK && state != Z_STREAM_END && state != Z_BUF_ERROR)
                throw OsError("zlib: compressing failed");
        }
    }

private:
    z_stream stream_{};
};

struct FreeZstd {
    void operator()(ZSTD_CCtx* context) const noexcept { ZSTD_freeCCtx(context); }
};

void pack_zstd(std::string_view text, std::string& out) {
    thread_local const std::unique_ptr<ZSTD_CCtx, FreeZstd> context(ZSTD_createCCtx());
    if (context == nullptr)
        throw OsError("libzstd: out of memory");
    const std::size_t used = out.size();
    out.resize(used + ZSTD_compressBound(text.size()));
    const std::size_t n = ZSTD_compressCCtx(context.get(), out.data() + used, out.size() - used,
                                            text.data(), text.size(), zstd_level);
    if (ZSTD_isError(n) != 0)
        throw OsError(std::string("libzstd: ") + ZSTD_getErrorName(n));
    out.resize(used + n);
}

} // namespace

std::string_view extension_of(Packing packing) noexcept {
    switch (packing) {
    case Packing::gzip: return ".gz";
    case Packing::zstd: return ".zst";
    case Packing::none: break;
    }
    return "";
}

std::optional<Packing> packing_from(std::string_view name) noexcept {
    if (name == "none")
        return Packing::none;
    if (name == "gz")
        return Packing::gzip;
    if (name == "zst")
        return Packing::zstd;
    return std::nullopt;
}

void pack(Packing packing, std::string_view text, std::string& out) {
    if (text.empty())
        return;
    switch (packing) {
    case Packing::none: out += text; return;
    case Packing::gzip: {
        thread_local Deflater deflater;
        deflater.run(text, out);
        return;
    }
    case Packing::zstd: pack_zstd(text, out); return;
    }
}

} // namespace runner::base
