// SPDX-License-Identifier: GPL-2.0-or-later
// Follows the frames of Zstandard data (RFC 8878) without unpacking them, only to know whether
// the data may end where it ends: the filter of Boost.Iostreams takes any end for a good one, and
// a dump that was cut off would look like a smaller dump.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace runner::source {

class ZstdFrames {
public:
    /// The next bytes of the data.
    void feed(std::string_view bytes) noexcept;
    /// Whether the bytes so far are whole frames. Data that is no Zstandard is for the
    /// decompressor to refuse.
    [[nodiscard]] bool complete() const noexcept { return state_ == State::magic && have_ == 0; }

private:
    enum class State : unsigned char { magic, skippable_size, descriptor, block_header, skip };

    void take_field() noexcept;
    void want(State state, std::size_t bytes) noexcept;
    /// Passes over bytes, then reads a field of the given state.
    void skip(std::uint64_t bytes, State then) noexcept;
    [[nodiscard]] std::uint32_t field() const noexcept;

    State state_ = State::magic;
    State after_skip_ = State::magic;
    std::array<unsigned char, 4> bytes_{};
    std::size_t have_ = 0;
    std::size_t wanted_ = 4;
    std::uint64_t to_skip_ = 0;
    bool checksum_ = false;
};

} // namespace runner::source
