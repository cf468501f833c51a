// SPDX-License-Identifier: GPL-2.0-or-later
// See settings_guard.hpp.
//
// Why no order of events leaves a result of settings that the wiki does not have any more: let T1
// write other settings (ChangeStore::check_settings, with a row of entity_change for the whole
// wiki) and T2 store a result that was made with those before. If T2 reads T1's settings, it does
// not store, and the job comes back. If it does not, T1 had not committed when T2 read, so that T2
// was running at T1's commit: the follower, which reads T1's row after that commit, waits for the
// end of T2 (known_rows.cpp) and then queues all entities that have a result, also that of T2.
#include "store/results/settings_guard.hpp"

#include "store/common/array.hpp"

namespace runner::store {

namespace {

constexpr Statement read_settings{"read_settings", R"(
SELECT wiki, fingerprint FROM constraint_runner.wiki_settings WHERE wiki = ANY ($1::text[])
ORDER BY wiki)"};

constexpr Statement add_settings{"add_settings", R"(
INSERT INTO constraint_runner.wiki_settings (wiki, fingerprint)
SELECT * FROM unnest($1::text[], $2::text[]) ORDER BY 1
ON CONFLICT (wiki) DO NOTHING)"};

} // namespace

SettingsGuard::SettingsGuard(Transaction& transaction, std::span<const Completed> batch) {
    std::map<std::string, std::string> ours;
    for (const Completed& completed : batch)
        if (!completed.settings.empty())
            ours.emplace(completed.lease.key.wiki, completed.settings);
    if (ours.empty())
        return;
    read(transaction, ours);
    TextArray wikis, fingerprints;
    for (const auto& [wiki, fingerprint] : ours)
        if (!stored_.contains(wiki)) {
            wikis.add(wiki);
            fingerprints.add(fingerprint);
        }
    if (wikis.empty())
        return;
    transaction.exec(add_settings, wikis, fingerprints);
    read(transaction, ours); // another transaction may have been first
}

void SettingsGuard::read(Transaction& transaction, const std::map<std::string, std::string>& ours) {
    TextArray wikis;
    for (const auto& [wiki, fingerprint] : ours)
        wikis.add(wiki);
    for (const auto& row : transaction.exec(read_settings, wikis))
        stored_.insert_or_assign(row[0].as<std::string>(), row[1].as<std::string>());
}

bool SettingsGuard::allows(const Completed& completed) const {
    const auto at = stored_.find(completed.lease.key.wiki);
    return completed.settings.empty() || at == stored_.end() || at->second == completed.settings;
}

} // namespace runner::store
