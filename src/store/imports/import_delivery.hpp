// SPDX-License-Identifier: GPL-2.0-or-later
// The ends of imports that addresses are still to be told of. The database writes one in the
// transaction that ends an import (migration 0025); here they are taken, and crossed off.
#pragma once

#include "store/common/session.hpp"
#include "store/imports/import.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace runner::store {

struct ImportDelivery {
    std::uint64_t number = 0;
    std::string id; ///< a UUID, the same at each attempt
    std::string url;
    std::uint32_t attempts = 0; ///< this one among them
    ImportRow import;           ///< as it was at its end
};

/// What is being sent, so that a slow address has one of the places for sending, and a slow server
/// a few of them.
struct DeliveriesInHand {
    static constexpr std::uint32_t most_of_host = 4;

    void add(const ImportDelivery& delivery);
    void remove(const ImportDelivery& delivery);

    std::set<std::string> urls;
    std::map<std::string, std::uint32_t> hosts; ///< with their ports: how many of them
};

/// Why none is lost: a delivery stays open until delivered() or the last failed() is committed,
/// which happens after the answer of the address. A runner that ends at any moment between take()
/// and that leaves it open, and it is due again after `lease`, to any runner. So an address may be
/// told twice (the id is the same), and never not at all. Two runners do not take the same one:
/// take() locks the rows, and moves their time before others see them.
///
/// Works through one session, with its errors. Every call is one transaction. Not thread-safe.
class ImportDeliveryStore {
public:
    explicit ImportDeliveryStore(Session& session) : session_(session) {}

    /// At most `limit` that are due, those with few attempts first: with those in hand one of each
    /// address and a few of each host. They are due again after `lease`.
    [[nodiscard]] std::vector<ImportDelivery> take(std::uint32_t limit,
                                                   std::chrono::milliseconds lease,
                                                   const DeliveriesInHand& in_hand = {});
    void delivered(const ImportDelivery& delivery);
    /// Again after `pause`, or never when that would be later than `try_for` after the end. Returns
    /// whether it was given up. Nothing when the lease was over and another runner took it.
    [[nodiscard]] bool failed(const ImportDelivery& delivery, std::string_view reason,
                              std::chrono::milliseconds pause, std::chrono::milliseconds try_for);

private:
    Session& session_;
};

} // namespace runner::store
