// SPDX-License-Identifier: GPL-2.0-or-later
// SHA-256 of what is written piece by piece, for the checksums of files.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace runner::base {

class Sha256 {
public:
    /// Throws std::runtime_error when libcrypto has no SHA-256.
    Sha256();
    ~Sha256();
    Sha256(const Sha256&) = delete;
    Sha256& operator=(const Sha256&) = delete;

    void add(std::string_view bytes);
    /// 64 lower-case hexadecimal digits of all that was added; nothing can be added afterwards.
    [[nodiscard]] std::string hex();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace runner::base
