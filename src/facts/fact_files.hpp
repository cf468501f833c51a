// SPDX-License-Identifier: GPL-2.0-or-later
// What checks ask of other entities, of a whole wiki, in files: the digest of every entity, found
// by its number, and the properties whole, for their constraints. Memory does not grow with the
// wiki (but for 100 bytes a property); the files take about a hundredth of the dump's text.
#pragma once

#include "base/disk_file.hpp"
#include "entity/digest.hpp"
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
    /// Makes the files in `folder`, or opens those that are there.
    FactFiles(const std::filesystem::path& folder, entity::DigestOptions options, bool fresh);

    /// Properties come first, in the order of the dump.
    void add_property(entity::PropertyId id, std::uint64_t line, std::string_view json);

    /// Digests of some entities, made in any thread.
    class Batch {
    public:
        void clear();

    private:
        friend class FactFiles;
        std::string bytes_;
        std::vector<std::pair<entity::EntityId, std::size_t>> places_;
    };
    void add(Batch& batch, std::uint64_t line, const entity::Entity& entity) const;
    static void add_redirect(Batch& batch, std::uint64_t line, const entity::EntityId& id,
                             const entity::EntityId& target);
    /// Of an id that comes twice the last one written holds.
    void write(const Batch& batch);

    /// What was found has no labels, qualifiers and references, unless it is a property. Throws
    /// base::IoError and, when the files are damaged, base::DataError.
    [[nodiscard]] std::vector<source::Lookup> load(std::span<const entity::EntityId> ids,
                                                   std::uint64_t min_revision = 0) override;

    /// The line of the dump that holds the entity, or its redirect; 0: none.
    [[nodiscard]] std::uint64_t line_of(const entity::EntityId& id) const;

    [[nodiscard]] std::size_t properties() const noexcept { return properties_.size(); }

private:
    struct Place {
        std::uint64_t offset = 0;
        std::uint32_t length = 0;
    };
    [[nodiscard]] std::string record(const entity::EntityId& id, std::size_t most) const;
    [[nodiscard]] source::Lookup look_up(const entity::EntityId& id) const;
    void index_properties();

    const entity::DigestOptions options_;
    base::DiskFile digests_;
    std::vector<base::DiskFile> index_; ///< by entity type; where an entity's digest begins, plus 1
    base::DiskFile property_texts_;
    std::uint64_t digests_end_;
    std::uint64_t property_texts_end_;
    std::unordered_map<std::uint32_t, Place> properties_;
};

} // namespace runner::facts
