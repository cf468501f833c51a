// SPDX-License-Identifier: GPL-2.0-or-later
#include "php/frame.hpp"

#include "base/error.hpp"
#include "base/log.hpp"
#include "base/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace runner::php {

namespace {

std::uint32_t number_at(std::string_view bytes) {
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < 4; ++i)
        number = number << 8U | static_cast<std::uint8_t>(bytes[i]);
    return number;
}

void append_number(std::string& out, std::uint32_t number) {
    for (unsigned shift = 32; shift > 0;) {
        shift -= 8;
        out += static_cast<char>(number >> shift & 0xffU);
    }
}

} // namespace

std::string write_frame(std::uint32_t number, std::string_view text) {
    if (text.size() > max_frame)
        throw base::DataError(fmt::format("a request of {} bytes is too long", text.size()));
    std::string out;
    out.reserve(frame_header + text.size());
    append_number(out, static_cast<std::uint32_t>(text.size()));
    append_number(out, number);
    out += text;
    return out;
}

std::optional<Frame> FrameReader::next() {
    if (buffer_.size() < frame_header)
        return std::nullopt;
    const std::size_t length = number_at(buffer_);
    if (length > max_text_) {
        std::string beginning;
        base::append_json_escaped(beginning, base::utf8_prefix(buffer_, 60));
        throw base::DataError(fmt::format("expected a frame, got \"{}\"", beginning));
    }
    if (buffer_.size() < frame_header + length)
        return std::nullopt;
    Frame frame{number_at(std::string_view(buffer_).substr(4)), {}};
    if (buffer_.size() == frame_header + length) { // nearly always: moved, not copied
        frame.text = std::move(buffer_);
        frame.text.erase(0, frame_header);
        buffer_.clear();
    } else {
        frame.text = buffer_.substr(frame_header, length);
        buffer_.erase(0, frame_header + length);
    }
    return frame;
}

} // namespace runner::php
