// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/hmac.hpp"

#include <array>
#include <stdexcept>

#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace runner::base {

std::string hmac_sha256_hex(std::string_view key, std::string_view message) {
    std::array<unsigned char, 32> digest{};
    unsigned int size = digest.size();
    if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
             reinterpret_cast<const unsigned char*>(message.data()), message.size(), digest.data(),
             &size) == nullptr)
        throw std::runtime_error("libcrypto can't compute HMAC-SHA256");
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const unsigned char byte : digest) {
        text += digits[byte >> 4];
        text += digits[byte & 15U];
    }
    return text;
}

} // namespace runner::base
