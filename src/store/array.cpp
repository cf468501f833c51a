// SPDX-License-Identifier: GPL-2.0-or-later
// Array literals: see array.hpp.
#include "store/array.hpp"

#include "base/error.hpp"

#include <cassert>

namespace runner::store {

void Array::add(std::string_view text) {
    assert(!closed_);
    if (text.find('\0') != std::string_view::npos)
        throw base::DataError("a text with a NUL byte can't be stored");
    separate();
    text_ += '"';
    // a plain loop: find_first_of() would call memchr() for every character
    std::size_t from = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '"' && text[i] != '\\')
            continue;
        text_.append(text, from, i - from);
        text_ += '\\';
        from = i; // the character itself comes with the next stretch
    }
    text_.append(text, from, std::string_view::npos);
    text_ += '"';
}

void Array::add_bytes(std::string_view bytes) {
    assert(!closed_);
    static constexpr char digits[] = "0123456789abcdef";
    separate();
    text_ += "\"\\\\x";
    const std::size_t start = text_.size();
    text_.resize(start + 2 * bytes.size());
    char* out = text_.data() + start;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        *out++ = digits[byte >> 4];
        *out++ = digits[byte & 15];
    }
    text_ += '"';
}

void Array::add_null() {
    assert(!closed_);
    separate();
    text_ += "NULL";
}

const std::string& Array::literal() {
    if (!closed_) {
        text_ += '}';
        closed_ = true;
    }
    return text_;
}

} // namespace runner::store
