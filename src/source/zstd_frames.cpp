// SPDX-License-Identifier: GPL-2.0-or-later
// A state machine over the few fields that tell lengths.
#include "source/zstd_frames.hpp"

#include <algorithm>

namespace runner::source {
namespace {

constexpr std::size_t size_of(bool last, bool checksum) noexcept {
    return last && checksum ? 4 : 0;
}

} // namespace

std::uint32_t ZstdFrames::field() const noexcept {
    std::uint32_t value = 0;
    for (std::size_t i = have_; i > 0; --i)
        value = value << 8 | bytes_[i - 1];
    return value;
}

void ZstdFrames::want(State state, std::size_t bytes) noexcept {
    state_ = state;
    wanted_ = bytes;
    have_ = 0;
}

void ZstdFrames::skip(std::uint64_t bytes, State then) noexcept {
    const auto field_size = [](State state) -> std::size_t {
        return state == State::block_header ? 3 : 4;
    };
    to_skip_ = bytes;
    after_skip_ = then;
    want(bytes == 0 ? then : State::skip, bytes == 0 ? field_size(then) : 0);
}

void ZstdFrames::take_field() noexcept {
    const std::uint32_t value = field();
    switch (state_) {
    case State::magic:
        if ((value & 0xFFFFFFF0U) == 0x184D2A50U)
            want(State::skippable_size, 4);
        else
            want(State::descriptor, 1);
        break;
    case State::skippable_size:
        skip(value, State::magic);
        break;
    case State::descriptor: {
        const bool single_segment = (value & 0x20U) != 0;
        constexpr std::array<std::size_t, 4> dictionary{0, 1, 2, 4};
        constexpr std::array<std::size_t, 4> content_size{0, 2, 4, 8};
        const std::size_t content = value >> 6;
        checksum_ = (value & 4U) != 0;
        skip((single_segment ? 0 : 1) + dictionary[value & 3U] +
                 (content == 0 && single_segment ? 1 : content_size[content]),
             State::block_header);
        break;
    }
    case State::block_header: {
        const bool last = (value & 1U) != 0;
        const bool run_length = (value >> 1 & 3U) == 1;
        const std::uint64_t size = run_length ? 1 : value >> 3;
        skip(size + size_of(last, checksum_), last ? State::magic : State::block_header);
        break;
    }
    case State::skip:
        break;
    }
}

void ZstdFrames::feed(std::string_view bytes) noexcept {
    while (!bytes.empty()) {
        if (state_ == State::skip) {
            const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(to_skip_, bytes.size()));
            bytes.remove_prefix(n);
            to_skip_ -= n;
            if (to_skip_ == 0)
                skip(0, after_skip_);
            continue;
        }
        bytes_[have_++] = static_cast<unsigned char>(bytes.front());
        bytes.remove_prefix(1);
        if (have_ == wanted_)
            take_field();
    }
}

} // namespace runner::source
