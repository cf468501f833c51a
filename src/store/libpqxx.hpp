// SPDX-License-Identifier: GPL-2.0-or-later
// libpqxx 6.4 and 7: what the two generations write differently. Private to src/store.
#pragma once

#include <pqxx/pqxx>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace runner::store {

#if PQXX_VERSION_MAJOR < 7

/// A parameter in PostgreSQL's binary format.
[[nodiscard]] inline pqxx::binarystring binary_parameter(std::string_view bytes) {
    return {bytes.data(), bytes.size()};
}

/// The bytes of a bytea.
[[nodiscard]] inline std::string read_bytes(const pqxx::field& field) {
    return pqxx::binarystring(field).str();
}

template <typename... Parameters>
pqxx::result exec_prepared(pqxx::transaction_base& transaction, const char* name,
                           Parameters&&... parameters) {
    return transaction.exec_prepared(name, std::forward<Parameters>(parameters)...);
}

/// libpqxx 6 would reconnect by itself, without our settings.
inline void never_reconnect(pqxx::connection& connection) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    connection.inhibit_reactivation(true);
#pragma GCC diagnostic pop
}

/// The elements of a text[]; none when it is null.
[[nodiscard]] inline std::vector<std::string> read_texts(const pqxx::field& field) {
    std::vector<std::string> texts;
    if (field.is_null())
        return texts;
    auto parser = field.as_array();
    for (auto item = parser.get_next(); item.first != pqxx::array_parser::done;
         item = parser.get_next())
        if (item.first == pqxx::array_parser::string_value)
            texts.push_back(item.second);
    return texts;
}

#else

[[nodiscard]] inline pqxx::bytes_view binary_parameter(std::string_view bytes) {
    return pqxx::binary_cast(bytes);
}

[[nodiscard]] inline std::string read_bytes(const pqxx::field& field) {
    const auto bytes = field.as<pqxx::bytes>();
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

template <typename... Parameters>
pqxx::result exec_prepared(pqxx::transaction_base& transaction, const char* name,
                           Parameters&&... parameters) {
    return transaction.exec(pqxx::prepped{name},
                            pqxx::params{std::forward<Parameters>(parameters)...});
}

inline void never_reconnect(pqxx::connection&) {} // it never does

[[nodiscard]] inline std::vector<std::string> read_texts(const pqxx::field& field) {
    std::vector<std::string> texts;
    if (field.is_null())
        return texts;
    const auto array = field.as_sql_array<std::string>();
    for (std::size_t i = 0; i < array.size(); ++i)
        texts.push_back(array[i]);
    return texts;
}

#endif

} // namespace runner::store
