// SPDX-License-Identifier: GPL-2.0-or-later
// Arrays in PostgreSQL's binary format, in which a whole batch of values becomes one bound
// parameter for unnest(). The server copies such elements as they are, where it would have to
// unquote those of a text literal byte by byte: a third of the time for large values.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace runner::store {

/// What an array holds, by the object id of the type, fixed in PostgreSQL. The parameter's cast
/// must name the same type: `$1::bigint[]` for a BigintArray.
enum class Element : std::uint32_t {
    boolean = 16,
    bytea = 17,
    bigint = 20,
    smallint = 21,
    integer = 23,
    text = 25,
    json = 114,
    uuid = 2950,
};

/// The bytes of an array, built element by element.
class ArrayBytes {
public:
    explicit ArrayBytes(Element element);

    void add_null();
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    /// The parameter as PostgreSQL receives it.
    [[nodiscard]] std::string_view bytes();

protected:
    void add_element(std::string_view bytes);
    void add_number(std::uint64_t number, std::size_t width);
    /// Throws base::DataError for a NUL byte, which no text of PostgreSQL can hold. (That it is
    /// UTF-8 is checked by the server: base::DataError.)
    void add_text(std::string_view text);
    [[noreturn]] static void too_large();

private:
    std::string bytes_;
    std::size_t size_ = 0;
    bool has_null_ = false;
};

/// An array of numbers. Throws base::DataError for one that does not fit into T: no number may
/// change by being stored.
template <Element element, std::integral T>
class NumberArray : public ArrayBytes {
public:
    NumberArray() : ArrayBytes(element) {}
    void add(std::integral auto number) {
        if constexpr (!std::same_as<T, bool> && !std::same_as<decltype(number), bool>)
            if (!std::in_range<T>(number))
                too_large();
        add_number(static_cast<std::uint64_t>(number), sizeof(T));
    }
};

using BooleanArray = NumberArray<Element::boolean, bool>;
using SmallintArray = NumberArray<Element::smallint, std::int16_t>;
using IntegerArray = NumberArray<Element::integer, std::int32_t>;
using BigintArray = NumberArray<Element::bigint, std::int64_t>;

/// Texts; also those that the statement casts to an enum.
class TextArray : public ArrayBytes {
public:
    TextArray() : ArrayBytes(Element::text) {}
    void add(std::string_view text) { add_text(text); }
};

class JsonArray : public ArrayBytes {
public:
    JsonArray() : ArrayBytes(Element::json) {}
    void add(std::string_view json) { add_text(json); }
};

class ByteaArray : public ArrayBytes {
public:
    ByteaArray() : ArrayBytes(Element::bytea) {}
    void add(std::string_view bytes) { add_element(bytes); }
};

/// Elements of 16 bytes.
class UuidArray : public ArrayBytes {
public:
    UuidArray() : ArrayBytes(Element::uuid) {}
    void add(std::string_view bytes) { add_element(bytes); }
};

} // namespace runner::store
