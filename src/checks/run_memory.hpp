// SPDX-License-Identifier: GPL-2.0-or-later
// A cache of findings of the checks of one run over an entity. Thousands of statements with one
// property often need the same of thousands of others; computed once, the cost is their sum and not
// their product.
#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>

namespace runner::checks {

class RunMemory {
public:
    /// Shorter lists are scanned each time.
    static constexpr std::size_t long_list = 16;

    /// `find()`, called once for each pair; null is an answer too. `of` is what was looked
    /// through (`length` long), `by` the caller: an object that lives as long as the run.
    template <typename T, typename Find>
    const T* once(const void* of, const void* by, std::size_t length, Find find) {
        if (length < long_list)
            return find();
        const Key key{of, by};
        if (const auto known = answers_.find(key); known != answers_.end())
            return static_cast<const T*>(known->second);
        const T* found = find(); // which may ask for more: no iterator is kept meanwhile
        answers_.emplace(key, found);
        return found;
    }

private:
    struct Key {
        const void* of;
        const void* by;
        friend bool operator==(const Key&, const Key&) = default;
    };
    struct Hash {
        std::size_t operator()(const Key& key) const noexcept {
            return (reinterpret_cast<std::uintptr_t>(key.of) >> 3) * 0x9E3779B97F4A7C15ULL ^
                   (reinterpret_cast<std::uintptr_t>(key.by) >> 3);
        }
    };
    std::unordered_map<Key, const void*, Hash> answers_;
};

} // namespace runner::checks
