// SPDX-License-Identifier: GPL-2.0-or-later
// Reads JSON once from front to back without building a tree, so that a document of megabytes
// inside a request is scanned once and passed on unchanged. Strict: RFC 8259,
// UTF-8 checked, depth limited, duplicate keys left to the caller.
#pragma once

#include "api/message.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace runner::api {

class JsonScanner {
public:
    /// `text` must outlive the scanner. Errors are thrown as ApiError 400 "bad_json" with the
    /// byte offset.
    explicit JsonScanner(std::string_view text, unsigned max_depth = 100) noexcept
        : text_(text), max_depth_(max_depth) {}

    /// The next non-white-space character, not consumed; 0 at the end.
    [[nodiscard]] char peek() noexcept;
    /// The type of the next value, for messages: "a string", "a number", "an object" …
    [[nodiscard]] std::string_view kind() noexcept;

    /// Calls `member(key)` for each member of an object; it must consume the value.
    template <class F>
    void object(F&& member) {
        open('{');
        for (bool first = true; next('}', first); first = false) {
            std::string key = string();
            take(':', "':' after a key");
            member(std::move(key));
        }
    }

    /// Calls `element()` for each element of an array; it must consume the value.
    template <class F>
    void array(F&& element) {
        open('[');
        for (bool first = true; next(']', first); first = false)
            element();
    }

    /// A string, its escapes resolved.
    [[nodiscard]] std::string string();
    /// A whole number without sign, fraction or exponent; empty (and nothing consumed) when the
    /// next value is something else, or too big.
    [[nodiscard]] std::optional<std::uint64_t> unsigned_integer();
    /// Any value, validated and skipped; returns its text.
    std::string_view skip();
    /// Where the next value begins (after peek()), and the text from there to here.
    [[nodiscard]] std::size_t position() const noexcept { return at_; }
    [[nodiscard]] std::string_view text_since(std::size_t from) const noexcept {
        return text_.substr(from, at_ - from);
    }
    /// The end of the text, nothing but white space before it.
    void end();

    [[noreturn]] void fail(const std::string& what) const;

private:
    void white_space() noexcept;
    void open(char bracket);
    bool next(char close, bool first);
    void take(char c, const char* what);
    void skip_string();
    void skip_number();
    void skip_word(std::string_view word);
    void skip_utf8();
    unsigned hex4();

    std::string_view text_;
    std::size_t at_ = 0;
    unsigned depth_ = 0;
    unsigned max_depth_;
};

} // namespace runner::api
