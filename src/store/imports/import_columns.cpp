// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/imports/import_columns.hpp"

namespace runner::store {

namespace {

std::string text_or_empty(const pqxx::field& field) {
    return field.is_null() ? std::string() : field.as<std::string>();
}

} // namespace

ImportRow read_import_row(const pqxx::row& row) {
    ImportRow import;
    import.id = row[0].as<std::uint64_t>();
    import.wiki = row[1].as<std::string>();
    import.kind = row[2].as<std::string>();
    import.subject = row[3].as<std::string>();
    import.status = row[4].as<std::string>();
    if (!row[5].is_null())
        import.total = ImportTotal{row[5].as<std::uint64_t>(), row[6].as<bool>()};
    import.done = row[7].as<std::uint64_t>();
    import.failed = row[8].as<std::uint64_t>();
    import.rate = row[9].as<double>();
    import.chunk_size = row[10].as<std::uint32_t>();
    import.attempts = row[11].as<std::uint32_t>();
    import.retrying = row[12].as<bool>();
    import.current = row[13].as<std::string>();
    import.counts = row[14].as<std::string>();
    import.details = row[15].as<std::string>();
    import.error_code = text_or_empty(row[16]);
    import.error = text_or_empty(row[17]);
    import.created_at = row[18].as<std::string>();
    import.started_at = text_or_empty(row[19]);
    import.ended_at = text_or_empty(row[20]);
    import.next_attempt = text_or_empty(row[21]);
    import.base_id = row[22].as<std::uint64_t>();
    import.data_deleted_at = text_or_empty(row[23]);
    import.label = row[24].as<std::string>();
    import.owner = row[25].as<std::string>();
    import.notify = row[26].as<std::string>();
    return import;
}

} // namespace runner::store
