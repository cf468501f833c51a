// SPDX-License-Identifier: GPL-2.0-or-later
// See commons_files.hpp.
#include "store/commons_files.hpp"

#include "store/session_impl.hpp"

#include <array>
#include <set>

namespace runner::store {

namespace {

// Looked up one by one: a plan of a join, made while the table is small and kept with the
// statement, would read all of it for each chunk later.
constexpr Statement seen_files{"seen_files", R"(
SELECT n.page_id FROM unnest($4::bigint[]) AS n(page_id)
CROSS JOIN LATERAL (
    SELECT FROM constraint_runner.commons_file f
    WHERE f.wiki = $1 AND f.subject_key = $2::uuid AND f.page_id = n.page_id
      AND f.import_id = $3 AND f.change <> 4
    ORDER BY f.page_id LIMIT 1) f)"};

// What was seen earlier in the same import (in another of its categories, or by a chunk that is
// repeated) keeps what was found then. A vanished file that is back is new.
constexpr Statement upsert_files{"upsert_files", R"(
INSERT INTO constraint_runner.commons_file AS f
    (wiki, subject_key, import_id, change, page_id, name, major_mime, minor_mime, width, height,
     first_user_id, first_user, first_at, latest_user_id, latest_user, latest_at, archive_name)
SELECT $1, $2::uuid, $3, 1, page_id, name, major_mime, minor_mime, width, height,
       first_user_id, first_user, first_at, latest_user_id, latest_user, latest_at, archive_name
FROM unnest($4::bigint[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::bigint[],
            $10::bigint[], $11::text[], $12::text[], $13::bigint[], $14::text[], $15::text[],
            $16::text[])
     AS n(page_id, name, major_mime, minor_mime, width, height, first_user_id, first_user,
          first_at, latest_user_id, latest_user, latest_at, archive_name)
ORDER BY page_id
ON CONFLICT (wiki, subject_key, page_id) DO UPDATE SET
    import_id = excluded.import_id, name = excluded.name, major_mime = excluded.major_mime,
    minor_mime = excluded.minor_mime, width = excluded.width, height = excluded.height,
    first_user_id = excluded.first_user_id, first_user = excluded.first_user,
    first_at = excluded.first_at, latest_user_id = excluded.latest_user_id,
    latest_user = excluded.latest_user, latest_at = excluded.latest_at,
    archive_name = excluded.archive_name,
    previous_name = CASE WHEN f.import_id = excluded.import_id THEN f.previous_name
                         WHEN f.name <> excluded.name AND f.change <> 4 THEN f.name END,
    change = CASE
        WHEN f.change = 4 THEN 1
        WHEN f.import_id = excluded.import_id THEN f.change
        WHEN f.name <> excluded.name THEN 3
        WHEN (f.major_mime, f.minor_mime, f.width, f.height, f.first_user_id, f.first_user,
              f.first_at, f.latest_user_id, f.latest_user, f.latest_at, f.archive_name)
             IS DISTINCT FROM
             (excluded.major_mime, excluded.minor_mime, excluded.width, excluded.height,
              excluded.first_user_id, excluded.first_user, excluded.first_at,
              excluded.latest_user_id, excluded.latest_user, excluded.latest_at,
              excluded.archive_name) THEN 2
        ELSE 0 END
RETURNING page_id, change)"};

constexpr Statement mark_vanished{"mark_vanished", R"(
UPDATE constraint_runner.commons_file SET change = 4, import_id = $3
WHERE wiki = $1 AND subject_key = $2::uuid AND page_id = ANY ($4::bigint[])
  AND change <> 4 AND import_id <> $3)"};

constexpr Statement unseen_files{"unseen_files", R"(
SELECT page_id FROM constraint_runner.commons_file
WHERE wiki = $1 AND subject_key = $2::uuid AND page_id > $4 AND import_id <> $3 AND change <> 4
ORDER BY page_id LIMIT $5)"};

constexpr Statement find_subject{"find_subject", R"(
SELECT wiki, subject_key::text FROM constraint_runner.import
WHERE id = $1 AND kind = 'category')"};

#define RUNNER_FILE_COLUMNS                                                                        \
    "SELECT page_id, name, major_mime, minor_mime, width, height, first_user_id, first_user, "     \
    "first_at, latest_user_id, latest_user, latest_at, archive_name, change, previous_name "       \
    "FROM constraint_runner.commons_file WHERE wiki = $1 AND subject_key = $2::uuid AND page_id > $3 "

constexpr Statement list_files{"list_files",
                               RUNNER_FILE_COLUMNS "AND change <> 4 ORDER BY page_id LIMIT $4"};
constexpr Statement list_changed_files{
    "list_changed_files",
    RUNNER_FILE_COLUMNS "AND change = $5 AND import_id = $6 ORDER BY page_id LIMIT $4"};

// indexed by FileChange
constexpr std::array<const char*, 4> counted{"files_unchanged", "files_new", "files_changed",
                                             "files_renamed"};

template <typename Array, typename Value>
void add(Array& array, const std::optional<Value>& value) {
    if (value)
        array.add(*value);
    else
        array.add_null();
}

template <typename Value>
std::optional<Value> read(const pqxx::field& field) {
    return field.is_null() ? std::nullopt : std::optional<Value>(field.as<Value>());
}

} // namespace

void CommonsFileRows::write(Transaction& transaction, const ImportKey& import,
                            ImportCounts& counts) const {
    if (!files.empty()) {
        BigintArray pages, widths, heights, first_ids, latest_ids;
        TextArray names, majors, minors, first_users, first_times, latest_users, latest_times,
            archives;
        for (const CommonsFile& file : files) {
            pages.add(file.page_id);
            names.add(file.name);
            majors.add(file.major_mime);
            minors.add(file.minor_mime);
            widths.add(file.width);
            heights.add(file.height);
            add(first_ids, file.first_user_id);
            add(first_users, file.first_user);
            first_times.add(file.first_at);
            add(latest_ids, file.latest_user_id);
            add(latest_users, file.latest_user);
            latest_times.add(file.latest_at);
            add(archives, file.archive_name);
        }
        std::set<std::uint64_t> seen;
        for (const auto& row : transaction.exec(seen_files, import.wiki, import.subject_key,
                                                import.id, pages))
            seen.insert(row[0].as<std::uint64_t>());
        for (const auto& row :
             transaction.exec(upsert_files, import.wiki, import.subject_key, import.id, pages,
                              names, majors, minors, widths, heights, first_ids, first_users,
                              first_times, latest_ids, latest_users, latest_times, archives)) {
            if (seen.contains(row[0].as<std::uint64_t>()))
                continue; // counted then
            ++counts[counted.at(row[1].as<std::size_t>())];
            ++counts["files_imported"];
        }
    }
    if (!vanished.empty()) {
        BigintArray pages;
        for (const std::uint64_t page : vanished)
            pages.add(page);
        counts["files_vanished"] += static_cast<std::int64_t>(
            transaction.exec(mark_vanished, import.wiki, import.subject_key, import.id, pages)
                .affected_rows());
    }
}

std::vector<std::uint64_t> CommonsFileStore::unseen(const ImportKey& import, std::uint64_t after,
                                                    std::uint32_t limit) {
    const auto rows = session_.impl().run([&](Transaction& transaction) {
        return transaction.exec(unseen_files, import.wiki, import.subject_key, import.id, after,
                                limit);
    });
    std::vector<std::uint64_t> pages;
    for (const auto& row : rows)
        pages.push_back(row[0].as<std::uint64_t>());
    return pages;
}

CommonsFileStore::Page CommonsFileStore::page(std::uint64_t import_id, std::uint64_t after,
                                              std::uint32_t limit,
                                              std::optional<FileChange> change) {
    return session_.impl().run([&](Transaction& transaction) {
        Page page;
        const auto subject = transaction.exec(find_subject, import_id);
        if (subject.empty())
            return page;
        page.found = true;
        const auto wiki = subject[0][0].as<std::string>();
        const auto key = subject[0][1].as<std::string>();
        const auto rows =
            change ? transaction.exec(list_changed_files, wiki, key, after, limit,
                                      static_cast<int>(*change), import_id)
                   : transaction.exec(list_files, wiki, key, after, limit);
        page.files.reserve(rows.size());
        for (const auto& row : rows) {
            CommonsFile& file = page.files.emplace_back();
            file.page_id = row[0].as<std::uint64_t>();
            file.name = row[1].as<std::string>();
            file.major_mime = row[2].as<std::string>();
            file.minor_mime = row[3].as<std::string>();
            file.width = row[4].as<std::uint64_t>();
            file.height = row[5].as<std::uint64_t>();
            file.first_user_id = read<std::uint64_t>(row[6]);
            file.first_user = read<std::string>(row[7]);
            file.first_at = row[8].as<std::string>();
            file.latest_user_id = read<std::uint64_t>(row[9]);
            file.latest_user = read<std::string>(row[10]);
            file.latest_at = row[11].as<std::string>();
            file.archive_name = read<std::string>(row[12]);
            file.change = static_cast<FileChange>(row[13].as<int>());
            file.previous_name = read<std::string>(row[14]);
        }
        return page;
    });
}

} // namespace runner::store
