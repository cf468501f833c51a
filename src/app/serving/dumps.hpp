// SPDX-License-Identifier: GPL-2.0-or-later
// Dumps for API clients: each has a thread, two connections to the database and a snapshot while
// its client reads.
#pragma once

#include "api/dump_handlers.hpp"
#include "app/line/wiki.hpp"
#include "base/thread_pool.hpp"
#include "store/common/session.hpp"

#include <memory>
#include <mutex>
#include <vector>

namespace runner::app {

class DumpPieces;

/// Thread-safe.
class Dumps final : public api::DumpsBackend {
public:
    static constexpr unsigned most = 2; ///< at once

    /// `wikis` outlives it.
    Dumps(Wikis& wikis, store::DatabaseOptions database);
    ~Dumps() override { stop(); }
    Dumps(const Dumps&) = delete;
    Dumps& operator=(const Dumps&) = delete;

    /// Aborts running dumps; later ones are refused.
    void drain();
    /// As drain(), and waits for their ends.
    void stop();

    void dump(api::DumpRequest request, api::Reply<api::DumpAnswer> reply) override;

private:
    void run(const api::DumpRequest& request, const std::shared_ptr<DumpPieces>& pieces,
             const api::Reply<api::DumpAnswer>& reply);

    Wikis& wikis_;
    const store::DatabaseOptions database_;
    std::mutex mutex_;
    bool draining_ = false;
    std::vector<std::shared_ptr<DumpPieces>> running_;
    base::ThreadPool pool_{most, "dump"};
};

} // namespace runner::app
