// SPDX-License-Identifier: GPL-2.0-or-later
// What goes over the pipe to a worker and back: frames of a length, a number and JSON text. The
// answer has the number of its request; what a worker says of itself at its start has number 0.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace runner::php {

/// Before the text: its length in bytes and its number, each as four bytes, the highest first.
inline constexpr std::size_t frame_header = 8;

/// Of the text of one frame. Text that a program prints by mistake would be a length far above.
inline constexpr std::size_t max_frame = std::size_t{256} << 20U;

struct Frame {
    std::uint32_t number = 0;
    std::string text;
};

/// Throws base::DataError when `text` is longer than `max_frame`.
[[nodiscard]] std::string write_frame(std::uint32_t number, std::string_view text);

/// Puts frames together from the pieces in which they come. Not thread-safe.
class FrameReader {
public:
    explicit FrameReader(std::size_t max_text = max_frame) : max_text_(max_text) {}

    void feed(std::string_view bytes) { buffer_ += bytes; }

    /// The next whole frame, if it is there. Throws base::DataError when the bytes are the beginning
    /// of no frame that would be taken; nothing that follows can be trusted then.
    [[nodiscard]] std::optional<Frame> next();

    /// Bytes that no whole frame was made of yet.
    [[nodiscard]] std::size_t pending() const noexcept { return buffer_.size(); }

private:
    std::size_t max_text_;
    std::string buffer_;
};

} // namespace runner::php
