// SPDX-License-Identifier: GPL-2.0-or-later
// See errors.hpp.
#include "api/errors.hpp"

#include "base/error.hpp"
#include "imports/kinds.hpp"
#include "queue/acceptor.hpp"

#include <spdlog/spdlog.h>

namespace runner::api {

ApiError error_from(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const ApiError& e) {
        return e;
    } catch (const queue::QueueFull& e) {
        return {503, "queue_full", e.what(), {}, static_cast<unsigned>(e.retry_after.count())};
    } catch (const base::UnavailableError& e) {
        return {503, "unavailable", e.what(), {}, 5};
    } catch (const imports::UnknownWiki& e) {
        return {404, "unknown_wiki", e.what(), e.field};
    } catch (const imports::BadRequest& e) {
        return {400, "bad_field", e.what(), e.field};
    } catch (const base::DataError& e) {
        return {400, "bad_data", e.what(), {}};
    } catch (const std::exception& e) {
        spdlog::error("a request failed: {}", e.what());
    } catch (...) {
        spdlog::error("a request failed for an unknown reason");
    }
    return {500, "internal", "the runner failed; its log says why", {}};
}

} // namespace runner::api
