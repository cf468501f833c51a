// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/sha256.hpp"

#include "base/hex.hpp"

#include <array>
#include <openssl/evp.h>
#include <stdexcept>

namespace runner::base {

struct Sha256::Impl {
    Impl() : context(EVP_MD_CTX_new()) {
        require(context != nullptr && EVP_DigestInit_ex(context, EVP_sha256(), nullptr) == 1);
    }
    ~Impl() { EVP_MD_CTX_free(context); }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    static void require(bool done) {
        if (!done)
            throw std::runtime_error("libcrypto can't compute SHA-256");
    }

    EVP_MD_CTX* context;
};

Sha256::Sha256() : impl_(std::make_unique<Impl>()) {}
Sha256::~Sha256() = default;

void Sha256::add(std::string_view bytes) {
    Impl::require(EVP_DigestUpdate(impl_->context, bytes.data(), bytes.size()) == 1);
}

std::string Sha256::hex() {
    std::array<unsigned char, 32> digest{};
    Impl::require(EVP_DigestFinal_ex(impl_->context, digest.data(), nullptr) == 1);
    return base::hex(digest);
}

} // namespace runner::base
