// SPDX-License-Identifier: GPL-2.0-or-later
// The reader's position in a JSON document, so that errors can name the field. Costs two stores a
// level; text is made only when an error is thrown.
#pragma once

#include "base/error.hpp"
#include "base/utf8.hpp"

#include <string>
#include <string_view>

namespace runner::entity {

class JsonPath {
public:
    JsonPath() = default;
    JsonPath(const JsonPath& parent, std::string_view key) : parent_(&parent), key_(key) {}
    JsonPath(const JsonPath& parent, std::size_t index) : parent_(&parent), index_(index) {}

    /// "claims.P31[0].mainsnak"
    [[nodiscard]] std::string to_string() const {
        std::string out = parent_ != nullptr ? parent_->to_string() : std::string{};
        if (parent_ == nullptr)
            return out;
        if (key_.data() == nullptr)
            return out + "[" + std::to_string(index_) + "]";
        if (!out.empty())
            out += '.';
        return out.append(base::utf8_prefix(key_, 100));
    }

    [[noreturn]] void fail(const std::string& what) const {
        const std::string where = to_string();
        throw base::DataError((where.empty() ? std::string{"entity"} : where) + ": " + what);
    }

private:
    const JsonPath* parent_ = nullptr;
    std::string_view key_;
    std::size_t index_ = 0;
};

} // namespace runner::entity
