// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/hmac.hpp"

#include "base/hex.hpp"

#include <array>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdexcept>

namespace runner::base {

std::string hmac_sha256_hex(std::string_view key, std::string_view message) {
    std::array<unsigned char, 32> digest{};
    unsigned int size = digest.size();
    if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
             reinterpret_cast<const unsigned char*>(message.data()), message.size(), digest.data(),
             &size) == nullptr)
        throw std::runtime_error("libcrypto can't compute HMAC-SHA256");
    return hex(digest);
}

} // namespace runner::base
