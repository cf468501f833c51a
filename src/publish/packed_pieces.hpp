// SPDX-License-Identifier: GPL-2.0-or-later
// The text of a dump, handed on in pieces of half a megabyte, each packed on its own.
#pragma once

#include "base/packing.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace runner::publish {

class PackedPieces {
public:
    /// `take` is called with what is not empty.
    PackedPieces(base::Packing packing, std::function<void(std::string_view)> take)
        : packing_(packing), take_(std::move(take)) {}

    std::string text; ///< what was not handed on yet

    void hand_on_when_large() {
        constexpr std::size_t large = std::size_t{512} << 10;
        if (text.size() >= large)
            hand_on();
    }
    void hand_on() {
        if (text.empty())
            return;
        packed_.clear();
        base::pack(packing_, text, packed_);
        take_(packed_);
        text.clear();
    }

private:
    const base::Packing packing_;
    const std::function<void(std::string_view)> take_;
    std::string packed_;
};

} // namespace runner::publish
