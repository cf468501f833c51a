// SPDX-License-Identifier: GPL-2.0-or-later
#include "app/serving/dumps.hpp"

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/log_fields.hpp"
#include "publish/dump_stream.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <stdexcept>
#include <utility>

namespace runner::app {

namespace {

constexpr std::size_t most_pieces = 4; // of a dump, ready to be sent
constexpr unsigned retry_after = 60;   // seconds

} // namespace

/// What a dump's thread has written and its connection has not sent yet. Thread-safe.
class DumpPieces {
public:
    void on_more(std::function<void()> more) {
        const std::lock_guard lock(mutex_);
        more_ = std::move(more);
    }
    /// As BodyStream.
    std::optional<std::string> take() {
        std::string piece;
        {
            const std::lock_guard lock(mutex_);
            if (pieces_.empty()) {
                if (state_ == State::broken)
                    throw std::runtime_error("the dump broke off");
                if (state_ == State::complete)
                    return std::nullopt;
                return std::string();
            }
            piece = std::move(pieces_.front());
            pieces_.pop_front();
        }
        room_.notify_one();
        return piece;
    }
    /// Waits for room. False: no more is wanted.
    bool put(std::string piece) {
        std::unique_lock lock(mutex_);
        room_.wait(lock, [this] { return state_ != State::open || pieces_.size() < most_pieces; });
        if (state_ != State::open)
            return false;
        bytes_ += piece.size();
        pieces_.push_back(std::move(piece));
        lock.unlock();
        wake();
        return true;
    }
    void complete() { end(State::complete); }
    /// What was not taken is lost; the client's connection is cut off.
    void break_off() { end(State::broken); }

    [[nodiscard]] std::uint64_t bytes() const {
        const std::lock_guard lock(mutex_);
        return bytes_;
    }
    [[nodiscard]] bool is_broken() const {
        const std::lock_guard lock(mutex_);
        return state_ == State::broken;
    }

private:
    enum class State : std::uint8_t { open, complete, broken };

    void end(State state) {
        {
            const std::lock_guard lock(mutex_);
            if (state_ != State::open && state != State::broken)
                return;
            state_ = state;
            if (state == State::broken)
                pieces_.clear();
        }
        room_.notify_all();
        wake();
    }
    void wake() {
        std::function<void()> more;
        {
            const std::lock_guard lock(mutex_);
            more = more_;
        }
        if (more)
            more();
    }

    mutable std::mutex mutex_;
    std::condition_variable room_;
    std::deque<std::string> pieces_;
    std::function<void()> more_;
    std::uint64_t bytes_ = 0;
    State state_ = State::open;
};

namespace {

/// The connection's end. Without it the dump is not wanted any more.
class DumpBody final : public api::BodyStream {
public:
    explicit DumpBody(std::shared_ptr<DumpPieces> pieces) : pieces_(std::move(pieces)) {}
    ~DumpBody() override { pieces_->break_off(); }
    DumpBody(const DumpBody&) = delete;
    DumpBody& operator=(const DumpBody&) = delete;

    void on_more(std::function<void()> more) override { pieces_->on_more(std::move(more)); }
    std::optional<std::string> take() override { return pieces_->take(); }
    void too_slow() override { pieces_->break_off(); }

private:
    const std::shared_ptr<DumpPieces> pieces_;
};

} // namespace

Dumps::Dumps(Wikis& wikis, store::DatabaseOptions database)
    : wikis_(wikis), database_(std::move(database)) {}

void Dumps::stop() {
    drain();
    pool_.close();
}

void Dumps::drain() {
    const std::lock_guard lock(mutex_);
    draining_ = true;
    for (const auto& pieces : running_)
        pieces->break_off();
}

void Dumps::dump(api::DumpRequest request, api::Reply<api::DumpAnswer> reply) {
    auto pieces = std::make_shared<DumpPieces>();
    {
        const std::lock_guard lock(mutex_);
        if (draining_)
            throw base::UnavailableError("the runner is stopping");
        if (running_.size() >= most)
            throw api::ApiError{503, "busy", "two dumps are being read already", "", retry_after};
        running_.push_back(pieces);
    }
    pool_.post([this, request = std::move(request), pieces, reply = std::move(reply)] {
        run(request, pieces, reply);
        const std::lock_guard lock(mutex_);
        std::erase(running_, pieces);
    });
}

void Dumps::run(const api::DumpRequest& request, const std::shared_ptr<DumpPieces>& pieces,
                const api::Reply<api::DumpAnswer>& reply) {
    const base::LogFields fields{{"wiki", request.wiki}};
    const base::Stopwatch clock;
    bool answered = false;
    try {
        publish::DumpStreamOptions options;
        options.database = database_;
        options.wiki = request.wiki;
        if (request.format == publish::DumpFormat::turtle ||
            request.format == publish::DumpFormat::ntriples)
            options.concept_base_uri = wikis_.at(request.wiki)->concept_base_uri();
        options.format = request.format;
        options.packing = request.packing;
        options.pairs = {request.details, request.sentences, wikis_.at(request.wiki)->has_extras()};
        publish::write_dump(
            options,
            [&](const store::EventPosition& position) {
                answered = true;
                reply({std::make_shared<DumpBody>(pieces), position.transaction}, nullptr);
            },
            [&](std::string piece) { return pieces->put(std::move(piece)); });
        const bool gone = pieces->is_broken();
        pieces->complete();
        spdlog::info("dump of {} ({}) for {}: {} bytes in {:.1f} s{}", request.wiki,
                     publish::name_of(request.format), request.client, pieces->bytes(),
                     clock.seconds(), gone ? ", aborted" : "");
    } catch (const std::exception& error) {
        if (!answered) {
            reply({}, std::current_exception());
            return;
        }
        spdlog::error("dump of {} ({}) for {}: {}", request.wiki, publish::name_of(request.format),
                      request.client, error.what());
        pieces->break_off();
    }
}

} // namespace runner::app
