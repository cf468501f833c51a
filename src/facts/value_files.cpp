// SPDX-License-Identifier: GPL-2.0-or-later
// A row is a key (16 bytes, of which the last bit says that the entity only asks) and the code of
// an entity (8). The file "shared-values" is sorted by
// key, then by the id as text: of a value that very many share the first eleven are kept, ten and
// the entity that asks.
#include "facts/value_files.hpp"

#include "base/error.hpp"
#include "entity/id_code.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <tuple>

namespace runner::facts {
namespace {

using base::DiskFile;
using results::ValueKey;

struct Row {
    ValueKey key;
    std::int64_t entity;
};
static_assert(sizeof(Row) == 24);

constexpr std::size_t buffer_size = std::size_t{32} << 10; // of a part
constexpr std::size_t step = 64;                           // rows per read
constexpr std::size_t most_kept = results::max_named_others + 1;

constexpr std::uint8_t asks = 1; // in the last byte of a key

ValueKey without_bit(ValueKey key) noexcept {
    key.back() &= static_cast<std::uint8_t>(~asks);
    return key;
}

bool only_asks(const Row& row) noexcept { return (row.key.back() & asks) != 0; }

std::string_view bytes_of(const Row& row) {
    return {reinterpret_cast<const char*>(&row), sizeof row};
}

} // namespace

ValueCollector::ValueCollector(const std::filesystem::path& folder)
    : folder_(folder), parts_(parts) {
    for (std::size_t i = 0; i < parts; ++i)
        std::filesystem::remove(part_path(i));
}

ValueCollector::~ValueCollector() {
    std::error_code ignored;
    for (std::size_t i = 0; i < parts; ++i)
        std::filesystem::remove(part_path(i), ignored);
}

std::filesystem::path ValueCollector::part_path(std::size_t part) const {
    return folder_ / ("values-" + std::to_string(part));
}

void ValueCollector::flush(std::size_t part) {
    Part& to = parts_[part];
    if (to.buffer.empty())
        return;
    DiskFile file(part_path(part), DiskFile::Mode::read_write);
    file.write(to.written, to.buffer);
    to.written += to.buffer.size();
    to.buffer.clear();
}

void ValueCollector::add(const entity::EntityId& entity, std::span<const CollectedValue> values) {
    const std::lock_guard lock(mutex_);
    for (const CollectedValue& value : values) {
        const std::size_t part = value.key[0];
        Row row{without_bit(value.key), entity::code_of(entity)};
        if (!value.has)
            row.key.back() |= asks;
        parts_[part].buffer += bytes_of(row);
        if (parts_[part].buffer.size() >= buffer_size)
            flush(part);
    }
}

void ValueCollector::finish() {
    const std::lock_guard lock(mutex_);
    DiskFile shared(folder_ / "shared-values", DiskFile::Mode::create);
    std::uint64_t end = 0;
    std::vector<Row> rows;
    for (std::size_t part = 0; part < parts; ++part) {
        flush(part);
        rows.resize(parts_[part].written / sizeof(Row));
        if (rows.empty())
            continue;
        {
            const DiskFile file(part_path(part), DiskFile::Mode::read);
            if (file.read(0, reinterpret_cast<char*>(rows.data()), rows.size() * sizeof(Row)) !=
                rows.size() * sizeof(Row))
                throw base::IoError(file.path().string() + " is truncated");
        }
        std::filesystem::remove(part_path(part));
        std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
            return std::tuple(without_bit(a.key), a.entity, only_asks(a)) <
                   std::tuple(without_bit(b.key), b.entity, only_asks(b));
        });
        std::string out;
        for (auto first = rows.begin(); first != rows.end();) {
            const ValueKey key = without_bit(first->key);
            auto last = std::find_if(first, rows.end(),
                                     [&](const Row& row) { return without_bit(row.key) != key; });
            const auto unique = std::unique(
                first, last, [](const Row& a, const Row& b) { return a.entity == b.entity; });
            if (unique - first > 1) {
                std::vector<std::pair<std::string, std::int64_t>> ids;
                for (auto row = first; row != unique; ++row)
                    if (!only_asks(*row))
                        ids.emplace_back(entity::id_of(row->entity).to_string(), row->entity);
                const std::size_t kept = std::min(ids.size(), most_kept);
                std::partial_sort(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(kept),
                                  ids.end());
                for (std::size_t i = 0; i < kept; ++i)
                    out += bytes_of({key, ids[i].second});
            }
            first = last;
        }
        shared.write(end, out);
        end += out.size();
    }
}

SharedValues::SharedValues(const std::filesystem::path& folder)
    : rows_(folder / "shared-values", DiskFile::Mode::read), count_(rows_.size() / sizeof(Row)) {
    constexpr std::size_t at_once = 4096 * step;
    std::vector<Row> rows(std::min<std::uint64_t>(at_once, count_));
    for (std::uint64_t at = 0; at < count_; at += at_once) {
        const std::size_t n = rows_.read(at * sizeof(Row), reinterpret_cast<char*>(rows.data()),
                                         rows.size() * sizeof(Row)) /
                              sizeof(Row);
        for (std::size_t i = 0; i < n; i += step)
            steps_.push_back(rows[i].key);
    }
}

std::vector<std::vector<entity::EntityId>> SharedValues::others(const entity::EntityId& self,
                                                                std::span<const ValueKey> keys) {
    std::vector<std::vector<entity::EntityId>> found(keys.size());
    std::array<Row, step + most_kept> rows;
    for (std::size_t i = 0; i < keys.size(); ++i) {
        // the rows of a key begin in the step before the first one that is not below it
        const ValueKey wanted = without_bit(keys[i]);
        auto at = std::lower_bound(steps_.begin(), steps_.end(), wanted) - steps_.begin();
        at = std::max<std::ptrdiff_t>(at - 1, 0);
        const std::size_t n = rows_.read(static_cast<std::uint64_t>(at) * step * sizeof(Row),
                                         reinterpret_cast<char*>(rows.data()), sizeof rows) /
                              sizeof(Row);
        const auto end = rows.begin() + static_cast<std::ptrdiff_t>(n);
        auto row = std::lower_bound(rows.begin(), end, wanted,
                                    [](const Row& r, const ValueKey& key) { return r.key < key; });
        for (; row != end && row->key == wanted; ++row)
            if (const auto id = entity::id_of(row->entity);
                id != self && found[i].size() < results::max_named_others)
                found[i].push_back(id);
        std::sort(found[i].begin(), found[i].end());
    }
    return found;
}

} // namespace runner::facts
