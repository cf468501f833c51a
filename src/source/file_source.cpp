// SPDX-License-Identifier: GPL-2.0-or-later
// The index is one sorted vector: small for millions of entities, and never changed once made.
#include "source/file_source.hpp"

#include "source/entity_line.hpp"
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
    std::uint32_t file = 0;
    std::uint64_t line = 0;
    std::uint64_t offset = 0;
    std::uint32_t length = 0;
};

/// Runs `action`; what it finds wrong is told with file and line.
template <typename Action>
auto at_line(const std::filesystem::path& file, std::uint64_t line, const Action& action) {
    try {
        return action();
    } catch (const base::DataError& e) {
        throw base::DataError(fmt::format("{}:{}: {}", file.string(), line, e.what()));
    }
}

void add_entries(const std::filesystem::path& file, std::uint32_t number,
                 const MappedText& mapped, std::vector<Entry>& entries) {
    constexpr std::size_t stretch = std::size_t{16} << 20; // kept in memory while indexing
    std::string_view text = mapped.text();
    const char* const begin = text.data();
    std::size_t dropped = 0;
    std::uint64_t line = 0;
    while (!text.empty()) {
        ++line;
        if (const auto done = static_cast<std::size_t>(text.data() - begin);
            done - dropped > stretch) {
            mapped.drop(dropped, done - dropped);
            dropped = done;
        }
        const std::size_t length = std::min(text.find('\n'), text.size());
        const std::string_view json = json_of_line(text.substr(0, length));
        text.remove_prefix(std::min(length + 1, text.size()));
        if (json.empty())
            continue;
        if (json.size() > std::uint32_t(-1))
            throw base::DataError(fmt::format("{}:{}: a line of 4 GiB", file.string(), line));
        const LineHead head = at_line(file, line, [&] { return read_line_head(json); });
        entries.push_back({head.id, head.redirect.value_or(entity::EntityId{}), number, line,
                           static_cast<std::uint64_t>(json.data() - begin),
                           static_cast<std::uint32_t>(json.size())});
    }
}

} // namespace

struct FileSource::Impl {
    std::vector<std::filesystem::path> files;
    std::vector<MappedText> texts;
    std::vector<Entry> entries; ///< sorted by id, one for each
    std::size_t entities = 0;

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

FileSource::FileSource(std::vector<std::filesystem::path> files)
    : impl_(std::make_unique<Impl>()) {
    Impl& impl = *impl_;
    impl.files = std::move(files);
    for (const std::filesystem::path& file : impl.files) {
        impl.texts.emplace_back(file);
        add_entries(file, static_cast<std::uint32_t>(impl.texts.size() - 1),
                    impl.texts.back(), impl.entries);
    }
    for (const MappedText& text : impl.texts)
        text.drop(0, text.text().size());
    std::vector<Entry>& entries = impl.entries;
    std::stable_sort(entries.begin(), entries.end(),
                     [](const Entry& a, const Entry& b) { return a.id < b.id; });
    // of equal ids the last one stays
    auto kept = entries.begin();
    for (auto at = entries.begin(); at != entries.end(); ++at)
        if (at + 1 == entries.end() || (at + 1)->id != at->id)
            *kept++ = *at;
    entries.erase(kept, entries.end());
    impl.entities = static_cast<std::size_t>(
        std::count_if(entries.begin(), entries.end(),
                      [](const Entry& e) { return !e.redirect.valid(); }));
}

FileSource::~FileSource() = default;

Lookup FileSource::Impl::look_up(const entity::EntityId& id, std::uint64_t min_revision) const {
    Lookup lookup;
    lookup.id = id;
    const Entry* entry = find(id.page());
    if (entry == nullptr)
        return lookup;
    if (entry->redirect.valid()) {
        // the forms and senses of a lexeme that was merged are gone
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
        throw SourceUnavailable(fmt::format("{} holds revision {} of {}, not {}",
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

std::string_view FileSource::json(const entity::EntityId& id) const noexcept {
    const Entry* entry = impl_->find(id.page());
    return entry == nullptr || entry->redirect.valid() ? std::string_view{} : impl_->json(*entry);
}

std::vector<entity::EntityId> FileSource::ids() const {
    std::vector<const Entry*> in_order;
    in_order.reserve(size());
    for (const Entry& entry : impl_->entries)
        if (!entry.redirect.valid())
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
    return impl_->entities;
}

void for_each_entity(const std::filesystem::path& file,
                     const std::function<bool(const EntityLine&)>& each) {
    constexpr std::size_t max_line = std::size_t{256} << 20;
    TextStream stream(file);
    std::vector<char> buffer(std::size_t{1} << 20);
    std::size_t begin = 0; // of what is not handed out yet
    std::size_t end = 0;
    std::uint64_t line = 0;
    for (bool at_end = false; !at_end;) {
        if (begin > 0) {
            std::memmove(buffer.data(), buffer.data() + begin, end - begin);
            end -= std::exchange(begin, 0);
        }
        if (end == buffer.size()) {
            if (end >= max_line)
                throw base::DataError(fmt::format("{}:{}: a line longer than {} bytes",
                                                  file.string(), line + 1, max_line));
            buffer.resize(2 * buffer.size());
        }
        const std::size_t scanned = end;
        const std::size_t n = stream.read(buffer.data() + end, buffer.size() - end);
        end += n;
        at_end = n == 0;
        std::size_t from = scanned; // no newline before it
        for (;;) {
            const auto* newline = static_cast<const char*>(
                std::memchr(buffer.data() + from, '\n', end - from));
            if (newline == nullptr && (!at_end || begin == end))
                break;
            const std::size_t stop =
                newline == nullptr ? end : static_cast<std::size_t>(newline - buffer.data());
            ++line;
            const std::string_view json = json_of_line({buffer.data() + begin, stop - begin});
            begin = from = std::min(stop + 1, end);
            if (!json.empty() && !each({line, json, stream.raw_bytes()}))
                return;
        }
    }
}

} // namespace runner::source
