// SPDX-License-Identifier: GPL-2.0-or-later
// Arrays arrive at the server as the texts that went in.
#include "base/error.hpp"
#include "database.hpp"
#include "store/common/array.hpp"
#include "store/common/session_impl.hpp"

#include <catch2/catch.hpp>

#include <utility>

using namespace runner;

TEST_CASE("arrays keep every text as it is") {
    const tests::Database database;
    store::Session session(database.options());
    const std::vector<std::string> texts{"",
                                         "plain",
                                         "NULL",
                                         "null",
                                         "a,b",
                                         "{}",
                                         "{\"x\":[1,2]}",
                                         "\"",
                                         "\\",
                                         "\\\\",
                                         "\\\"",
                                         "a\nb",
                                         "\t \x01 ",
                                         "  spaces  ",
                                         "'; DROP TABLE",
                                         "Ärger 日本 🙂",
                                         "$1%s",
                                         "\\x41",
                                         "\\N"};
    store::TextArray array;
    for (const std::string& text : texts)
        array.add(text);
    array.add_null();
    static constexpr store::Statement echo{"echo", "SELECT unnest($1::text[])"};
    const auto rows = session.impl().run(
        [&](store::Transaction& transaction) { return transaction.exec(echo, array); });
    REQUIRE(std::cmp_equal(rows.size(), texts.size() + 1));
    for (std::size_t i = 0; i < texts.size(); ++i)
        CHECK(rows[static_cast<int>(i)][0].as<std::string>() == texts[i]);
    CHECK(rows[static_cast<int>(texts.size())][0].is_null());
}

TEST_CASE("arrays hold bytes, numbers, booleans and nothing at all") {
    const tests::Database database;
    store::Session session(database.options());
    std::string bytes;
    for (int i = 0; i < 256; ++i)
        bytes += static_cast<char>(i);
    store::ByteaArray blobs;
    store::BigintArray numbers;
    store::BooleanArray flags;
    store::TextArray none;
    blobs.add(bytes);
    blobs.add("");
    numbers.add(-9'223'372'036'854'775'807LL - 1);
    numbers.add(9'223'372'036'854'775'807LL);
    flags.add(true);
    flags.add(false);
    static constexpr store::Statement echo{
        "echo_all", "SELECT ($1::bytea[])[1] AS b, ($1::bytea[])[2] AS e, ($2::bigint[])[1], "
                    "($2::bigint[])[2], ($3::boolean[])[1], ($3::boolean[])[2], "
                    "cardinality($4::text[])"};
    const auto rows = session.impl().run([&](store::Transaction& transaction) {
        return transaction.exec(echo, blobs, numbers, flags, none);
    });
    CHECK(store::read_bytes(rows[0][0]) == bytes);
    CHECK(store::read_bytes(rows[0][1]).empty());
    CHECK(rows[0][2].as<std::string>() == "-9223372036854775808");
    CHECK(rows[0][3].as<std::string>() == "9223372036854775807");
    CHECK(rows[0][4].as<bool>());
    CHECK_FALSE(rows[0][5].as<bool>());
    CHECK(rows[0][6].as<int>() == 0);
}

TEST_CASE("texts that PostgreSQL can't hold are data errors") {
    store::TextArray array;
    CHECK_THROWS_AS(array.add(std::string_view("a\0b", 3)), base::DataError);

    const tests::Database database;
    store::Session session(database.options());
    store::TextArray invalid;
    invalid.add("\xff");
    static constexpr store::Statement echo{"echo_invalid", "SELECT unnest($1::text[])"};
    CHECK_THROWS_AS(session.impl().run(
                        [&](store::Transaction& transaction) { transaction.exec(echo, invalid); }),
                    base::DataError);
    session.ping(); // the connection is as good as before
}
