// SPDX-License-Identifier: GPL-2.0-or-later
// The index is one sorted vector: small for millions of entities, and never changed once made.
#include "source/file_source.hpp"

#include "source/block_reader.hpp"
#include "source/damaged_input.hpp"
#include "source/entity_unavailable.hpp"
#include "source/input_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

namespace runner::source {
namespace {

struct Entry {
    entity::EntityId id;
    entity::EntityId redirect; ///< valid for a redirect
    LineKind kind = LineKind::entity;
    std::uint32_t file = 0;
    std::uint32_t length = 0;
    std::uint64_t line = 0;
    std::uint64_t offset = 0;
};

/// Runs `action`; what it finds wrong is reported with file and line.
template <typename Action>
auto at_line(const std::filesystem::path& file, std::uint64_t line, const Action& action) {
    try {
        return action();
    } catch (const base::DataError& e) {
        throw base::DataError(fmt::format("{}:{}: {}", file.string(), line, e.what()));
    }
}

} // namespace

struct FileSource::Impl {
    std::vector<std::filesystem::path> files;
    std::vector<MappedText> texts;
    std::vector<Entry> entries; ///< sorted by id, one for each
    LineCounts counts;
    std::vector<std::string> problems;
    std::vector<std::string> cut;
    std::string nameless; ///< a line that can't be read, and may be any entity; empty: none
    std::vector<std::string> warnings;

    void add_file(std::uint32_t number);
    [[nodiscard]] bool holds_an_entity(std::size_t first) const;
    void keep_one_of_each();
    [[nodiscard]] Standing standing(const Entry& entry) const;

    [[nodiscard]] const Entry* find(const entity::EntityId& id) const noexcept {
        const auto at = std::lower_bound(entries.begin(), entries.end(), id,
                                         [](const Entry& e, const auto& i) { return e.id < i; });
        return at == entries.end() || at->id != id ? nullptr : &*at;
    }
    [[nodiscard]] std::string_view json(const Entry& entry) const noexcept {
        return texts[entry.file].text().substr(entry.offset, entry.length);
    }
    [[nodiscard]] Lookup look_up(const entity::EntityId& id, std::uint64_t min_revision) const;
};

void FileSource::Impl::add_file(std::uint32_t number) {
    const std::filesystem::path& file = files[number];
    const MappedText& mapped = texts[number];
    const std::string_view text = mapped.text();
    constexpr std::size_t stretch = std::size_t{16} << 20; // kept in memory while indexing
    std::size_t at = 0;
    std::size_t dropped = 0;
    BlockReader reader(file.string(), [&](char* to, std::size_t size) {
        const std::size_t n = std::min(size, text.size() - at);
        if (n == 0 && !mapped.damage().empty())
            throw DamagedInput(file.string(), mapped.damage());
        if (n == 0)
            return n; // an empty file has no text
        std::memcpy(to, text.data() + at, n);
        at += n;
        if (at - dropped > stretch) {
            mapped.drop(dropped, at - dropped);
            dropped = at;
        }
        return n;
    });
    const std::size_t first = entries.size();
    LineBlock block;
    while (reader.next(block))
        for_each_line(block, [&](const InputLine& line) {
            ++counts.lines;
            if (line.kind == LineKind::problem) {
                ++counts.problems;
                std::string problem =
                    fmt::format("{}:{}: {}", file.string(), line.line, line.problem);
                if (nameless.empty())
                    nameless = problem;
                if (problems.size() < most_problems)
                    problems.push_back(std::move(problem));
                return;
            }
            if (line.json.size() > std::uint32_t(-1))
                throw base::DataError(
                    fmt::format("{}:{}: a line of 4 GiB", file.string(), line.line));
            entries.push_back({line.id, line.target, line.kind, number,
                               static_cast<std::uint32_t>(line.json.size()), line.line,
                               line.position - 1});
        });
    if (!reader.cut().empty())
        cut.push_back(fmt::format("{}: {}", file.string(), reader.cut()));
    else if (!holds_an_entity(first))
        cut.push_back(fmt::format("{}: it holds no entity", file.string()));
    if (!mapped.warning().empty())
        warnings.push_back(mapped.warning());
    mapped.drop(0, text.size());
}

/// Whether any of the entries from `first` on can be read as one; of many only the first are tried.
bool FileSource::Impl::holds_an_entity(std::size_t first) const {
    constexpr std::size_t most_tried = 1'000;
    std::size_t tried = 0;
    for (std::size_t i = first; i < entries.size() && tried < most_tried; ++i) {
        if (entries[i].kind != LineKind::entity)
            continue;
        ++tried;
        try {
            (void)entity::parse_entity(json(entries[i]));
            return true;
        } catch (const base::DataError&) { // reported on request
        }
    }
    return false;
}

/// Looks into the whole line: only of ids that occur more than once.
Standing FileSource::Impl::standing(const Entry& entry) const {
    try {
        const std::uint64_t revision = read_revision(json(entry));
        return {true, entry.kind == LineKind::entity || revision != 0, revision};
    } catch (const base::DataError&) {
        return {false, true, 0};
    }
}

void FileSource::Impl::keep_one_of_each() {
    std::stable_sort(entries.begin(), entries.end(),
                     [](const Entry& a, const Entry& b) { return a.id < b.id; });
    auto kept = entries.begin();
    for (auto first = entries.begin(), next = first; first != entries.end(); first = next) {
        const Entry* best = &*first;
        if (++next != entries.end() && next->id == first->id) {
            Standing held = standing(*best);
            for (; next != entries.end() && next->id == first->id; ++next) {
                ++counts.repeated;
                Standing other = standing(*next);
                if (!held.gives_way_to(other))
                    continue;
                if (!other.dated)
                    other.revision = held.revision;
                held = other;
                best = &*next;
            }
        }
        (best->kind == LineKind::entity     ? counts.entities
         : best->kind == LineKind::redirect ? counts.redirects
                                            : counts.missing)++;
        *kept++ = *best;
    }
    entries.erase(kept, entries.end());
}

FileSource::FileSource(std::vector<std::filesystem::path> files) : impl_(std::make_unique<Impl>()) {
    Impl& impl = *impl_;
    impl.files = std::move(files);
    for (const std::filesystem::path& file : impl.files) {
        impl.texts.emplace_back(file);
        impl.add_file(static_cast<std::uint32_t>(impl.texts.size() - 1));
    }
    impl.keep_one_of_each();
    impl.counts.require_balance(impl.files.empty() ? "files" : impl.files.front().string());
}

FileSource::~FileSource() = default;

Lookup FileSource::Impl::look_up(const entity::EntityId& id, std::uint64_t min_revision) const {
    Lookup lookup;
    lookup.id = id;
    const Entry* entry = find(id.page());
    if (entry == nullptr) {
        if (!cut.empty())
            throw base::DataError(fmt::format("{} is not in the readable part of the file ({})",
                                              id.to_string(), cut.front()));
        if (!nameless.empty())
            throw base::DataError(fmt::format("{} may be on a line that can't be read ({})",
                                              id.to_string(), nameless));
        return lookup;
    }
    if (entry->kind == LineKind::missing)
        return lookup;
    if (entry->kind == LineKind::redirect) {
        // the forms and senses of a merged lexeme are missing
        if (id == entry->id) {
            lookup.state = State::redirect;
            lookup.redirect_target = entry->redirect;
        }
        return lookup;
    }
    auto document = at_line(files[entry->file], entry->line,
                            [&] { return entity::parse_entity(json(*entry)); });
    texts[entry->file].drop(entry->offset, entry->length);
    if (document->entity().id != entry->id)
        throw base::DataError(fmt::format("{}:{}: \"id\" occurs twice in {}",
                                          files[entry->file].string(), entry->line,
                                          entry->id.to_string()));
    lookup.revision = document->entity().revision;
    if (lookup.revision != 0 && lookup.revision < min_revision)
        throw EntityUnavailable(fmt::format("{} holds revision {} of {}, not {}",
                                            files[entry->file].string(), lookup.revision,
                                            entry->id.to_string(), min_revision));
    if (document->find(id) != nullptr) {
        lookup.state = State::found;
        lookup.document = std::move(document);
    }
    return lookup;
}

std::vector<Lookup> FileSource::load(std::span<const entity::EntityId> ids,
                                     std::uint64_t min_revision) {
    std::vector<Lookup> lookups;
    lookups.reserve(ids.size());
    for (const entity::EntityId& id : ids)
        lookups.push_back(impl_->look_up(id, min_revision));
    return lookups;
}

bool FileSource::knows(const entity::EntityId& id) const noexcept {
    return impl_->find(id.page()) != nullptr;
}

std::string_view FileSource::json(const entity::EntityId& id) const noexcept {
    const Entry* entry = impl_->find(id.page());
    return entry == nullptr || entry->kind != LineKind::entity ? std::string_view{}
                                                               : impl_->json(*entry);
}

std::vector<entity::EntityId> FileSource::ids() const {
    std::vector<const Entry*> in_order;
    in_order.reserve(size());
    for (const Entry& entry : impl_->entries)
        if (entry.kind == LineKind::entity)
            in_order.push_back(&entry);
    std::sort(in_order.begin(), in_order.end(), [](const Entry* a, const Entry* b) {
        return std::pair(a->file, a->offset) < std::pair(b->file, b->offset);
    });
    std::vector<entity::EntityId> ids;
    ids.reserve(in_order.size());
    for (const Entry* entry : in_order)
        ids.push_back(entry->id);
    return ids;
}

std::size_t FileSource::size() const noexcept {
    return static_cast<std::size_t>(impl_->counts.entities);
}

const LineCounts& FileSource::counts() const noexcept { return impl_->counts; }

const std::vector<std::string>& FileSource::problems() const noexcept { return impl_->problems; }

const std::vector<std::string>& FileSource::cut() const noexcept { return impl_->cut; }

const std::vector<std::string>& FileSource::warnings() const noexcept { return impl_->warnings; }

} // namespace runner::source
