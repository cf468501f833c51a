// SPDX-License-Identifier: GPL-2.0-or-later
// See commons_files.hpp.
#include "store/imports/commons_files.hpp"

#include "store/common/session_impl.hpp"

#include <array>
#include <set>

namespace runner::store {

namespace {

// Looked up one by one: a plan of a join, made while the table is small and kept with the
// statement, would read all of it for each chunk later.
constexpr Statement seen_files{"seen_files", R"(
SELECT n.page_id, f.change, f.left_out FROM unnest($2::bigint[]) AS n(page_id)
CROSS JOIN LATERAL (
    SELECT change, left_out FROM constraint_runner.commons_file f
    WHERE f.import_id = $1 AND f.page_id = n.page_id
    ORDER BY f.page_id LIMIT 1) f)"};

#define RUNNER_FILE_METADATA                                                                       \
    "name, major_mime, minor_mime, width, height, first_user_id, first_user, first_at, "           \
    "latest_user_id, latest_user, latest_at, archive_name, file_id, latest_revision, category, "   \
    "other_times, left_out"
// what makes a file another one than it was; numbers that the wiki gives again do not
#define RUNNER_FILE_FACTS(of)                                                                      \
    "(" of ".major_mime, " of ".minor_mime, " of ".width, " of ".height, " of                      \
    ".first_user_id, " of ".first_user, " of ".first_at, " of ".latest_user_id, " of               \
    ".latest_user, " of ".latest_at, " of ".archive_name)"

// Compared with the list of the import before ($2), each by itself, as above. A chunk that is
// repeated, or a file of another category of the import, is compared again.
constexpr Statement upsert_files{"upsert_files", R"(
INSERT INTO constraint_runner.commons_file AS f
    (import_id, change, previous_name, page_id, )" RUNNER_FILE_METADATA R"()
SELECT $1, CASE
        WHEN n.left_out IS NOT NULL THEN 5
        WHEN b.page_id IS NULL THEN 1
        WHEN b.name <> n.name THEN 3
        WHEN )" RUNNER_FILE_FACTS("b") " IS DISTINCT FROM " RUNNER_FILE_FACTS("n") R"( THEN 2
        ELSE 0 END,
    CASE WHEN b.name <> n.name THEN b.name END, n.page_id, n.name, n.major_mime, n.minor_mime,
    n.width, n.height, n.first_user_id, n.first_user, n.first_at, n.latest_user_id, n.latest_user,
    n.latest_at, n.archive_name, n.file_id, n.latest_revision, coalesce(n.category, b.category),
    n.other_times, n.left_out
FROM unnest($3::bigint[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::bigint[],
            $9::bigint[], $10::text[], $11::text[], $12::bigint[], $13::text[], $14::text[],
            $15::text[], $16::bigint[], $17::bigint[], $18::text[], $19::text[], $20::bigint[])
     AS n(page_id, )" RUNNER_FILE_METADATA R"()
LEFT JOIN LATERAL (
    SELECT * FROM constraint_runner.commons_file
    WHERE import_id = $2 AND page_id = n.page_id AND change < 4
    ORDER BY page_id LIMIT 1) b ON true
ORDER BY n.page_id
ON CONFLICT (import_id, page_id) DO UPDATE SET
    change = excluded.change, previous_name = excluded.previous_name, name = excluded.name,
    major_mime = excluded.major_mime, minor_mime = excluded.minor_mime, width = excluded.width,
    height = excluded.height, first_user_id = excluded.first_user_id,
    first_user = excluded.first_user, first_at = excluded.first_at,
    latest_user_id = excluded.latest_user_id, latest_user = excluded.latest_user,
    latest_at = excluded.latest_at, archive_name = excluded.archive_name,
    file_id = excluded.file_id, latest_revision = excluded.latest_revision,
    category = coalesce(excluded.category, f.category), other_times = excluded.other_times,
    left_out = excluded.left_out
RETURNING page_id, change, left_out)"};

// with what they were before
constexpr Statement mark_vanished{"mark_vanished", R"(
WITH gone AS MATERIALIZED (
    SELECT page_id, change, left_out FROM constraint_runner.commons_file
    WHERE import_id = $1 AND page_id = ANY ($2::bigint[]) AND change <> 4
    ORDER BY page_id FOR UPDATE)
UPDATE constraint_runner.commons_file f SET change = 4, left_out = NULL
FROM gone WHERE f.import_id = $1 AND f.page_id = gone.page_id
RETURNING gone.change, gone.left_out)"};

// those of the import before that this one has not seen
constexpr Statement add_vanished{"add_vanished", R"(
INSERT INTO constraint_runner.commons_file (import_id, change, page_id, )" RUNNER_FILE_METADATA R"()
SELECT $1, 4, page_id, )" RUNNER_FILE_METADATA R"(
FROM constraint_runner.commons_file
WHERE import_id = $2 AND page_id = ANY ($3::bigint[]) AND change < 4
ORDER BY page_id
ON CONFLICT DO NOTHING
RETURNING page_id)"};

constexpr Statement known_files{"known_files", R"(
SELECT DISTINCT ON (page_id) page_id, change, previous_name, )" RUNNER_FILE_METADATA R"(,
       seen, change = 4 AS vanished
FROM ((SELECT *, true AS seen FROM constraint_runner.commons_file
       WHERE import_id = $1 AND page_id > $3 ORDER BY page_id LIMIT $4)
      UNION ALL
      (SELECT *, false FROM constraint_runner.commons_file
       WHERE import_id = $2 AND page_id > $3 AND change < 4 ORDER BY page_id LIMIT $4)) AS k
ORDER BY page_id, seen DESC LIMIT $4)"};

constexpr Statement files_with_problems{"files_with_problems", R"(
SELECT item FROM constraint_runner.import_problem
WHERE import_id = $1 AND item = ANY ($2::text[]))"};

constexpr Statement problem_pages_after{"problem_pages_after", R"(
SELECT DISTINCT substr(item, 6)::bigint AS page FROM constraint_runner.import_problem
WHERE import_id = $1 AND item ~ '^file:[0-9]{1,18}$' AND substr(item, 6)::bigint > $2
ORDER BY page LIMIT $3)"};

constexpr Statement find_list{"find_list", R"(
SELECT wiki, state::text, coalesce(details->>'schema' LIKE 'file and %', false),
       data_deleted_at IS NOT NULL
FROM constraint_runner.import
WHERE id = $1 AND kind IN ('category', 'files'))"};

#define RUNNER_FILE_COLUMNS "SELECT page_id, change, previous_name, " RUNNER_FILE_METADATA " "
#define RUNNER_FILES_OF                                                                            \
    RUNNER_FILE_COLUMNS                                                                            \
    "FROM constraint_runner.commons_file WHERE import_id = $1 "
#define RUNNER_BY_PAGE "AND page_id > $2 "
#define RUNNER_BY_NAME "AND (name, page_id) > ($4::text, $2::bigint) "

constexpr Statement list_files{"list_files", RUNNER_FILES_OF RUNNER_BY_PAGE
                               "AND change < 4 ORDER BY page_id LIMIT $3"};
constexpr Statement list_changed_files{"list_changed_files", RUNNER_FILES_OF RUNNER_BY_PAGE
                                       "AND change = $4 ORDER BY page_id LIMIT $3"};
constexpr Statement list_files_by_name{"list_files_by_name", RUNNER_FILES_OF RUNNER_BY_NAME
                                       "AND change < 4 ORDER BY name, page_id LIMIT $3"};
constexpr Statement list_changed_files_by_name{"list_changed_files_by_name",
                                               RUNNER_FILES_OF RUNNER_BY_NAME
                                               "AND change = $5 ORDER BY name, page_id LIMIT $3"};

// The next pages of each list, as far as both are known to reach. $5: only one kind of change, or
// -1 for all but files that are the same.
constexpr Statement compare_lists{"compare_lists", R"(
WITH a AS MATERIALIZED (
    SELECT * FROM constraint_runner.commons_file
    WHERE import_id = $1 AND page_id > $2 AND change < 4 ORDER BY page_id LIMIT $3),
b AS MATERIALIZED (
    SELECT * FROM constraint_runner.commons_file
    WHERE import_id = $4 AND page_id > $2 AND change < 4 ORDER BY page_id LIMIT $3),
reach AS MATERIALIZED (
    SELECT least((SELECT max(page_id) FROM a HAVING count(*) = $3),
                 (SELECT max(page_id) FROM b HAVING count(*) = $3)) AS page),
compared AS (
    SELECT coalesce(a.page_id, b.page_id) AS page_id,
        CASE WHEN b.page_id IS NULL THEN 1
             WHEN a.page_id IS NULL THEN 4
             WHEN a.name <> b.name THEN 3
             WHEN )" RUNNER_FILE_FACTS("a") " IS DISTINCT FROM " RUNNER_FILE_FACTS("b") R"( THEN 2
             ELSE 0 END AS change,
        CASE WHEN a.name <> b.name THEN b.name END AS previous_name
    FROM a FULL JOIN b ON a.page_id = b.page_id),
different AS (
    SELECT c.* FROM compared c, reach
    WHERE (reach.page IS NULL OR c.page_id <= reach.page)
      AND (c.change = $5 OR ($5 < 0 AND c.change <> 0)))
SELECT d.page_id, d.change, d.previous_name, )" RUNNER_FILE_METADATA R"(, reach.page
FROM reach LEFT JOIN different d ON true
LEFT JOIN LATERAL (
    SELECT * FROM a WHERE a.page_id = d.page_id AND d.change <> 4
    UNION ALL SELECT * FROM b WHERE b.page_id = d.page_id AND d.change = 4) f ON true
ORDER BY d.page_id)"};

// indexed by FileChange
constexpr std::array<const char*, 6> counted{"files_unchanged", "files_new",      "files_changed",
                                             "files_renamed",   "files_vanished", "files_left_out"};

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

/// Counts a file of a row that has `change` and `left_out` from column `at` on, or takes it away.
void count(ImportCounts& counts, const pqxx::row& row, int at, int by) {
    const auto change = row[at].as<std::size_t>();
    counts[counted.at(change)] += by;
    if (change < static_cast<std::size_t>(FileChange::vanished))
        counts["files_imported"] += by;
    if (!row[at + 1].is_null())
        counts["left_out_by_" + std::string(left_out_names.at(row[at + 1].as<std::size_t>()))] +=
            by;
}

} // namespace

void CommonsFileRows::write(Transaction& transaction, const ImportKey& import,
                            ImportCounts& counts) const {
    if (!files.empty())
        write_files(transaction, import, counts);
    if (vanished.empty())
        return;
    BigintArray pages;
    for (const std::uint64_t page : vanished)
        pages.add(page);
    for (const auto& row : transaction.exec(mark_vanished, import.id, pages)) {
        ++counts["files_vanished"];
        count(counts, row, 0, -1);
    }
    counts["files_vanished"] += static_cast<std::int64_t>(
        transaction.exec(add_vanished, import.id, import.base_id, pages).affected_rows());
}

void CommonsFileRows::write_files(Transaction& transaction, const ImportKey& import,
                                  ImportCounts& counts) const {
    BigintArray pages, widths, heights, first_ids, latest_ids, file_ids, revisions, left_out;
    TextArray categories, other_times, names, majors, minors, first_users, first_times,
        latest_users, latest_times, archives;
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
        add(other_times, file.other_times);
        if (file.left_out)
            left_out.add(static_cast<int>(*file.left_out));
        else
            left_out.add_null();
    }
    // what this import has found of them so far is counted no more
    for (const auto& row : transaction.exec(seen_files, import.id, pages))
        count(counts, row, 1, -1);
    for (const auto& row : transaction.exec(
             upsert_files, import.id, import.base_id, pages, names, majors, minors, widths, heights,
             first_ids, first_users, first_times, latest_ids, latest_users, latest_times, archives,
             file_ids, revisions, categories, other_times, left_out))
        count(counts, row, 1, 1);
}

namespace {

CommonsFile read_file(const pqxx::row& row) {
    CommonsFile file;
    file.page_id = row[0].as<std::uint64_t>();
    file.change = static_cast<FileChange>(row[1].as<int>());
    file.previous_name = read<std::string>(row[2]);
    file.name = row[3].as<std::string>();
    file.major_mime = row[4].as<std::string>();
    file.minor_mime = row[5].as<std::string>();
    file.width = row[6].as<std::uint64_t>();
    file.height = row[7].as<std::uint64_t>();
    file.first_user_id = read<std::uint64_t>(row[8]);
    file.first_user = read<std::string>(row[9]);
    file.first_at = row[10].as<std::string>();
    file.latest_user_id = read<std::uint64_t>(row[11]);
    file.latest_user = read<std::string>(row[12]);
    file.latest_at = row[13].as<std::string>();
    file.archive_name = read<std::string>(row[14]);
    file.file_id = read<std::uint64_t>(row[15]);
    file.latest_revision = read<std::uint64_t>(row[16]);
    file.category = read<std::string>(row[17]);
    file.other_times = read<std::string>(row[18]);
    if (!row[19].is_null())
        file.left_out = static_cast<LeftOut>(row[19].as<int>());
    return file;
}

} // namespace

bool CommonsFile::same_in_wiki(const CommonsFile& other) const {
    const auto all = [](const CommonsFile& f) {
        return std::tie(f.page_id, f.file_id, f.latest_revision, f.name, f.major_mime, f.minor_mime,
                        f.width, f.height, f.first_user_id, f.latest_user_id, f.first_user,
                        f.latest_user, f.first_at, f.latest_at, f.archive_name, f.other_times);
    };
    return all(*this) == all(other);
}

std::vector<CommonsFileStore::Known>
CommonsFileStore::known(const ImportKey& import, std::uint64_t after, std::uint32_t limit) {
    const auto rows = session_.impl().run([&](Transaction& transaction) {
        return transaction.exec(known_files, import.id, import.base_id, after, limit);
    });
    std::vector<Known> found;
    found.reserve(rows.size());
    for (const auto& row : rows) {
        found.push_back({read_file(row), row[20].as<bool>(), row[21].as<bool>()});
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
        for (const auto& row : transaction.exec(seen_files, import.id, numbers))
            if (static_cast<FileChange>(row[1].as<int>()) != FileChange::vanished)
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

namespace {

pqxx::result list_rows(Transaction& transaction, const CommonsFileStore::Question& question) {
    const std::uint64_t id = question.import_id;
    const std::uint64_t after = question.after.page;
    const std::string name = question.after.name.value_or("");
    const int change = question.change ? static_cast<int>(*question.change) : 0;
    if (question.order == CommonsFileStore::Order::name)
        return question.change
                   ? transaction.exec(list_changed_files_by_name, id, after, question.limit, name,
                                      change)
                   : transaction.exec(list_files_by_name, id, after, question.limit, name);
    return question.change ? transaction.exec(list_changed_files, id, after, question.limit, change)
                           : transaction.exec(list_files, id, after, question.limit);
}

} // namespace

CommonsFileStore::Page CommonsFileStore::page(const Question& question) {
    return session_.impl().run([&](Transaction& transaction) {
        Page page;
        const auto list = transaction.exec(find_list, question.import_id);
        if (list.empty())
            return page;
        page.found = true;
        page.state = list[0][1].as<std::string>();
        page.file_ids = list[0][2].as<bool>();
        page.deleted = list[0][3].as<bool>();
        if (question.since) {
            const auto other = transaction.exec(find_list, *question.since);
            page.since_found =
                !other.empty() && other[0][0].as<std::string>() == list[0][0].as<std::string>();
            page.since_deleted = page.since_found && other[0][3].as<bool>();
            if (!page.since_found || page.since_deleted)
                return page;
        }
        if (page.deleted)
            return page;
        const auto rows =
            question.since
                ? transaction.exec(compare_lists, question.import_id, question.after.page,
                                   question.limit, *question.since,
                                   question.change ? static_cast<int>(*question.change) : -1)
                : list_rows(transaction, question);
        page.files.reserve(rows.size());
        for (const auto& row : rows)
            if (!row[0].is_null())
                page.files.push_back(read_file(row));
        if (question.since) { // a row at least, which says how far both lists were read
            if (!rows[0][20].is_null())
                page.next = Place{rows[0][20].as<std::uint64_t>(), {}};
        } else if (page.files.size() == question.limit) {
            page.next = Place{page.files.back().page_id, page.files.back().name};
        }
        if (question.filter)
            std::erase_if(page.files, [&](const CommonsFile& file) {
                const auto reason = question.filter->reason_against(file);
                if (reason)
                    ++page.left_out.at(static_cast<std::size_t>(*reason));
                return reason.has_value();
            });
        return page;
    });
}

} // namespace runner::store
