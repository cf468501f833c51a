// SPDX-License-Identifier: GPL-2.0-or-later
// PostgreSQL array literals ({"a","b\"c",NULL}), the form in which a whole batch of values
// becomes one bound parameter for unnest().
#pragma once

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>

namespace runner::store {

/// Built element by element. One array holds elements of one kind.
class Array {
public:
    Array() : text_("{") {}

    /// A text, enum or json element, quoted. Throws base::DataError for a NUL byte, which no text
    /// of PostgreSQL can hold. (That it is UTF-8 is checked by the server: base::DataError.)
    void add(std::string_view text);
    void add(const char* text) { add(std::string_view(text)); }
    /// A bytea element.
    void add_bytes(std::string_view bytes);
    template <std::integral T>
    void add(T number) {
        separate();
        if constexpr (std::same_as<T, bool>)
            text_ += number ? 't' : 'f';
        else
            text_ += std::to_string(number);
    }
    void add_null();

    [[nodiscard]] const std::string& literal();
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

private:
    void separate() {
        if (size_++ != 0)
            text_ += ',';
    }

    std::string text_;
    std::size_t size_ = 0;
    bool closed_ = false;
};

} // namespace runner::store
