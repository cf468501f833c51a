// SPDX-License-Identifier: GPL-2.0-or-later
// The format of array_recv(): dimensions, whether there are nulls, the type of the elements, then
// for the one dimension its length and lower bound, then each element with its length before it.
// All numbers are 32 bits wide, the highest byte first.
#include "store/common/array.hpp"

#include "base/error.hpp"

namespace runner::store {

namespace {

constexpr std::size_t empty_header = 12; // an array without elements has no dimension
constexpr std::size_t full_header = 20;

void put(std::string& bytes, std::size_t at, std::uint64_t number, std::size_t width = 4) {
    for (std::size_t i = 0; i < width; ++i)
        bytes[at + i] = static_cast<char>(number >> (8 * (width - 1 - i)));
}

void append(std::string& bytes, std::uint64_t number, std::size_t width = 4) {
    bytes.resize(bytes.size() + width);
    put(bytes, bytes.size() - width, number, width);
}

} // namespace

ArrayBytes::ArrayBytes(Element element) : bytes_(full_header, '\0') {
    put(bytes_, 8, static_cast<std::uint32_t>(element));
    put(bytes_, 16, 1); // the first index
}

void ArrayBytes::add_null() {
    ++size_;
    has_null_ = true;
    append(bytes_, 0xFFFF'FFFFU);
}

void ArrayBytes::add_element(std::string_view bytes) {
    ++size_;
    append(bytes_, bytes.size());
    bytes_ += bytes;
}

void ArrayBytes::add_number(std::uint64_t number, std::size_t width) {
    ++size_;
    append(bytes_, width);
    append(bytes_, number, width);
}

void ArrayBytes::too_large() { throw base::DataError("a number out of the database's range"); }

void ArrayBytes::add_text(std::string_view text) {
    if (text.find('\0') != std::string_view::npos)
        throw base::DataError("a text with a NUL byte can't be stored");
    add_element(text);
}

std::string_view ArrayBytes::bytes() {
    put(bytes_, 0, empty() ? 0 : 1);
    put(bytes_, 4, has_null_ ? 1 : 0);
    put(bytes_, 12, size_);
    return std::string_view(bytes_).substr(0, empty() ? empty_header : bytes_.size());
}

} // namespace runner::store
