// SPDX-License-Identifier: GPL-2.0-or-later
// Units, times, suggestions, hashes, escaping and small files.
#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "base/log_fields.hpp"
#include "base/plain_reason.hpp"
#include "base/sha1.hpp"
#include "base/suggest.hpp"
#include "base/terminal.hpp"
#include "base/unicode.hpp"
#include "base/units.hpp"
#include "base/url.hpp"
#include "base/utf8.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <cstdio>
#include <filesystem>
#include <string>
#include <unistd.h>

using namespace runner::base;
using namespace std::chrono_literals;

TEST_CASE("sizes are read with decimal and binary units") {
    CHECK(parse_size("0") == 0);
    CHECK(parse_size("10MB") == 10'000'000);
    CHECK(parse_size("64KiB") == 65'536);
    CHECK(parse_size("1 gib") == 1'073'741'824);
    CHECK(parse_size("17") == 17);
    CHECK_FALSE(parse_size(""));
    CHECK_FALSE(parse_size("MB"));
    CHECK_FALSE(parse_size("-1"));
    CHECK_FALSE(parse_size("1.5MB"));
    CHECK_FALSE(parse_size("10MBs"));
    CHECK_FALSE(parse_size("99999999TiB"));
    CHECK_FALSE(parse_size("99999999999999999999"));
}

TEST_CASE("durations are read, a plain number means seconds") {
    CHECK(parse_duration("500ms") == 500ms);
    CHECK(parse_duration("30s") == 30s);
    CHECK(parse_duration("2min") == 120s);
    CHECK(parse_duration("1h") == 3600s);
    CHECK(parse_duration("30") == 30s);
    CHECK_FALSE(parse_duration("30 seconds"));
    CHECK_FALSE(parse_duration("1000000d"));
    CHECK_FALSE(parse_duration("s"));
}

TEST_CASE("formatted units read back as the same value") {
    for (const std::int64_t n : {0LL, 1LL, 1000LL, 1024LL, 1500LL, 10'000'000LL, 268'435'456LL})
        CHECK(parse_size(format_size(n)) == n);
    CHECK(format_size(10'000'000) == "10MB");
    for (const auto d : {0ms, 1ms, 1500ms, 60'000ms, 86'400'000ms})
        CHECK(parse_duration(format_duration(d)) == d);
    CHECK(format_duration(90s) == "90s");
}

TEST_CASE("a time is ISO 8601 in UTC or seconds since 1970") {
    CHECK(parse_time("2026-11-21T18:20:00Z") == 1'795'285'200);
    CHECK(parse_time("1795285200") == 1'795'285'200);
    CHECK(parse_time("2024-02-29T00:00:00Z").has_value());
    CHECK_FALSE(parse_time("2023-02-29T00:00:00Z"));
    CHECK_FALSE(parse_time("2026-11-21"));
    CHECK_FALSE(parse_time("2026-11-21T24:00:00Z"));
    CHECK_FALSE(parse_time("2026-11-21T18:20:00+00:00"));
    CHECK_FALSE(parse_time(""));
    CHECK_FALSE(parse_time("-5"));
    const SystemTime time{std::chrono::seconds{1'795'285'200} + 7ms};
    CHECK(iso8601(time) == "2026-11-21T18:20:00Z");
    CHECK(iso8601_milliseconds(time) == "2026-11-21T18:20:00.007Z");
}

TEST_CASE("the closest key is suggested, a far one is not") {
    constexpr std::array<std::string_view, 3> keys{"server.socket", "server.socket_mode",
                                                   "log.level"};
    CHECK(closest("server.soket", keys) == "server.socket");
    CHECK(closest("log.lvel", keys) == "log.level");
    CHECK(closest("log.levle", keys) == "log.level");
    CHECK(closest("banana", keys).empty());
    CHECK(closest("", keys).empty());
    CHECK(did_you_mean("LOG.LEVEL", keys) == "; did you mean \"log.level\"?");
    CHECK(did_you_mean("banana", keys).empty());
}

TEST_CASE("SHA-1 equals the published examples") {
    CHECK(sha1_hex("") == "da39a3ee5e6b4b0d3255bfef95601890afd80709");
    CHECK(sha1_hex("abc") == "a9993e364706816aba3e25717850c26c9cd0d89d");
    CHECK(sha1_hex(std::string(1'000'000, 'a')) == "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
}

TEST_CASE("JSON escaping leaves no way to forge a line") {
    std::string out;
    append_json_escaped(out, "a\"b\\c\nd\x01\x7f");
    CHECK(out == R"(a\"b\\c\nd\u0001\u007f)");
    out.clear();
    append_json_escaped(out, "\xC3\xA9 \xF0\x9F\x98\x80");
    CHECK(out == "\xC3\xA9 \xF0\x9F\x98\x80");
    out.clear();
    append_json_escaped(out, "\xFF\xC0\xAF|\xED\xA0\x80|\xF4\x90\x80\x80|\xE2\x82");
    CHECK(out == "\\ufffd\\ufffd\\ufffd|\\ufffd\\ufffd\\ufffd|\\ufffd\\ufffd\\ufffd\\ufffd|"
                 "\\ufffd\\ufffd");
}

TEST_CASE("a file that is missing, a directory or too large is reported by name") {
    const auto dir = std::filesystem::temp_directory_path();
    CHECK_THROWS_AS(read_file(dir / "no such file"), NoInputError);
    CHECK_THROWS_AS(read_file(dir), NoInputError);
    CHECK_THROWS_WITH(read_file(dir / "no such file"), Catch::Contains("no such file: No such"));

    const auto path = dir / ("runner-file-test-" + std::to_string(getpid()));
    std::FILE* f = std::fopen(path.c_str(), "w");
    REQUIRE(f != nullptr);
    std::fputs(std::string(200'000, 'x').c_str(), f);
    std::fclose(f);
    CHECK(read_file(path).size() == 200'000);
    CHECK_THROWS_AS(read_file(path, 1000), DataError);
    std::filesystem::remove(path);
}

TEST_CASE("any bytes become one line of valid UTF-8") {
    CHECK(one_line_utf8("ไทย 한국어 😀", 100) == "ไทย 한국어 😀");
    CHECK(one_line_utf8("a\nb\x7f\x01", 100) == "a b  ");
    CHECK(one_line_utf8("\xff|\xed\xa0\x80", 100) ==
          "\xEF\xBF\xBD|\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
    CHECK(one_line_utf8("ab😀", 5) == "ab"); // not a part of a character
    CHECK(one_line_utf8("", 5).empty());
}

TEST_CASE("user names and passwords of URLs are masked everywhere") {
    CHECK(mask_urls("a: http://u:p@h:1/x?y=b@c, ftp://t@h") ==
          "a: http://********@h:1/x?y=b@c, ftp://********@h");
    CHECK(mask_urls("http://u:p@q@h/") == "http://********@h/");
    for (const char* same : {"", "a@b", "http://h/a@b", "https://h:80", "://", "x://\n@"})
        CHECK(mask_urls(same) == same);
}

TEST_CASE("wide characters take two columns of a terminal, and marks none") {
    CHECK(columns_of("aé") == 2);
    CHECK(columns_of("한국語，😀") == 10);
    CHECK(columns_of("e\u0301x\u200B") == 2);
    CHECK(columns_of("ไทย") == 3);
    CHECK(columns_of("\xffk\x80") == 3);
    CHECK(columns_of("") == 0);
}

TEST_CASE("text is cut between characters, whatever their length") {
    const std::string text = "aé한😀";
    for (std::size_t bytes = 0; bytes <= text.size() + 1; ++bytes) {
        const std::string_view cut = utf8_prefix(text, bytes);
        CHECK(cut.size() <= bytes);
        CHECK(one_line_utf8(cut, 100) == cut);
        CHECK(cut.size() + 4 > std::min(bytes, text.size())); // not more than needed
    }
    CHECK(utf8_prefix(text, 100) == text);
    CHECK(utf8_prefix("ab", 2) == "ab");
    CHECK(utf8_prefix("\x80\x80\x80\x80\x80", 4).size() == 4); // not UTF-8 at all
    CHECK(utf8_prefix("", 0).empty());
}

TEST_CASE("log fields nest, are JSON, and do not repeat a name") {
    CHECK(LogFields::of_this_thread().empty());
    {
        const LogFields outer{{"wiki", "a\"b\n"}, {"job", 7}};
        CHECK(LogFields::of_this_thread() == R"(,"wiki":"a\"b\n","job":7)");
        {
            const LogFields inner{{"job", 8}, {"duration", 1.5}};
            CHECK(LogFields::of_this_thread() == R"(,"wiki":"a\"b\n","job":7,"duration":1.500)");
        }
        CHECK(LogFields::of_this_thread() == R"(,"wiki":"a\"b\n","job":7)");
    }
    CHECK(LogFields::of_this_thread().empty());
}

TEST_CASE("what Boost says of an error loses the place in its source") {
    using runner::base::plain_reason;
    CHECK(plain_reason("syntax error [boost.json:1 at ./boost/json/detail/impl/x.hpp:635 in "
                       "function 'fail']") == "syntax error");
    CHECK(plain_reason("not a number [boost.json:34]") == "not a number");
    CHECK(plain_reason("missing [wiki.ID]") == "missing [wiki.ID]");
    CHECK(plain_reason("not one of [a: 1]") == "not one of [a: 1]");
    CHECK(plain_reason("").empty());
}

TEST_CASE("a place in a text has its line and byte") {
    using runner::base::place_in;
    CHECK(place_in("", 0) == "line 1, byte 1");
    CHECK(place_in("ab\ncd", 2) == "line 1, byte 3");
    CHECK(place_in("ab\ncd", 3) == "line 2, byte 1");
    CHECK(place_in("ab\ncd", 99) == "line 2, byte 3");
}

TEST_CASE("text for a terminal does not turn its direction") {
    CHECK(terminal_text("ไทย 한국어 😀 é") == "ไทย 한국어 😀 é");
    CHECK(terminal_text("a\n\x1b[2Jb\x7f\t\u009bx") == "a  [2Jb   x");
    CHECK(terminal_text("a\nb", '?') == "a?b");
    CHECK(terminal_text("\xff\xfe") == "\xff\xfe");
    CHECK(terminal_text("user\u202Egnp.exe\u202C \u2066x\u2069 \u200E\u200F\u061C") ==
          "user\\u202Egnp.exe\\u202C \\u2066x\\u2069 \\u200E\\u200F\\u061C");
    CHECK(terminal_text("\u200D\u2028\u2065\u206A") == "\u200D\u2028\u2065\u206A");
}
