// SPDX-License-Identifier: GPL-2.0-or-later
// See replica.hpp. Everything is bytes: the connection's character set is binary, as MediaWiki's
// columns are.
#include "source/replica.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <errmsg.h>
#include <mysql.h>
#include <mysqld_error.h>
#include <sys/socket.h>
#include <utility>

namespace runner::source {

namespace {

using std::chrono::milliseconds;

constexpr unsigned patience = 5; // seconds beyond the limit that the server itself keeps to

MYSQL_RES* result_of(const std::shared_ptr<void>& result) {
    return static_cast<MYSQL_RES*>(result.get());
}

bool is_timeout(unsigned code) {
    return code == ER_STATEMENT_TIMEOUT || code == ER_QUERY_INTERRUPTED;
}

bool is_away(unsigned code) {
    switch (code) {
    case ER_CON_COUNT_ERROR:
    case ER_SERVER_SHUTDOWN:
    case ER_NORMAL_SHUTDOWN:
    case ER_CONNECTION_KILLED:
    case ER_LOCK_WAIT_TIMEOUT:
    case ER_LOCK_DEADLOCK:
    case ER_TOO_MANY_USER_CONNECTIONS:
    case ER_USER_LIMIT_REACHED:
    case ER_OUT_OF_RESOURCES:
    case ER_OUTOFMEMORY:
    case ER_NEW_ABORTING_CONNECTION:
    case ER_NET_READ_ERROR:
    case ER_NET_READ_INTERRUPTED:
    case ER_NET_ERROR_ON_WRITE: return true;
    default: return code >= CR_MIN_ERROR && code <= CR_MAX_ERROR;
    }
}

const char* refusal(unsigned code) {
    switch (code) {
    case ER_ACCESS_DENIED_ERROR:
    case ER_ACCESS_DENIED_NO_PASSWORD_ERROR:
    case ER_DBACCESS_DENIED_ERROR:
    case ER_TABLEACCESS_DENIED_ERROR:
    case ER_COLUMNACCESS_DENIED_ERROR:
    case ER_SPECIFIC_ACCESS_DENIED_ERROR:
    case ER_HOST_NOT_PRIVILEGED:
    case ER_HOST_IS_BLOCKED: return "access_denied";
    case ER_BAD_DB_ERROR: return "no_database";
    case ER_NO_SUCH_TABLE:
    case ER_BAD_FIELD_ERROR:
    case ER_VIEW_INVALID: return "no_table";
    default: return "statement_refused";
    }
}

/// Throws what an error of the database means here.
[[noreturn]] void raise(const config::WikiSettings& wiki, unsigned code, const char* said) {
    const std::string what =
        fmt::format("replica {} of {}: {} ({})", wiki.replica_database, wiki.id, said, code);
    if (is_timeout(code))
        throw ReplicaTimeout(what);
    if (is_away(code))
        throw SourceUnavailable(what);
    throw ReplicaRefused(refusal(code), what);
}

unsigned seconds(milliseconds time) {
    return static_cast<unsigned>(
        std::max<std::int64_t>(1, std::chrono::ceil<std::chrono::seconds>(time).count()));
}

const char* or_null(const std::string& text) { return text.empty() ? nullptr : text.c_str(); }

} // namespace

struct Replica::Connection {
    Connection() {
        static std::once_flag once; // the library's own start is not for several threads
        std::call_once(once, [] { mysql_library_init(0, nullptr, nullptr); });
        if (mysql_init(&mysql) == nullptr)
            throw base::OsError("out of memory for a connection to MariaDB");
    }
    ~Connection() { mysql_close(&mysql); }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    MYSQL mysql{};
};

bool ReplicaRows::next() {
    row_ = mysql_fetch_row(result_of(result_));
    lengths_ = row_ == nullptr ? nullptr : mysql_fetch_lengths(result_of(result_));
    return row_ != nullptr;
}

std::optional<std::string_view> ReplicaRows::operator[](unsigned column) const {
    if (row_ == nullptr || row_[column] == nullptr)
        return std::nullopt;
    return std::string_view(row_[column], lengths_[column]);
}

Replica::Replica(const config::WikiSettings& wiki) : wiki_(wiki) {}

Replica::~Replica() = default;

void Replica::connect() {
    auto made = std::make_unique<Connection>();
    MYSQL* mysql = &made->mysql;
    const unsigned connect_seconds = seconds(wiki_.replica_connect_timeout);
    const unsigned answer_seconds = seconds(wiki_.replica_statement_timeout) + patience;
    mysql_options(mysql, MYSQL_OPT_CONNECT_TIMEOUT, &connect_seconds);
    mysql_options(mysql, MYSQL_OPT_READ_TIMEOUT, &answer_seconds);
    mysql_options(mysql, MYSQL_OPT_WRITE_TIMEOUT, &answer_seconds);
    mysql_options(mysql, MYSQL_SET_CHARSET_NAME, "binary");
    if (!wiki_.replica_defaults_file.empty())
        mysql_options(mysql, MYSQL_READ_DEFAULT_FILE, wiki_.replica_defaults_file.c_str());
    const std::string socket = wiki_.replica_socket.string();
    if (mysql_real_connect(mysql, socket.empty() ? or_null(wiki_.replica_host) : "localhost",
                           or_null(wiki_.replica_user), or_null(wiki_.replica_password),
                           wiki_.replica_database.c_str(), wiki_.replica_port, or_null(socket),
                           0) == nullptr)
        raise(wiki_, mysql_errno(mysql), mysql_error(mysql));
    // with a time zone of its own, times of columns would be ambiguous for an hour each year
    for (const std::string_view setting :
         {"SET SESSION TRANSACTION READ ONLY", "SET SESSION time_zone = '+00:00'"})
        if (mysql_real_query(mysql, setting.data(), setting.size()) != 0)
            raise(wiki_, mysql_errno(mysql), mysql_error(mysql));
    // a list of keys longer than 1,000 would become a table to join, and the planner might then
    // read all of the other one; old servers do not know the variable, and do no such thing
    constexpr std::string_view keys = "SET SESSION in_predicate_conversion_threshold = 0";
    if (mysql_real_query(mysql, keys.data(), keys.size()) != 0 &&
        mysql_errno(mysql) != ER_UNKNOWN_SYSTEM_VARIABLE)
        raise(wiki_, mysql_errno(mysql), mysql_error(mysql));
    use(std::move(made));
}

void Replica::use(std::unique_ptr<Connection> connection) noexcept {
    const std::lock_guard lock(mutex_);
    std::swap(connection_, connection);
}

ReplicaRows Replica::query(std::string_view select, std::optional<milliseconds> limit) {
    if (!connection_)
        connect();
    const milliseconds time =
        std::min(limit.value_or(wiki_.replica_statement_timeout), wiki_.replica_statement_timeout);
    const std::string statement = fmt::format("SET STATEMENT max_statement_time={:.3f} FOR {}",
                                              std::chrono::duration<double>(time).count(), select);
    MYSQL* mysql = &connection_->mysql;
    // the whole answer is taken before any of it is looked at: an error after half of it counts
    MYSQL_RES* result = nullptr;
    if (mysql_real_query(mysql, statement.data(), statement.size()) == 0)
        result = mysql_store_result(mysql);
    if (result == nullptr) {
        const unsigned code = mysql_errno(mysql);
        const std::string said = code != 0 ? mysql_error(mysql) : "an answer without rows";
        if (code == 0 || is_away(code))
            use(nullptr); // a new connection next time
        raise(wiki_, code, said.c_str());
    }
    return ReplicaRows(std::shared_ptr<void>(
        result, [](void* stored) { mysql_free_result(static_cast<MYSQL_RES*>(stored)); }));
}

std::string Replica::literal(std::string_view bytes) {
    if (bytes.empty())
        return "''";
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string text = "x'";
    text.reserve(3 + 2 * bytes.size());
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        text += digits[byte >> 4U];
        text += digits[byte & 15U];
    }
    return text + '\'';
}

void Replica::interrupt() noexcept {
    const std::lock_guard lock(mutex_);
    if (connection_)
        ::shutdown(static_cast<int>(mysql_get_socket(&connection_->mysql)), SHUT_RDWR);
}

} // namespace runner::source
