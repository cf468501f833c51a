// SPDX-License-Identifier: GPL-2.0-or-later
// See result_order.hpp.
#include "store/results/result_order.hpp"

#include <utility>

namespace runner::store {

namespace {

Order order_of_files(const Known& known, const NewCheck& check) noexcept {
    // a missing entity has no revision of its own: the newer check decides
    const bool newer = !check.found ? check.check > known.check
                                    : std::pair(check.revision, check.check) >
                                          std::pair(known.revision, known.check);
    return newer ? Order::store : Order::outdated;
}

Order order_of_document(const Known& known, const NewCheck& check) noexcept {
    if (known.found && check.revision == known.revision)
        return check.check > known.check ? Order::store : Order::outdated;
    if (known.ask_always || check.check <= known.asked)
        return Order::ask;
    return check.revision > known.newest ? Order::store : Order::ask;
}

Order order_of_answer(const Known& known, const NewCheck& check) noexcept {
    if (check.check <= known.asked)
        return Order::outdated;
    if (check.check <= known.check) {
        // a document was stored by a check that began later than this one, or at the same time
        if (check.found && known.found && check.revision == known.revision)
            return Order::outdated;
        return check.found && check.revision > known.newest ? Order::store : Order::ask;
    }
    if (check.found && known.found && check.revision < known.revision && !check.confirmed)
        return Order::confirm;
    return Order::store;
}

} // namespace

Order order_of(const Known& known, const NewCheck& check) noexcept {
    if (!known.present)
        return Order::store;
    switch (check.basis) {
    case Basis::files: return order_of_files(known, check);
    case Basis::document: return order_of_document(known, check);
    case Basis::answer: break;
    }
    return order_of_answer(known, check);
}

} // namespace runner::store
