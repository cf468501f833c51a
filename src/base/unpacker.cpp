// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/unpacker.hpp"

#include "base/error.hpp"

#include <zstd.h>

#include <algorithm>
#include <bzlib.h>
#include <string>
#include <zlib.h>

namespace runner::base {
namespace {

constexpr std::size_t most_at_once = std::size_t{1} << 30; // the libraries count in 32 bits

class Gunzip final : public Unpacker {
public:
    Gunzip() {
        constexpr int gzip_window = 15 + 16; // 16: with gzip's header
        if (inflateInit2(&stream_, gzip_window) != Z_OK)
            throw OsError("zlib: out of memory");
    }
    ~Gunzip() override { inflateEnd(&stream_); }
    Gunzip(const Gunzip&) = delete;
    Gunzip& operator=(const Gunzip&) = delete;

    Step run(std::string_view input, char* to, std::size_t size) override {
        const auto in = static_cast<uInt>(std::min(input.size(), most_at_once));
        const auto out = static_cast<uInt>(std::min(size, most_at_once));
        stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
        stream_.avail_in = in;
        stream_.next_out = reinterpret_cast<Bytef*>(to);
        stream_.avail_out = out;
        const int state = inflate(&stream_, Z_NO_FLUSH);
        Step step{in - stream_.avail_in, out - stream_.avail_out, state == Z_STREAM_END};
        if (state != Z_OK && state != Z_STREAM_END && state != Z_BUF_ERROR)
            step.problem = stream_.msg != nullptr ? stream_.msg : "unknown error";
        return step;
    }
    void restart() override { inflateReset(&stream_); }

private:
    z_stream stream_{};
};

class Bunzip2 final : public Unpacker {
public:
    Bunzip2() { begin(); }
    ~Bunzip2() override { BZ2_bzDecompressEnd(&stream_); }
    Bunzip2(const Bunzip2&) = delete;
    Bunzip2& operator=(const Bunzip2&) = delete;

    Step run(std::string_view input, char* to, std::size_t size) override {
        const auto in = static_cast<unsigned>(std::min(input.size(), most_at_once));
        const auto out = static_cast<unsigned>(std::min(size, most_at_once));
        stream_.next_in = const_cast<char*>(input.data());
        stream_.avail_in = in;
        stream_.next_out = to;
        stream_.avail_out = out;
        const int state = BZ2_bzDecompress(&stream_);
        Step step{in - stream_.avail_in, out - stream_.avail_out, state == BZ_STREAM_END};
        if (state != BZ_OK && state != BZ_STREAM_END)
            step.problem = state == BZ_DATA_ERROR_MAGIC ? "incorrect header check"
                           : state == BZ_MEM_ERROR      ? "out of memory"
                                                        : "data integrity error";
        return step;
    }
    void restart() override {
        BZ2_bzDecompressEnd(&stream_);
        stream_ = {};
        begin();
    }

private:
    void begin() {
        if (BZ2_bzDecompressInit(&stream_, 0, 0) != BZ_OK)
            throw OsError("bzip2: out of memory");
    }
    bz_stream stream_{};
};

class Unzstd final : public Unpacker {
public:
    Unzstd() : context_(ZSTD_createDCtx()) {
        if (context_ == nullptr)
            throw OsError("libzstd: out of memory");
    }

    Step run(std::string_view input, char* to, std::size_t size) override {
        ZSTD_inBuffer in{input.data(), input.size(), 0};
        // with an error the library does not say how much it has made, so it makes a block at a
        // time
        ZSTD_outBuffer out{to, std::min(size, ZSTD_DStreamOutSize()), 0};
        const std::size_t left = ZSTD_decompressStream(context_.get(), &out, &in);
        return {in.pos, out.pos, left == 0,
                ZSTD_isError(left) != 0 ? ZSTD_getErrorName(left) : nullptr};
    }
    void restart() override { ZSTD_DCtx_reset(context_.get(), ZSTD_reset_session_only); }

private:
    struct Free {
        void operator()(ZSTD_DCtx* context) const noexcept { ZSTD_freeDCtx(context); }
    };
    const std::unique_ptr<ZSTD_DCtx, Free> context_;
};

} // namespace

Compression compression_of(std::string_view head) noexcept {
    if (head.starts_with("\x1F\x8B"))
        return Compression::gzip;
    if (head.starts_with("BZh"))
        return Compression::bzip2;
    const bool skippable = head.size() >= 4 &&
                           (static_cast<unsigned char>(head[0]) & 0xF0U) == 0x50 &&
                           head.substr(1, 3) == "\x2A\x4D\x18";
    if (head.starts_with("\x28\xB5\x2F\xFD") || skippable)
        return Compression::zstd;
    return Compression::none;
}

std::string_view to_string(Compression compression) noexcept {
    switch (compression) {
    case Compression::gzip: return "gzip";
    case Compression::bzip2: return "bzip2";
    case Compression::zstd: return "Zstandard";
    case Compression::none: break;
    }
    return "plain";
}

std::unique_ptr<Unpacker> make_unpacker(Compression compression) {
    switch (compression) {
    case Compression::gzip: return std::make_unique<Gunzip>();
    case Compression::bzip2: return std::make_unique<Bunzip2>();
    case Compression::zstd:
    case Compression::none: break;
    }
    return std::make_unique<Unzstd>();
}

} // namespace runner::base
