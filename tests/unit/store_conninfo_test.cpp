// SPDX-License-Identifier: GPL-2.0-or-later
// What libpq makes of connection strings.
#include "store/common/conninfo.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace runner;

TEST_CASE("what libpq does not take is said in its words, and never with a password") {
    CHECK(store::libpq_problem("").empty());
    CHECK(store::libpq_problem("postgresql://u:a%2Fb%25@h1:1,[::1]:2/d").empty());
    CHECK(store::libpq_problem("hst=a") ==
          "libpq does not take it: invalid connection option \"hst\"");
    for (const char* bad :
         {"host=h password='se cret' secret=b", "postgresql://u:se%2Fcret%25@h/d?secret=1",
          "postgresql://u:secret@[h/d", "postgresql://h/d?password=se%25cret&secret=1"}) {
        CAPTURE(bad);
        CHECK_THAT(store::libpq_problem(bad),
                   Catch::StartsWith("libpq does not take it: ") && !Catch::Contains("cret"));
    }
}

TEST_CASE("the hosts of a connection string are those that libpq would ask") {
    using Hosts = std::vector<std::string>;
    CHECK(store::conninfo_hosts("host=a,,b dbname=x password=h") == Hosts{"a", "b"});
    CHECK(store::conninfo_hosts("postgresql://u:p%2F%25@h1:1,[::1]:2/d") == Hosts{"h1", "::1"});
    CHECK(store::conninfo_hosts("postgres://%2Frun%2Fpostgresql/d") == Hosts{"/run/postgresql"});
    CHECK(store::conninfo_hosts("dbname=x").empty());
    CHECK(store::conninfo_hosts("hst=a").empty());
}
