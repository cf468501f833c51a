// SPDX-License-Identifier: GPL-2.0-or-later
#include "publish/dump_text.hpp"

#include <algorithm>

namespace runner::publish {

namespace {

constexpr std::array<std::string_view, dump_formats> extensions{".ttl", ".nt", ".csv", ".ndjson"};

} // namespace

std::string_view name_of(DumpFormat format) noexcept {
    return dump_format_names[static_cast<std::size_t>(format)];
}

std::string_view extension_of(DumpFormat format) noexcept {
    return extensions[static_cast<std::size_t>(format)];
}

std::optional<DumpFormat> dump_format_from(std::string_view name) noexcept {
    const auto at = std::find(dump_format_names.begin(), dump_format_names.end(), name);
    if (at == dump_format_names.end())
        return std::nullopt;
    return static_cast<DumpFormat>(at - dump_format_names.begin());
}

PairWriter::PairWriter(DumpFormat format, const std::string& concept_base_uri, PairOptions options)
    : options_(options) {
    if (format == DumpFormat::turtle || format == DumpFormat::ntriples)
        rdf_.emplace(format == DumpFormat::turtle ? RdfWriter::Syntax::turtle
                                                  : RdfWriter::Syntax::ntriples,
                     concept_base_uri, options.details);
}

std::string PairWriter::header() const {
    return rdf_ ? rdf_->header() : csv_header(options_.sentences, options_.own);
}

unsigned PairWriter::append(std::string& out, const ViolationRow& row, RdfParts parts) const {
    if (rdf_)
        return rdf_->append(out, row, parts);
    append_csv(out, row, options_.sentences, options_.own);
    return 1;
}

} // namespace runner::publish
