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
     first_user_id, first_user, first_at, latest_user_id, latest_user, latest_at, archive_name,
     file_id, latest_revision, category)
SELECT $1, $2::uuid, $3, 1, page_id, name, major_mime, minor_mime, width, height,
       first_user_id, first_user, first_at, latest_user_id, latest_user, latest_at, archive_name,
       file_id, latest_revision, category
FROM unnest($4::bigint[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::bigint[],
            $10::bigint[], $11::text[], $12::text[], $13::bigint[], $14::text[], $15::text[],
            $16::text[], $17::bigint[], $18::bigint[], $19::text[])
     AS n(page_id, name, major_mime, minor_mime, width, height, first_user_id, first_user,
          first_at, latest_user_id, latest_user, latest_at, archive_name, file_id,
          latest_revision, category)
ORDER BY page_id
ON CONFLICT (wiki, subject_key, page_id) DO UPDATE SET
    import_id = excluded.import_id, name = excluded.name, major_mime = excluded.major_mime,
    minor_mime = excluded.minor_mime, width = excluded.width, height = excluded.height,
    first_user_id = excluded.first_user_id, first_user = excluded.first_user,
    first_at = excluded.first_at, latest_user_id = excluded.latest_user_id,
    latest_user = excluded.latest_user, latest_at = excluded.latest_at,
    archive_name = excluded.archive_name, file_id = excluded.file_id,
    latest_revision = excluded.latest_revision,
    category = coalesce(excluded.category, f.category),
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

// with what they were before, and whether this very import had found it
constexpr Statement mark_vanished{"mark_vanished", R"(
WITH gone AS MATERIALIZED (
    SELECT page_id, change, import_id FROM constraint_runner.commons_file
    WHERE wiki = $1 AND subject_key = $2::uuid AND page_id = ANY ($4::bigint[]) AND change <> 4
    ORDER BY page_id FOR UPDATE)
UPDATE constraint_runner.commons_file f SET change = 4, import_id = $3
FROM gone WHERE f.wiki = $1 AND f.subject_key = $2::uuid AND f.page_id = gone.page_id
RETURNING gone.change, gone.import_id = $3)"};

constexpr Statement known_files{"known_files", R"(
SELECT page_id, name, file_id, latest_revision, latest_at, width, height, import_id = $3
FROM constraint_runner.commons_file
WHERE wiki = $1 AND subject_key = $2::uuid AND page_id > $4 AND change <> 4
ORDER BY page_id LIMIT $5)"};

constexpr Statement files_with_problems{"files_with_problems", R"(
SELECT item FROM constraint_runner.import_problem
WHERE import_id = $1 AND item = ANY ($2::text[]))"};

constexpr Statement problem_pages_after{"problem_pages_after", R"(
SELECT DISTINCT substr(item, 6)::bigint AS page FROM constraint_runner.import_problem
WHERE import_id = $1 AND item ~ '^file:[0-9]{1,18}$' AND substr(item, 6)::bigint > $2
ORDER BY page LIMIT $3)"};

constexpr Statement find_subject{"find_subject", R"(
SELECT wiki, subject_key::text, state::text,
       coalesce(details->>'schema' LIKE 'file and %', false)
FROM constraint_runner.import
WHERE id = $1 AND kind IN ('category', 'files'))"};

#define RUNNER_FILE_COLUMNS                                                                        \
    "SELECT page_id, name, major_mime, minor_mime, width, height, first_user_id, first_user, "     \
    "first_at, latest_user_id, latest_user, latest_at, archive_name, change, previous_name, "      \
    "file_id, latest_revision, category "                                                          \
    "FROM constraint_runner.commons_file WHERE wiki = $1 AND subject_key = $2::uuid "
#define RUNNER_BY_PAGE "AND page_id > $3 "
#define RUNNER_BY_NAME "AND (name, page_id) > ($5::text, $3::bigint) "

constexpr Statement list_files{"list_files", RUNNER_FILE_COLUMNS RUNNER_BY_PAGE
                               "AND change <> 4 ORDER BY page_id LIMIT $4"};
constexpr Statement list_changed_files{
    "list_changed_files", RUNNER_FILE_COLUMNS RUNNER_BY_PAGE
    "AND change = $5 AND import_id = $6 ORDER BY page_id LIMIT $4"};
constexpr Statement list_files_by_name{"list_files_by_name", RUNNER_FILE_COLUMNS RUNNER_BY_NAME
                                       "AND change <> 4 ORDER BY name, page_id LIMIT $4"};
constexpr Statement list_changed_files_by_name{
    "list_changed_files_by_name", RUNNER_FILE_COLUMNS RUNNER_BY_NAME
    "AND change = $6 AND import_id = $7 ORDER BY name, page_id LIMIT $4"};

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
        BigintArray pages, widths, heights, first_ids, latest_ids, file_ids, revisions;
        TextArray categories, names, majors, minors, first_users, first_times, latest_users,
            latest_times, archives;
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
            add(file_ids, file.file_id);
            add(revisions, file.latest_revision);
            add(categories, file.category);
        }
        std::set<std::uint64_t> seen;
        for (const auto& row : transaction.exec(seen_files, import.wiki, import.subject_key,
                                                import.id, pages))
            seen.insert(row[0].as<std::uint64_t>());
        for (const auto& row : transaction.exec(
                 upsert_files, import.wiki, import.subject_key, import.id, pages, names, majors,
                 minors, widths, heights, first_ids, first_users, first_times, latest_ids,
                 latest_users, latest_times, archives, file_ids, revisions, categories)) {
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
        for (const auto& row :
             transaction.exec(mark_vanished, import.wiki, import.subject_key, import.id, pages)) {
            ++counts["files_vanished"];
            if (!row[1].as<bool>())
                continue;
            --counts[counted.at(row[0].as<std::size_t>())];
            --counts["files_imported"];
        }
    }
}

std::vector<CommonsFileStore::Known>
CommonsFileStore::known(const ImportKey& import, std::uint64_t after, std::uint32_t limit) {
    const auto rows = session_.impl().run([&](Transaction& transaction) {
        return transaction.exec(known_files, import.wiki, import.subject_key, import.id, after,
                                limit);
    });
    std::vector<Known> found;
    found.reserve(rows.size());
    for (const auto& row : rows) {
        Known& file = found.emplace_back();
        file.page_id = row[0].as<std::uint64_t>();
        file.name = row[1].as<std::string>();
        file.file_id = read<std::uint64_t>(row[2]);
        file.latest_revision = read<std::uint64_t>(row[3]);
        file.latest_at = row[4].as<std::string>();
        file.width = row[5].as<std::uint64_t>();
        file.height = row[6].as<std::uint64_t>();
        file.seen = row[7].as<bool>();
    }
    return found;
}

std::set<std::uint64_t> CommonsFileStore::seen(const ImportKey& import,
                                               std::span<const std::uint64_t> pages) {
    std::set<std::uint64_t> found;
    if (pages.empty())
        return found;
    BigintArray numbers;
    TextArray items;
    for (const std::uint64_t page : pages) {
        numbers.add(page);
        items.add("file:" + std::to_string(page));
    }
    session_.impl().run([&](Transaction& transaction) {
        for (const auto& row :
             transaction.exec(seen_files, import.wiki, import.subject_key, import.id, numbers))
            found.insert(row[0].as<std::uint64_t>());
        for (const auto& row : transaction.exec(files_with_problems, import.id, items))
            found.insert(std::stoull(row[0].as<std::string>().substr(5)));
    });
    return found;
}

std::vector<std::uint64_t>
CommonsFileStore::problem_pages(const ImportKey& import, std::uint64_t after, std::uint32_t limit) {
    const auto rows = session_.impl().run([&](Transaction& transaction) {
        return transaction.exec(problem_pages_after, import.id, after, limit);
    });
    std::vector<std::uint64_t> pages;
    for (const auto& row : rows)
        pages.push_back(row[0].as<std::uint64_t>());
    return pages;
}

CommonsFileStore::Page CommonsFileStore::page(const Question& question) {
    return session_.impl().run([&](Transaction& transaction) {
        Page page;
        const auto subject = transaction.exec(find_subject, question.import_id);
        if (subject.empty())
            return page;
        page.found = true;
        const auto wiki = subject[0][0].as<std::string>();
        const auto key = subject[0][1].as<std::string>();
        page.state = subject[0][2].as<std::string>();
        page.file_ids = subject[0][3].as<bool>();
        const std::uint64_t after = question.after.page;
        const std::string name = question.after.name.value_or("");
        const int change = question.change ? static_cast<int>(*question.change) : 0;
        const bool by_name = question.order == Order::name;
        const auto rows =
            by_name && question.change
                ? transaction.exec(list_changed_files_by_name, wiki, key, after, question.limit,
                                   name, change, question.import_id)
            : by_name ? transaction.exec(list_files_by_name, wiki, key, after, question.limit, name)
            : question.change ? transaction.exec(list_changed_files, wiki, key, after,
                                                 question.limit, change, question.import_id)
                              : transaction.exec(list_files, wiki, key, after, question.limit);
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
            file.file_id = read<std::uint64_t>(row[15]);
            file.latest_revision = read<std::uint64_t>(row[16]);
            file.category = read<std::string>(row[17]);
        }
        return page;
    });
}

} // namespace runner::store
