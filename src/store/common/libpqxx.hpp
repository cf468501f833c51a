// SPDX-License-Identifier: GPL-2.0-or-later
// Hides the differences between libpqxx 6.4 and 7. Private to src/store.
#pragma once

#include <pqxx/pqxx>

#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace runner::store {

using TextHandler = std::function<void(std::string_view)>;

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

/// Owns a handler of notices or notifications; must end before its connection.
using Notices = std::unique_ptr<pqxx::errorhandler>;
using Listening = std::unique_ptr<pqxx::notification_receiver>;

/// Calls `handler` with the server's notices. It must not throw.
[[nodiscard]] inline Notices take_notices(pqxx::connection& connection, TextHandler handler) {
    class Handler : public pqxx::errorhandler {
    public:
        Handler(pqxx::connection& connection, TextHandler handler)
            : errorhandler(connection), handler_(std::move(handler)) {}
        bool operator()(const char message[]) noexcept override {
            handler_(message);
            return false;
        }

    private:
        TextHandler handler_;
    };
    return std::make_unique<Handler>(connection, std::move(handler));
}

/// Calls `handler` with the text of each notification of the channel, inside get_notifs().
[[nodiscard]] inline Listening listen(pqxx::connection& connection, const std::string& channel,
                                      TextHandler handler) {
    class Receiver : public pqxx::notification_receiver {
    public:
        Receiver(pqxx::connection& connection, const std::string& channel, TextHandler handler)
            : notification_receiver(connection, channel), handler_(std::move(handler)) {}
        void operator()(const std::string& text, int) override { handler_(text); }

    private:
        TextHandler handler_;
    };
    return std::make_unique<Receiver>(connection, channel, std::move(handler));
}

/// Whether libpqxx threw it: beside pqxx::failure there are errors of its use.
[[nodiscard]] inline bool of_libpqxx(const std::exception& error) noexcept {
    return dynamic_cast<const pqxx::pqxx_exception*>(&error) != nullptr;
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

struct Notices {};
struct Listening {};

[[nodiscard]] inline Notices take_notices(pqxx::connection& connection, TextHandler handler) {
    connection.set_notice_handler(std::move(handler));
    return {};
}

[[nodiscard]] inline Listening listen(pqxx::connection& connection, const std::string& channel,
                                      TextHandler handler) {
    connection.listen(channel, [handler = std::move(handler)](const pqxx::notification& each) {
        handler(each.payload);
    });
    return {};
}

[[nodiscard]] inline bool of_libpqxx(const std::exception& error) noexcept {
    const auto is = [&]<typename... Types>() {
        return (... || (dynamic_cast<const Types*>(&error) != nullptr));
    };
    return is
        .template operator()<pqxx::failure, pqxx::internal_error, pqxx::usage_error,
                             pqxx::argument_error, pqxx::conversion_error, pqxx::range_error>();
}

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
