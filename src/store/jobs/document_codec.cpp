// SPDX-License-Identifier: GPL-2.0-or-later
// zstd: see document_codec.hpp.
#include "store/jobs/document_codec.hpp"

#include "base/error.hpp"

#include <zstd.h>

#include <memory>
#include <new>

namespace runner::store {

namespace {

constexpr int quickest_level = 1;

// a context is half a megabyte: one for each thread that compresses
ZSTD_CCtx* compressor() {
    struct Free {
        void operator()(ZSTD_CCtx* context) const noexcept { ZSTD_freeCCtx(context); }
    };
    thread_local std::unique_ptr<ZSTD_CCtx, Free> context(ZSTD_createCCtx());
    if (!context)
        throw std::bad_alloc();
    return context.get();
}

} // namespace

std::string compress_document(std::string_view json) {
    std::string compressed(ZSTD_compressBound(json.size()), '\0');
    const std::size_t size = ZSTD_compressCCtx(compressor(), compressed.data(), compressed.size(),
                                               json.data(), json.size(), quickest_level);
    if (ZSTD_isError(size) != 0U)
        throw std::bad_alloc(); // the only way for it to fail with room enough
    compressed.resize(size);
    return compressed;
}

std::string decompress_document(std::string_view compressed, std::size_t max_bytes) {
    const unsigned long long size = ZSTD_getFrameContentSize(compressed.data(), compressed.size());
    if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN)
        throw base::DataError("a stored document is not compressed with zstd");
    if (size > max_bytes)
        throw base::DataError("a stored document is longer than " + std::to_string(max_bytes) +
                              " bytes");
    std::string json(static_cast<std::size_t>(size), '\0');
    const std::size_t got =
        ZSTD_decompress(json.data(), json.size(), compressed.data(), compressed.size());
    if (ZSTD_isError(got) != 0U || got != json.size())
        throw base::DataError(std::string("a stored document is damaged: ") +
                              ZSTD_getErrorName(got));
    return json;
}

} // namespace runner::store
