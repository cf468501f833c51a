// SPDX-License-Identifier: GPL-2.0-or-later
// See class_table.hpp. The hash table probes its slots one after the other.
#include "facts/class_table.hpp"

#include <algorithm>

namespace runner::facts {

namespace {

constexpr ClassTable::Number empty = 0xFFFF'FFFF;

} // namespace

/// The place of `code`, or the free one where it belongs.
std::size_t ClassTable::slot(std::int64_t code) const noexcept {
    auto h = static_cast<std::uint64_t>(code) * 0x9E37'79B9'7F4A'7C15U;
    h ^= h >> 32;
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = h & mask;
    while (slots_[at] != empty && classes_[slots_[at]].code != code)
        at = (at + 1) & mask;
    return at;
}

void ClassTable::grow_slots() {
    slots_.assign(std::max<std::size_t>(64, slots_.size() * 2), empty);
    for (Number n = 0; n < classes_.size(); ++n)
        slots_[slot(classes_[n].code)] = n;
}

std::optional<ClassTable::Number> ClassTable::find(const entity::EntityId& id) const noexcept {
    if (slots_.empty())
        return std::nullopt;
    const Number found = slots_[slot(entity::code_of(id))];
    return found != empty ? std::optional{found} : std::nullopt;
}

ClassTable::Number ClassTable::number(const entity::EntityId& id) {
    if ((classes_.size() + 1) * 3 > slots_.size() * 2)
        grow_slots();
    const std::int64_t code = entity::code_of(id);
    Number& place = slots_[slot(code)];
    if (place == empty) {
        place = static_cast<Number>(classes_.size());
        classes_.push_back({.code = code});
    }
    return place;
}

bool ClassTable::set_edges(Number number_of, std::span<const entity::EntityId> superclasses) {
    scratch_.clear();
    for (const auto& superclass : superclasses)
        scratch_.push_back(number(superclass));
    Class& place = classes_[number_of];
    if (std::ranges::equal(scratch_, edges(place)))
        return false;
    unused_ += place.edges_count;
    place.edges_begin = static_cast<std::uint32_t>(edges_.size());
    place.edges_count = static_cast<std::uint32_t>(scratch_.size());
    edges_.insert(edges_.end(), scratch_.begin(), scratch_.end());
    if (unused_ > 1024 && unused_ > edges_.size() / 2)
        drop_unused_edges();
    return true;
}

void ClassTable::drop_unused_edges() {
    std::vector<Number> kept;
    kept.reserve(edges_.size() - unused_);
    for (Class& each : classes_) {
        const auto of = edges(each);
        each.edges_begin = static_cast<std::uint32_t>(kept.size());
        kept.insert(kept.end(), of.begin(), of.end());
    }
    edges_ = std::move(kept);
    unused_ = 0;
}

std::size_t ClassTable::bytes() const noexcept {
    return classes_.size() * sizeof(Class) +
           (edges_.capacity() + slots_.capacity()) * sizeof(Number);
}

} // namespace runner::facts
