// SPDX-License-Identifier: GPL-2.0-or-later
// Whose fault it is that a page does not come over HTTP: the page's, or that of the whole wiki.
//
// When the wiki is away, jobs wait, and nothing else is lost. When only one page fails, waiting for
// it would cost every entity that needs it all of its results, for ever; so the checks that need it
// are left to do, and everything else is checked. A failed request alone does not tell the two
// apart: a wiki behind a login answers every page with 403 or an HTML form, and a single page may
// time out. What tells them apart is another page. A page is at fault when it fails while the wiki
// answers others (200, 404 and 410 are answers): at once where the answer is a refusal, which the
// wiki means (4xx, HTML, 500 after all retries), and after a few failures in a row over some
// seconds where it may pass (429, other 5xx, timeouts, closed connections, cut bodies), because an
// overloaded wiki fails at random. When nothing else was answered since the failing request began,
// one page that was good before is asked for; without an answer to it the wiki is away.
#pragma once

#include "entity/entity_id.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace runner::source {

struct PageFaultOptions {
    unsigned failures = 3;                 ///< in a row, of what may pass
    std::chrono::milliseconds over{3'000}; ///< from the first to the last of them, at least
    std::size_t remembered = 50'000;       ///< pages that failed, at most
};

struct FailedPage {
    entity::EntityId page;
    std::string reason;   ///< with the URL
    bool refused = false; ///< will not pass by itself
};

/// The memory of one source. Thread-safe.
class PageFaults {
public:
    using Clock = std::chrono::steady_clock;
    /// Asks for one page, without retries; whether the wiki answered.
    using Ask = std::function<bool(const entity::EntityId&)>;

    /// `always_there` is asked for while no page was good yet; its being missing is an answer.
    PageFaults(PageFaultOptions options, std::optional<entity::EntityId> always_there, Ask ask);

    void answered(const entity::EntityId& page);

    /// Why the page can't be had, if it failed just now by its own fault: asking again for each of
    /// a batch would find out the same.
    [[nodiscard]] std::optional<std::string> failed_just_now(const entity::EntityId& page) const;
    /// Retrying is not worth the time then.
    [[nodiscard]] bool is_at_fault(const entity::EntityId& page) const;

    /// Notes pages that failed in a request that began at `began`; not empty. Null when each of
    /// them is itself at fault, else the one whose reason tells why the wiki is not available.
    [[nodiscard]] const FailedPage* judge(std::span<const FailedPage> failed,
                                          Clock::time_point began);

private:
    struct Failure {
        unsigned count = 0;
        Clock::time_point first;
        Clock::time_point last;
        bool at_fault = false;
        std::string reason; ///< of the last
    };

    [[nodiscard]] bool others_answer(std::span<const FailedPage> failed, Clock::time_point began);
    [[nodiscard]] std::optional<entity::EntityId>
    good_page(std::span<const FailedPage> failed) const;
    [[nodiscard]] bool note(const FailedPage& failed);
    void make_room();

    const PageFaultOptions options_;
    const std::optional<entity::EntityId> always_there_;
    const Ask ask_;
    mutable std::mutex mutex_; ///< of what follows
    std::unordered_map<entity::EntityId, Failure> failures_;
    std::array<std::optional<entity::EntityId>, 4> good_; ///< answered last
    std::size_t next_good_ = 0;
    std::optional<Clock::time_point> last_answer_;
    std::optional<Clock::time_point> last_silence_;
    std::mutex asking_; ///< one thread asks for all that wait
};

} // namespace runner::source
