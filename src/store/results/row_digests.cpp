// SPDX-License-Identifier: GPL-2.0-or-later
// See row_digests.hpp.
#include "store/results/row_digests.hpp"

#include "base/sha1.hpp"

#include <string>
#include <string_view>

namespace runner::store {

namespace {

/// Fields end with a zero byte, which no text in the database holds.
class Fields {
public:
    void add(std::string_view text) { bytes_.append(text) += '\0'; }
    void add(const entity::EntityId& id) {
        id.append_to(bytes_);
        bytes_ += '\0';
    }
    void add(std::uint64_t number) {
        for (int shift = 0; shift < 64; shift += 8)
            bytes_ += static_cast<char>(number >> shift);
    }
    void add(std::uint8_t byte) { bytes_ += static_cast<char>(byte); }
    void add(bool flag) { bytes_ += flag ? '1' : '0'; }
    [[nodiscard]] std::int64_t digest() {
        std::uint64_t out = 0;
        const auto hash = base::sha1(bytes_);
        for (std::size_t i = 0; i < 8; ++i)
            out = out << 8U | hash[i];
        bytes_.clear();
        return static_cast<std::int64_t>(out);
    }

private:
    std::string bytes_;
};

} // namespace

RowDigests digests_of(const results::StoredResult& result, const entity::EntityId& entity) {
    RowDigests out;
    Fields fields;
    for (const results::Violation& row : result.violations) {
        fields.add(row.statement);
        fields.add(row.constraint);
        fields.add(std::uint64_t{row.property.number});
        fields.add(row.type);
        fields.add(results::to_string(row.status));
        fields.add(row.message_key);
        fields.add(row.own);
        fields.add(row.fix);
        fields.add(row.own_status);
    }
    out.pairs = fields.digest();
    for (const results::Dependency& row : result.dependencies) {
        fields.add(row.id);
        if (row.id == entity)
            continue;
        fields.add(row.revision);
        fields.add(row.seen.has_value());
        fields.add(row.seen.value_or(0));
        fields.add(row.named);
    }
    fields.add(std::string_view{});
    if (!result.violations.empty())
        for (const entity::EntityId& id : result.classes)
            fields.add(id);
    fields.add(std::string_view{});
    for (const entity::EntityId& id : result.checked_classes)
        fields.add(id);
    fields.add(std::string_view{});
    for (const results::IndexedValue& value : result.values)
        for (const std::uint8_t byte : value.key)
            fields.add(byte);
    out.links = fields.digest();
    return out;
}

} // namespace runner::store
