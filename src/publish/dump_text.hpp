// SPDX-License-Identifier: GPL-2.0-or-later
// The formats of dumps: their names, and how violation pairs are written in three of them.
#pragma once

#include "publish/rows.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace runner::publish {

/// In the order of arrays that have one of each.
enum class DumpFormat : std::uint8_t { turtle, ntriples, csv, json };
inline constexpr std::array<std::string_view, 4> dump_format_names{"ttl", "nt", "csv", "json"};
inline constexpr std::size_t dump_formats = dump_format_names.size();

[[nodiscard]] std::string_view name_of(DumpFormat format) noexcept;
[[nodiscard]] std::optional<DumpFormat> dump_format_from(std::string_view name) noexcept;
/// Of a file: ".ttl", ".nt", ".csv", ".ndjson".
[[nodiscard]] std::string_view extension_of(DumpFormat format) noexcept;

struct PairOptions {
    bool details = false;   ///< status and type in RDF
    bool sentences = false; ///< a column of CSV
    bool own = false;       ///< columns of CSV: what the runner finds beyond WBQC
};

/// Violation pairs as Turtle, N-Triples or CSV.
class PairWriter {
public:
    /// `concept_base_uri` as RdfWriter. Throws base::ConfigError when no URI can be made of it.
    PairWriter(DumpFormat format, const std::string& concept_base_uri, PairOptions options);

    [[nodiscard]] std::string header() const;
    /// Appends a pair, or the `parts` of it that are asked for in RDF; returns how many triples or
    /// lines that were.
    unsigned append(std::string& out, const ViolationRow& row, RdfParts parts = {}) const;
    [[nodiscard]] bool is_rdf() const noexcept { return rdf_.has_value(); }

private:
    std::optional<RdfWriter> rdf_; ///< none: CSV
    PairOptions options_;
};

} // namespace runner::publish
