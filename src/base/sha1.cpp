// SPDX-License-Identifier: GPL-2.0-or-later
// libcrypto's SHA-1. The algorithm is looked up once: with OpenSSL 3 the look-up costs more than
// hashing a snak.
#include "base/sha1.hpp"

#include "base/hex.hpp"

#include <array>
#include <memory>
#include <openssl/evp.h>
#include <stdexcept>

namespace runner::base {
namespace {

struct FreeContext {
    void operator()(EVP_MD_CTX* c) const noexcept { EVP_MD_CTX_free(c); }
};

} // namespace

std::array<std::uint8_t, 20> sha1(std::string_view data) {
    static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA1", nullptr);
    thread_local const std::unique_ptr<EVP_MD_CTX, FreeContext> context(EVP_MD_CTX_new());
    std::array<std::uint8_t, 20> digest{};
    if (algorithm == nullptr || context == nullptr ||
        EVP_DigestInit_ex(context.get(), algorithm, nullptr) != 1 ||
        EVP_DigestUpdate(context.get(), data.data(), data.size()) != 1 ||
        EVP_DigestFinal_ex(context.get(), digest.data(), nullptr) != 1)
        throw std::runtime_error("libcrypto can't compute SHA-1");
    return digest;
}

std::string sha1_hex(std::string_view data) { return hex(sha1(data)); }

} // namespace runner::base
