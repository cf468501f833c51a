// SPDX-License-Identifier: GPL-2.0-or-later
// Results that were made with other settings than the store has of their wiki are not stored.
// Private to src/store.
#pragma once

#include "store/common/session_impl.hpp"
#include "store/results/result_store.hpp"

#include <map>
#include <span>
#include <string>

namespace runner::store {

/// The settings of the wikis of a batch, read in the transaction that stores it. A wiki without a
/// row gets one: what is stored first says which settings it has.
class SettingsGuard {
public:
    SettingsGuard(Transaction& transaction, std::span<const Completed> batch);

    /// False when the store has other settings of the wiki.
    [[nodiscard]] bool allows(const Completed& completed) const;

private:
    void read(Transaction& transaction, const std::map<std::string, std::string>& ours);

    std::map<std::string, std::string, std::less<>> stored_; ///< wiki to fingerprint
};

} // namespace runner::store
