// SPDX-License-Identifier: GPL-2.0-or-later
// zlib and libzstd by their C interfaces, with a context for each thread.
#include "base/packing.hpp"

#include "base/deflate.hpp"
#include "base/error.hpp"

#include <zstd.h>

#include <memory>
#include <zlib.h>

namespace runner::base {
namespace {

constexpr int zstd_level = 1; // a fast one

class Deflater {
public:
    Deflater() { begin_gzip(stream_); }
    ~Deflater() { deflateEnd(&stream_); }
    Deflater(const Deflater&) = delete;
    Deflater& operator=(const Deflater&) = delete;

    void run(std::string_view text, std::string& out) {
        deflateReset(&stream_);
        append_deflated(stream_, text, Z_FINISH, out);
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
