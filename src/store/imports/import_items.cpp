// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/imports/import_items.hpp"

#include "store/common/session_impl.hpp"
#include "store/imports/import_text.hpp"

namespace runner::store {

namespace {

constexpr Statement add_import_items{"add_import_items", R"(
INSERT INTO constraint_runner.import_item (import_id, number, asked, known_name, known_at)
SELECT $1, n, asked, nullif(known_name, ''), nullif(known_at, '')
FROM unnest($2::text[], $3::text[], $4::text[]) WITH ORDINALITY
     AS l(asked, known_name, known_at, n) ORDER BY n)"};

constexpr Statement list_items{"list_items", R"(
SELECT number, asked, outcome, page_id, title, reason, known_name, known_at, replaced FROM constraint_runner.import_item
WHERE import_id = $1 AND number > $2::bigint AND ($4 < 0 OR outcome = $4)
  AND ($5 < 0 OR replaced = ($5 > 0))
ORDER BY number LIMIT $3)"};

constexpr Statement items_of_numbers{"items_of_numbers", R"(
SELECT number, asked, outcome, page_id, title, reason, known_name, known_at, replaced FROM constraint_runner.import_item
WHERE import_id = $1 AND number = ANY ($2::bigint[]) ORDER BY number)"};

constexpr Statement count_items{
    "count_items", "SELECT count(*) FROM constraint_runner.import_item WHERE import_id = $1"};

constexpr Statement import_of_items{"import_of_items",
                                    "SELECT FROM constraint_runner.import WHERE id = $1"};

constexpr Statement items_of_pages{"items_of_pages", R"(
SELECT page_id, min(number) FROM constraint_runner.import_item
WHERE import_id = $1 AND page_id = ANY ($3::bigint[]) AND number < $2::bigint
GROUP BY page_id)"};

constexpr Statement answer_items{"answer_items", R"(
WITH a AS MATERIALIZED (
    SELECT * FROM unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::text[],
                         $7::bigint[])
         AS a(number, outcome, page_id, title, reason, replaced)),
before AS MATERIALIZED (
    SELECT i.number, i.outcome, i.replaced FROM a JOIN constraint_runner.import_item i
      ON i.import_id = $1 AND i.number = a.number)
UPDATE constraint_runner.import_item i
SET outcome = a.outcome, page_id = a.page_id, title = a.title, reason = a.reason,
    replaced = a.replaced > 0
FROM a JOIN before USING (number)
WHERE i.import_id = $1 AND i.number = a.number
RETURNING before.outcome, i.outcome, coalesce(before.replaced, false),
    coalesce(i.replaced, false))"};

template <typename Array, typename Value>
void add(Array& array, const std::optional<Value>& value) {
    if (value)
        array.add(*value);
    else
        array.add_null();
}

bool has_file(std::size_t outcome) noexcept {
    const auto is = static_cast<ItemOutcome>(outcome);
    return is == ItemOutcome::found || is == ItemOutcome::renamed || is == ItemOutcome::redirect ||
           is == ItemOutcome::twice || is == ItemOutcome::left_out;
}

std::string count_name(std::size_t outcome) {
    return "items_" + std::string(item_outcomes.at(outcome));
}

std::vector<ImportItem> read_items(const pqxx::result& rows) {
    const auto text = [](const pqxx::field& field) {
        return field.is_null() ? std::nullopt : std::optional<std::string>(field.as<std::string>());
    };
    std::vector<ImportItem> items;
    items.reserve(rows.size());
    for (const auto& row : rows) {
        ImportItem& item = items.emplace_back();
        item.number = row[0].as<std::uint64_t>();
        item.asked = row[1].as<std::string>();
        item.outcome = static_cast<ItemOutcome>(row[2].as<int>());
        if (!row[3].is_null())
            item.page_id = row[3].as<std::uint64_t>();
        item.title = text(row[4]);
        item.reason = text(row[5]);
        item.known_name = text(row[6]);
        item.known_at = text(row[7]);
        if (!row[8].is_null())
            item.replaced = row[8].as<bool>();
    }
    return items;
}

} // namespace

void add_items(Transaction& transaction, std::uint64_t import_id,
               const std::vector<std::string>& items, const std::vector<std::string>& known_names,
               const std::vector<std::string>& known_times) {
    if (items.empty())
        return;
    TextArray asked, names, times; // shorter arrays are filled up with nulls
    for (const std::string& item : items)
        asked.add(item);
    for (const std::string& name : known_names)
        names.add(name);
    for (const std::string& time : known_times)
        times.add(time);
    transaction.exec(add_import_items, import_id, asked, names, times);
}

void ListedRows::write(Transaction& transaction, const ImportKey& import,
                       ImportCounts& /*counts*/) const {
    add_items(transaction, import.id, items, known_names, known_times);
}

void FileListRows::write(Transaction& transaction, const ImportKey& import,
                         ImportCounts& counts) const {
    files.write(transaction, import, counts);
    if (answers.empty())
        return;
    BigintArray numbers, outcomes, pages, replaced;
    TextArray titles, reasons;
    for (const ImportItem& item : answers) {
        numbers.add(item.number);
        outcomes.add(static_cast<std::uint64_t>(item.outcome));
        add(pages, item.page_id);
        add(titles, item.title);
        add(reasons, item.reason);
        if (item.replaced)
            replaced.add(int{*item.replaced});
        else
            replaced.add_null();
    }
    for (const auto& row : transaction.exec(answer_items, import.id, numbers, outcomes, pages,
                                            titles, reasons, replaced)) {
        const auto before = row[0].as<std::size_t>();
        const auto now = row[1].as<std::size_t>();
        if (before != 0)
            --counts[count_name(before)];
        ++counts[count_name(now)];
        counts["items_replaced"] += int{row[3].as<bool>()} - int{row[2].as<bool>()};
        counts["items_done"] += int{has_file(now)} - int{has_file(before)};
    }
}

ImportItemStore::Page ImportItemStore::page(std::uint64_t import_id, std::uint64_t after,
                                            std::uint32_t limit, std::optional<ItemOutcome> outcome,
                                            std::optional<bool> replaced) {
    return session_.impl().run([&](Transaction& transaction) {
        Page page;
        page.found = !transaction.exec(import_of_items, import_id).empty();
        page.items = read_items(transaction.exec(list_items, import_id, after, limit,
                                                 outcome ? static_cast<int>(*outcome) : -1,
                                                 replaced ? int{*replaced} : -1));
        return page;
    });
}

std::vector<ImportItem> ImportItemStore::of_numbers(std::uint64_t import_id,
                                                    std::span<const std::uint64_t> numbers) {
    if (numbers.empty())
        return {};
    BigintArray wanted;
    for (const std::uint64_t number : numbers)
        wanted.add(number);
    return session_.impl().run([&](Transaction& transaction) {
        return read_items(transaction.exec(items_of_numbers, import_id, wanted));
    });
}

std::uint64_t ImportItemStore::count(std::uint64_t import_id) {
    return session_.impl().run([&](Transaction& transaction) {
        return transaction.exec(count_items, import_id)[0][0].as<std::uint64_t>();
    });
}

std::map<std::uint64_t, std::uint64_t>
ImportItemStore::pages_before(std::uint64_t import_id, std::uint64_t number,
                              std::span<const std::uint64_t> pages) {
    std::map<std::uint64_t, std::uint64_t> found;
    if (pages.empty())
        return found;
    BigintArray numbers;
    for (const std::uint64_t page : pages)
        numbers.add(page);
    session_.impl().run([&](Transaction& transaction) {
        for (const auto& row : transaction.exec(items_of_pages, import_id, number, numbers))
            found.emplace(row[0].as<std::uint64_t>(), row[1].as<std::uint64_t>());
    });
    return found;
}

} // namespace runner::store
