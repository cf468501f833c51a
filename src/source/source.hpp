// SPDX-License-Identifier: GPL-2.0-or-later
// Where entities come from: one interface, several sources (files and dumps, a wiki over HTTP,
// the document inside a job). A missing or redirected entity is an answer; only a source that
// can't answer throws.
#pragma once

#include "base/error.hpp"
#include "entity/entity.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace runner::source {

enum class State : std::uint8_t { found, missing, redirect };

/// A source's answer for one id.
struct Lookup {
    entity::EntityId id; ///< as asked
    State state = State::missing;
    entity::EntityId redirect_target; ///< for State::redirect
    std::uint64_t revision = 0;       ///< of the page; 0 when unknown
    entity::EntityPtr document;       ///< for State::found
};

/// The answer for `id`, given that of its page: a form or sense is in the document of its lexeme,
/// or missing; those of a merged lexeme are missing.
[[nodiscard]] inline Lookup lookup_on_page(const entity::EntityId& id, const Lookup& page) {
    Lookup lookup;
    lookup.id = id;
    lookup.revision = page.revision;
    if (page.state == State::found && page.document->find(id) != nullptr) {
        lookup.state = State::found;
        lookup.document = page.document;
    } else if (page.state == State::redirect && id == page.id) {
        lookup.state = State::redirect;
        lookup.redirect_target = page.redirect_target;
    }
    return lookup;
}

/// The source did not answer (timeout, refused, 5xx after all retries); retry later.
struct SourceUnavailable : base::UnavailableError {
    using UnavailableError::UnavailableError;
};

class EntitySource {
public:
    virtual ~EntitySource() = default;
    /// One answer for each id, in the order asked; an empty list sends no request. Thread-safe.
    /// `min_revision` (only with one id, else 0) requires that revision or a later one.
    /// Throws SourceUnavailable when any of the ids could not be looked up.
    /// Throws base::DataError when any of them can't be read.
    [[nodiscard]] virtual std::vector<Lookup> load(std::span<const entity::EntityId> ids,
                                                   std::uint64_t min_revision = 0) = 0;
};

/// An answer, or the reason why the document of this id can't be read.
struct ReadableLookup {
    Lookup lookup;
    std::string problem; ///< empty: the answer is valid
};

} // namespace runner::source
