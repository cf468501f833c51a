// SPDX-License-Identifier: GPL-2.0-or-later
// The protocol between the runner and a worker: frames of a length, a number and JSON text. A
// response has the number of its request; a worker's greeting has number 0.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace runner::php {

/// The header: the text's length in bytes and its number, each as four bytes, big-endian.
inline constexpr std::size_t frame_header = 8;

/// Maximum length of a frame's text. Stray printed text decodes to a length far above it.
inline constexpr std::size_t max_frame = std::size_t{256} << 20U;

struct Frame {
    std::uint32_t number = 0;
    std::string text;
};

/// Throws base::DataError when `text` is longer than `max_frame`.
[[nodiscard]] std::string write_frame(std::uint32_t number, std::string_view text);

/// Assembles frames from the received pieces. Not thread-safe.
class FrameReader {
public:
    explicit FrameReader(std::size_t max_text = max_frame) : max_text_(max_text) {}

    void feed(std::string_view bytes) { buffer_ += bytes; }

    /// The next complete frame, if any. Throws base::DataError when the bytes can't begin a valid
    /// frame; nothing that follows can be trusted then.
    [[nodiscard]] std::optional<Frame> next();

    /// Bytes not yet part of a complete frame.
    [[nodiscard]] std::size_t pending() const noexcept { return buffer_.size(); }

private:
    std::size_t max_text_;
    std::string buffer_;
};

} // namespace runner::php
