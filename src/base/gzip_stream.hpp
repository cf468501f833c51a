// SPDX-License-Identifier: GPL-2.0-or-later
// One gzip member in pieces that a reader can decompress as they arrive: not all HTTP clients read
// more than one member. For whole files see packing.hpp.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace runner::base {

/// Not thread-safe. All calls throw base::OsError when there is no memory.
class GzipStream {
public:
    GzipStream();
    ~GzipStream();
    GzipStream(const GzipStream&) = delete;
    GzipStream& operator=(const GzipStream&) = delete;

    /// `text` compressed, so that it can be decompressed without later pieces.
    [[nodiscard]] std::string pack(std::string_view text);
    /// `text` compressed, and the end of the member. Nothing may follow.
    [[nodiscard]] std::string finish(std::string_view text = {});

private:
    struct State;
    [[nodiscard]] std::string run(std::string_view text, int flush);

    std::unique_ptr<State> state_;
};

} // namespace runner::base
