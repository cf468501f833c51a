// SPDX-License-Identifier: GPL-2.0-or-later
#include "api/json_scanner.hpp"

#include "base/utf8.hpp"

#include <charconv>
#include <cstring>

namespace runner::api {

namespace {

/// Whether any of eight bytes ends a run of plain characters: quote, backslash, control character
/// or the start of a multi-byte sequence.
bool has_special(std::uint64_t word) noexcept {
    constexpr std::uint64_t ones = 0x0101010101010101U;
    constexpr std::uint64_t highs = 0x8080808080808080U;
    const std::uint64_t quote = word ^ (ones * '"');
    const std::uint64_t slash = word ^ (ones * '\\');
    const std::uint64_t zero_in_quote = (quote - ones) & ~quote;
    const std::uint64_t zero_in_slash = (slash - ones) & ~slash;
    const std::uint64_t control = (word - ones * 0x20) & ~word;
    return ((zero_in_quote | zero_in_slash | control | word) & highs) != 0;
}

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

} // namespace

void JsonScanner::fail(const std::string& what) const {
    throw ApiError{400,
                   "bad_json",
                   "the body is not valid JSON: " + what + " at byte " + std::to_string(at_),
                   {}};
}

void JsonScanner::white_space() noexcept {
    if (at_ < text_.size() && text_[at_] > ' ') // most JSON has none
        return;
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == '\t'))
        ++at_;
}

char JsonScanner::peek() noexcept {
    white_space();
    return at_ < text_.size() ? text_[at_] : '\0';
}

std::string_view JsonScanner::kind() noexcept {
    switch (peek()) {
    case '"': return "a string";
    case '{': return "an object";
    case '[': return "an array";
    case 't':
    case 'f': return "a boolean";
    case 'n': return "null";
    case '\0': return "nothing";
    default: return "a number";
    }
}

void JsonScanner::take(char c, const char* what) {
    if (peek() != c)
        fail(std::string("expected ") + what);
    ++at_;
}

void JsonScanner::open(char bracket) {
    take(bracket, bracket == '{' ? "'{'" : "'['");
    if (++depth_ > max_depth_)
        fail("more than " + std::to_string(max_depth_) + " levels of nesting");
}

/// Before a member or element: whether there is one more; consumes comma or closing bracket.
bool JsonScanner::next(char close, bool first) {
    const char c = peek();
    if (c == close) {
        ++at_;
        --depth_;
        return false;
    }
    if (first) {
        if (c == '\0')
            fail("unexpected end");
        return true;
    }
    take(',', close == '}' ? "',' or '}'" : "',' or ']'");
    if (peek() == close)
        fail("a comma with nothing after it");
    return true;
}

void JsonScanner::skip_utf8() {
    const std::size_t length = base::utf8_length(text_.substr(at_));
    if (length == 0)
        fail("invalid UTF-8");
    at_ += length;
}

unsigned JsonScanner::hex4() {
    unsigned value = 0;
    if (text_.size() - at_ < 4)
        fail("unexpected end");
    const auto [end, error] =
        std::from_chars(text_.data() + at_, text_.data() + at_ + 4, value, 16);
    if (error != std::errc{} || end != text_.data() + at_ + 4)
        fail("a \\u escape without four hexadecimal digits");
    at_ += 4;
    return value;
}

void JsonScanner::skip_string() {
    take('"', "a string");
    for (;;) {
        while (text_.size() - at_ >= 8) {
            std::uint64_t word = 0;
            std::memcpy(&word, text_.data() + at_, 8);
            if (has_special(word))
                break;
            at_ += 8;
        }
        if (at_ >= text_.size())
            fail("unexpected end in a string");
        const auto c = static_cast<unsigned char>(text_[at_]);
        if (c == '"') {
            ++at_;
            return;
        }
        if (c < 0x20)
            fail("a control character in a string");
        if (c == '\\') {
            ++at_;
            const char escape = at_ < text_.size() ? text_[at_] : '\0';
            if (escape == '\0' || std::strchr("\"\\/bfnrtu", escape) == nullptr)
                fail("an unknown escape");
            ++at_;
            if (escape == 'u')
                hex4();
        } else if (c >= 0x80) {
            skip_utf8();
        } else {
            ++at_;
        }
    }
}

std::string JsonScanner::string() {
    white_space();
    const std::size_t from = at_;
    skip_string();
    const std::size_t to = at_;
    const std::string_view raw = text_.substr(from + 1, to - from - 2);
    if (raw.find('\\') == std::string_view::npos)
        return std::string(raw);

    std::string out;
    for (at_ = from + 1; at_ < to - 1;) {
        const char c = text_[at_++];
        if (c != '\\') {
            out += c;
            continue;
        }
        const char escape = text_[at_++];
        static constexpr std::string_view from_escape = "bfnrt";
        static constexpr std::string_view to_char = "\b\f\n\r\t";
        if (escape == 'u') {
            unsigned code = hex4();
            if (code >= 0xD800 && code <= 0xDBFF && text_.substr(at_, 2) == "\\u") {
                at_ += 2;
                const unsigned low = hex4();
                if (low < 0xDC00 || low > 0xDFFF)
                    fail("half of a surrogate pair");
                code = 0x10000 + ((code - 0xD800) << 10U) + (low - 0xDC00);
            } else if (code >= 0xD800 && code <= 0xDFFF) {
                fail("half of a surrogate pair");
            }
            base::append_utf8(out, code);
        } else if (const auto i = from_escape.find(escape); i != std::string_view::npos) {
            out += to_char[i];
        } else {
            out += escape;
        }
    }
    at_ = to;
    return out;
}

void JsonScanner::skip_number() {
    const auto digits = [&] {
        if (at_ >= text_.size() || !is_digit(text_[at_]))
            fail("expected a value");
        while (at_ < text_.size() && is_digit(text_[at_]))
            ++at_;
    };
    const auto is_next = [&](char c) { return at_ < text_.size() && text_[at_] == c; };
    if (is_next('-'))
        ++at_;
    if (is_next('0')) {
        ++at_;
        if (at_ < text_.size() && is_digit(text_[at_]))
            fail("a number with a leading zero");
    } else {
        digits();
    }
    if (is_next('.')) {
        ++at_;
        digits();
    }
    if (is_next('e') || is_next('E')) {
        ++at_;
        if (is_next('+') || is_next('-'))
            ++at_;
        digits();
    }
}

std::optional<std::uint64_t> JsonScanner::unsigned_integer() {
    if (!is_digit(peek()))
        return std::nullopt;
    const std::size_t from = at_;
    skip_number();
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text_.data() + from, text_.data() + at_, value);
    if (error != std::errc{} || end != text_.data() + at_) {
        at_ = from;
        return std::nullopt;
    }
    return value;
}

void JsonScanner::skip_word(std::string_view word) {
    if (text_.substr(at_, word.size()) != word)
        fail("expected a value");
    at_ += word.size();
}

std::string_view JsonScanner::skip() {
    const char c = peek();
    const std::size_t from = at_;
    switch (c) {
    case '{':
        open('{');
        for (bool first = true; next('}', first); first = false) {
            white_space();
            skip_string();
            take(':', "':' after a key");
            skip();
        }
        break;
    case '[': array([this] { skip(); }); break;
    case '"': skip_string(); break;
    case 't': skip_word("true"); break;
    case 'f': skip_word("false"); break;
    case 'n': skip_word("null"); break;
    default: skip_number();
    }
    return text_.substr(from, at_ - from);
}

void JsonScanner::end() {
    if (peek() != '\0' || at_ < text_.size())
        fail("something after the value");
}

} // namespace runner::api
