// SPDX-License-Identifier: GPL-2.0-or-later
// A GET that reads the store is one row: path, parameters, and a function from a session and the
// request to JSON. Checking the parameters, 404 for unknown wikis, formats, paging and errors are
// the same for all of them, and done in read.cpp.
#pragma once

#include "api/backend.hpp"
#include "api/list.hpp"
#include "api/router.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace runner::store {
class Session;
}

namespace runner::api {

/// A parameter of the query, or a `{segment}` of the path.
struct Parameter {
    enum class Kind : std::uint8_t {
        text,
        wiki,     ///< one that is configured and that the client may see
        entity,   ///< an id of an entity
        item,     ///< an id of an item
        property, ///< an id of a property
        flag,     ///< true or false
        number,   ///< a cursor of a list that is sorted by one
        import,   ///< the number of an import that the client may see
        choice,   ///< one of `choices`
    };
    std::string_view name;
    Kind kind = Kind::text;
    bool required = false;
    std::span<const std::string_view> choices = {};
};

/// A request whose parameters are checked.
class ReadRequest {
public:
    /// Throws ApiError. `parameters` must outlive it.
    ReadRequest(Request request, std::span<const Parameter> parameters, std::string_view pattern,
                const Backend& backend);
    /// What only the database knows; throws ApiError.
    void check(store::Session& session) const;

    [[nodiscard]] const Request& request() const noexcept { return request_; }
    /// Empty: all wikis.
    [[nodiscard]] const std::string& wiki() const noexcept { return wiki_; }
    /// Whether anything is found beyond WBQC in that wiki.
    [[nodiscard]] bool has_extras() const noexcept { return has_extras_; }
    /// Empty when it was not given.
    [[nodiscard]] std::string_view text(std::string_view name) const;
    [[nodiscard]] std::optional<entity::EntityId> entity(std::string_view name) const;
    [[nodiscard]] bool flag(std::string_view name) const;
    [[nodiscard]] std::uint64_t number(std::string_view name) const; ///< 0: not given
    [[nodiscard]] std::uint64_t import() const noexcept { return import_; }
    /// Of a list: how many rows at most.
    [[nodiscard]] std::uint32_t limit() const noexcept { return limit_; }
    /// Of a list: `next` of the page before; empty: this is the first.
    [[nodiscard]] std::string_view after() const { return request_.parameter("after"); }

private:
    void check(const Parameter& parameter, std::string_view given, const Backend& backend);

    Request request_;
    std::string_view pattern_;
    std::string wiki_;
    std::uint64_t import_ = 0;
    std::uint32_t limit_ = 0;
    bool has_extras_ = false;
};

struct ReadRow {
    std::string_view path;
    std::span<const Parameter> parameters;
    /// Of one thing: its JSON. Throws ApiError 404 when there is none.
    std::string (*one)(store::Session&, const ReadRequest&) = nullptr;
    /// Of a list: a page; `limit`, `format` and the cursor are parameters of each.
    ListPage (*page)(store::Session&, const ReadRequest&) = nullptr;
    ListSpec list = {};
};

/// All of them; the table is in read_rows.cpp.
[[nodiscard]] std::span<const ReadRow> read_rows() noexcept;

/// Both references must outlive the router.
void add_read_routes(Router& router, Backend& backend);

/// The entity and what is before it of a cursor "…|Q42". Throws ApiError 400 when it is none.
[[nodiscard]] std::optional<store::EntityKey> key_of_cursor(std::string_view cursor);
[[noreturn]] void bad_cursor();

} // namespace runner::api
