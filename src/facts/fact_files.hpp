// SPDX-License-Identifier: GPL-2.0-or-later
// The facts that checks need of other entities, for a whole wiki, in files: the digest of every
// entity, found by its number, and the properties whole, for their constraints. Memory does not
// grow with the wiki (but for 100 bytes a property); the files take about a hundredth of the dump's
// text.
#pragma once

#include "base/disk_file.hpp"
#include "entity/digest.hpp"
#include "source/entity_line.hpp"
#include "source/source.hpp"

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace runner::facts {

/// Written by one thread at a time, then read by many.
class FactFiles final : public source::EntitySource {
public:
    /// Creates the files in `folder`, or opens existing ones.
    FactFiles(const std::filesystem::path& folder, entity::DigestOptions options, bool fresh);

    /// Properties come first, in the order of the dump: their JSON as it can be parsed, or why it
    /// can't be (`readable` of `standing`), or that the property is missing.
    void add_property(entity::PropertyId id, const source::Standing& standing,
                      source::LineKind kind, std::string_view json_or_reason);

    /// The dump is truncated: absent entities may have been in it.
    void set_cut(std::string reason) { cut_ = std::move(reason); }
    /// A line can't be read, and may be any absent entity; empty: there is none.
    void set_nameless(std::string problem) { nameless_ = std::move(problem); }

    /// Digests of some entities, made in any thread.
    class Batch {
    public:
        void clear();

    private:
        friend class FactFiles;
        struct Place {
            entity::EntityId id;
            std::size_t at = 0; ///< in bytes_
            bool is_entity = false;
            source::Standing standing;
        };
        std::string bytes_;
        std::vector<Place> places_;
    };
    /// Positions are those of source::InputLine.
    void add(Batch& batch, std::uint64_t position, const entity::Entity& entity) const;
    static void add_redirect(Batch& batch, std::uint64_t position, const entity::EntityId& id,
                             const entity::EntityId& target);
    static void add_missing(Batch& batch, std::uint64_t position, const entity::EntityId& id);
    /// `reason` names file and line.
    static void add_unreadable(Batch& batch, std::uint64_t position, const entity::EntityId& id,
                               std::string_view reason);
    /// Of an id that comes twice source::Standing says which one holds.
    void write(const Batch& batch);

    /// What was found has no labels, qualifiers and references, unless it is a property. Throws
    /// base::DataError for what can't be read, and for what a dump that is cut off may have held;
    /// base::IoError.
    [[nodiscard]] std::vector<source::Lookup> load(std::span<const entity::EntityId> ids,
                                                   std::uint64_t min_revision = 0) override;

    /// The position of the line that holds the entity, or says that it is a redirect, missing or
    /// unreadable; 0: none.
    [[nodiscard]] std::uint64_t position_of(const entity::EntityId& id) const;

    [[nodiscard]] std::size_t properties() const noexcept { return properties_.size(); }
    /// Those that were written since this was made: entities that hold.
    [[nodiscard]] std::uint64_t entities() const noexcept { return entities_; }
    /// Lines of ids that others of the same id gave way to, or that gave way.
    [[nodiscard]] std::uint64_t repeated() const noexcept { return repeated_; }

private:
    struct Property {
        std::uint64_t offset = 0;
        std::uint32_t length = 0;
        source::LineKind kind = source::LineKind::entity; ///< `problem`: the text is the reason
        source::Standing standing;
    };
    [[nodiscard]] std::uint64_t place_of(const entity::EntityId& id) const;
    [[nodiscard]] std::string record(const entity::EntityId& id, std::size_t most) const;
    [[nodiscard]] source::Lookup look_up(const entity::EntityId& id) const;
    void index_properties();

    const entity::DigestOptions options_;
    base::DiskFile digests_;
    std::vector<base::DiskFile> index_; ///< by entity type; where an entity's digest begins, plus 1
    base::DiskFile property_texts_;
    std::uint64_t digests_end_;
    std::uint64_t property_texts_end_;
    std::unordered_map<std::uint32_t, Property> properties_;
    std::uint64_t entities_ = 0;
    std::uint64_t repeated_ = 0;
    std::string cut_;
    std::string nameless_;
};

} // namespace runner::facts
