// SPDX-License-Identifier: GPL-2.0-or-later
// See server_fitness.hpp.
//
// A pooler shows itself: it gives clients process ids of its own, for their cancel requests, which
// differ from what the server says of its process. In session mode a client keeps its server
// process until it disconnects. In transaction mode an idle client has none, so that the next
// client is given the process that the first one had (PgBouncer takes the one that was used last),
// or the first one sees another process than before. Prepared statements and the lock that shows a
// runner to live do not survive that, and the runner's settings would stay in connections that
// other clients use.
#include "store/common/server_fitness.hpp"

#include "store/common/session_impl.hpp"

namespace runner::store {

namespace {

constexpr int looks = 3; // other clients may come between

int server_process(pqxx::connection& connection) {
    pqxx::nontransaction question(connection);
    return question.exec("SELECT pg_backend_pid()")[0][0].as<int>();
}

bool gives_session_for_each_transaction(pqxx::connection& first, const std::string& conninfo) {
    const auto other = open_connection(conninfo);
    pqxx::connection& second = *other;
    int process = server_process(first);
    for (int look = 0; look < looks; ++look) {
        if (server_process(second) == process)
            return true;
        const int now = server_process(first);
        if (now != process)
            return true;
        process = now;
    }
    return false;
}

} // namespace

void require_fit_server(pqxx::connection& connection, const DatabaseOptions& options) {
    int process = 0;
    std::string encoding;
    {
        pqxx::nontransaction question(connection);
        const auto row = question.exec(
            "SELECT pg_backend_pid(), pg_encoding_to_char(encoding), datname FROM pg_database "
            "WHERE datname = current_database()")[0];
        process = row[0].as<int>();
        encoding = row[1].as<std::string>();
        if (encoding != "UTF8")
            throw UnfitError("the database \"" + row[2].as<std::string>() + "\" has the encoding " +
                             encoding +
                             ", which can't represent every text: create one with "
                             "CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0");
    }
    if (process == connection.backendpid() || options.contact->pooler_is_fit())
        return;
    if (gives_session_for_each_transaction(connection, options.conninfo))
        throw UnfitError(std::string(sentence_of("26000")));
    options.contact->note_fit_pooler();
}

} // namespace runner::store
