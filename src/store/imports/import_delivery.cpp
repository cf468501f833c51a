// SPDX-License-Identifier: GPL-2.0-or-later
// See import_delivery.hpp.
#include "store/imports/import_delivery.hpp"

#include "store/common/array.hpp"
#include "store/common/session_impl.hpp"
#include "store/imports/import_columns.hpp"

#include <algorithm>

namespace runner::store {

namespace {

constexpr Statement take_deliveries{"take_deliveries", R"(
WITH first AS MATERIALIZED (
    SELECT DISTINCT ON (url) number, attempts, due_at, split_part(url, '/', 3) AS host
    FROM constraint_runner.import_delivery
    WHERE delivered_at IS NULL AND given_up_at IS NULL AND due_at <= statement_timestamp()
      AND url <> ALL ($3::text[])
    ORDER BY url, attempts, due_at),
fair AS MATERIALIZED (
    SELECT number, coalesce(in_hand, 0) +
           row_number() OVER (PARTITION BY host ORDER BY attempts, due_at) AS nth
    FROM first LEFT JOIN unnest($4::text[], $5::bigint[]) AS h (name, in_hand) ON name = host),
picked AS MATERIALIZED (
    SELECT number FROM constraint_runner.import_delivery
    WHERE number IN (SELECT number FROM fair WHERE nth <= $6)
      AND delivered_at IS NULL AND given_up_at IS NULL AND due_at <= statement_timestamp()
    ORDER BY attempts, due_at LIMIT $1 FOR UPDATE SKIP LOCKED)
UPDATE constraint_runner.import_delivery d SET
    attempts = d.attempts + 1,
    due_at = statement_timestamp() + $2::bigint * interval '1 millisecond'
FROM picked WHERE d.number = picked.number
RETURNING d.number, d.id, d.url, d.attempts)"};

constexpr Statement delivered_import{"delivered_import", RUNNER_IMPORT_COLUMNS R"(
FROM constraint_runner.import_delivery t,
     jsonb_populate_record(NULL::constraint_runner.import, t.import) i
WHERE t.number = $1)"};

constexpr Statement end_delivery{"end_delivery", R"(
UPDATE constraint_runner.import_delivery SET
    delivered_at = statement_timestamp(), given_up_at = NULL, error = NULL
WHERE number = $1)"};

constexpr Statement fail_delivery{"fail_delivery", R"(
UPDATE constraint_runner.import_delivery SET
    error = $3, due_at = statement_timestamp() + $4::bigint * interval '1 millisecond',
    given_up_at = CASE WHEN statement_timestamp() + $4::bigint * interval '1 millisecond'
                            > created_at + $5::bigint * interval '1 millisecond'
                       THEN statement_timestamp() END
WHERE number = $1 AND attempts = $2 AND delivered_at IS NULL AND given_up_at IS NULL
RETURNING given_up_at IS NOT NULL)"};

/// As split_part(url, '/', 3) has it.
std::string host_of(std::string_view url) {
    for (int slashes = 0; slashes < 2; ++slashes)
        url.remove_prefix(std::min(url.find('/'), url.size() - 1) + 1);
    return std::string(url.substr(0, url.find('/')));
}

} // namespace

void DeliveriesInHand::add(const ImportDelivery& delivery) {
    urls.insert(delivery.url);
    ++hosts[host_of(delivery.url)];
}

void DeliveriesInHand::remove(const ImportDelivery& delivery) {
    urls.erase(delivery.url);
    const auto host = hosts.find(host_of(delivery.url));
    if (host != hosts.end() && --host->second == 0)
        hosts.erase(host);
}

std::vector<ImportDelivery> ImportDeliveryStore::take(std::uint32_t limit,
                                                      std::chrono::milliseconds lease,
                                                      const DeliveriesInHand& in_hand) {
    TextArray urls, hosts;
    BigintArray counts;
    for (const std::string& url : in_hand.urls)
        urls.add(url);
    for (const auto& [host, count] : in_hand.hosts) {
        hosts.add(host);
        counts.add(count);
    }
    return session_.impl().run([&](Transaction& transaction) {
        std::vector<ImportDelivery> taken;
        for (const auto& row : transaction.exec(take_deliveries, limit, lease.count(), urls, hosts,
                                                counts, DeliveriesInHand::most_of_host)) {
            ImportDelivery& delivery = taken.emplace_back();
            delivery.number = row[0].as<std::uint64_t>();
            delivery.id = row[1].as<std::string>();
            delivery.url = row[2].as<std::string>();
            delivery.attempts = row[3].as<std::uint32_t>();
        }
        for (ImportDelivery& delivery : taken)
            delivery.import =
                read_import_row(transaction.exec(delivered_import, delivery.number)[0]);
        return taken;
    });
}

void ImportDeliveryStore::delivered(const ImportDelivery& delivery) {
    session_.impl().run(
        [&](Transaction& transaction) { transaction.exec(end_delivery, delivery.number); });
}

bool ImportDeliveryStore::failed(const ImportDelivery& delivery, std::string_view reason,
                                 std::chrono::milliseconds pause,
                                 std::chrono::milliseconds try_for) {
    return session_.impl().run([&](Transaction& transaction) {
        const auto rows = transaction.exec(fail_delivery, delivery.number, delivery.attempts,
                                           std::string(reason), pause.count(), try_for.count());
        return !rows.empty() && rows[0][0].as<bool>();
    });
}

} // namespace runner::store
