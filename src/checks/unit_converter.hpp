// SPDX-License-Identifier: GPL-2.0-or-later
// Conversion of quantities to standard units by the wiki's unit conversion file (Wikibase's
// UnitConverter with a JsonUnitStorage).
#pragma once

#include "entity/entity.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_map>

namespace runner::checks {

class UnitConverter {
public:
    /// `file` empty: nothing is converted. Throws base::ConfigError naming the file when it can't
    /// be read or is not a conversion file; the message begins with `setting`.
    UnitConverter(const std::filesystem::path& file, std::string concept_base_uri,
                  std::string_view setting = "unit_conversion");
    /// From the content of such a file; `name` is its name in messages.
    UnitConverter(std::string_view text, std::string_view name, std::string concept_base_uri);

    /// An amount (normal form) and its unit.
    struct Standard {
        std::string amount;
        std::string unit;
    };
    /// The quantity in standard units; unchanged if there is no conversion for its unit. With
    /// bounds, a converted amount is rounded to the significant digits between them.
    [[nodiscard]] Standard standardize(const entity::QuantityValue& quantity) const;

private:
    void read(std::string_view text, const std::string& where);

    struct Conversion {
        std::string factor; ///< decimal in normal form; empty when unusable
        std::string unit;
    };
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept {
            return std::hash<std::string_view>{}(text);
        }
    };
    std::string prefix_;
    std::unordered_map<std::string, Conversion, Hash, std::equal_to<>> conversions_;
};

} // namespace runner::checks
