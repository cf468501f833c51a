// SPDX-License-Identifier: GPL-2.0-or-later
// A record of the file "digests": its length without the head (4 bytes), the position of its line
// (8), the revision by which it stands among others of its id (8), then its kind: 0 and a digest, 1
// and the code of a redirect's target (8), 2 for a missing page, 3 and the reason why it can't be
// read. An index holds 8 bytes for each number that an id can have; file systems keep no blocks for
// long stretches without any.
#include "facts/fact_files.hpp"

#include "base/error.hpp"
#include "entity/id_code.hpp"
#include "source/entity_unavailable.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace runner::facts {
namespace {

using base::DiskFile;

constexpr std::size_t head_size = 20;
constexpr std::size_t without_length = head_size - sizeof(std::uint32_t);
enum Kind : char { digest, redirect, missing, unreadable };
constexpr std::size_t usual_size = 1024; // one read; longer records take a second one
constexpr std::size_t index_width = 8;

template <typename T>
void append_raw(std::string& out, T number) {
    out.append(reinterpret_cast<const char*>(&number), sizeof number);
}

template <typename T>
T raw(std::string_view bytes) {
    T number;
    std::memcpy(&number, bytes.data(), sizeof number);
    return number;
}

DiskFile::Mode mode(bool fresh) {
    return fresh ? DiskFile::Mode::create : DiskFile::Mode::read_write;
}

/// Those that have pages of their own.
std::optional<std::size_t> index_of(entity::EntityType type) {
    switch (type) {
    case entity::EntityType::item: return 0;
    case entity::EntityType::property: return 1;
    case entity::EntityType::lexeme: return 2;
    case entity::EntityType::mediainfo: return 3;
    default: return std::nullopt;
    }
}

std::vector<DiskFile> open_index(const std::filesystem::path& folder, bool fresh) {
    std::vector<DiskFile> files;
    for (const char* name : {"items", "properties", "lexemes", "mediainfo"})
        files.emplace_back(folder / (std::string("index-") + name), mode(fresh));
    return files;
}

} // namespace

void FactFiles::Batch::clear() {
    bytes_.clear();
    places_.clear();
}

FactFiles::FactFiles(const std::filesystem::path& folder, entity::DigestOptions options, bool fresh)
    : options_(std::move(options)), digests_(folder / "digests", mode(fresh)),
      index_(open_index(folder, fresh)), property_texts_(folder / "properties", mode(fresh)),
      digests_end_(digests_.size()), property_texts_end_(property_texts_.size()) {
    index_properties();
}

/// Each is a line: number of the property, kind, revision, whether that counts, and its text.
void FactFiles::add_property(entity::PropertyId id, const source::Standing& standing,
                             source::LineKind kind, std::string_view json_or_reason) {
    source::Standing next = standing;
    if (const auto at = properties_.find(id.number); at != properties_.end()) {
        if (!at->second.standing.gives_way_to(next))
            return;
        if (!next.dated)
            next.revision = at->second.standing.revision;
    }
    const std::string head = fmt::format("{} {} {} {} ", id.number, static_cast<int>(kind),
                                         next.revision, next.dated ? 1 : 0);
    std::string text(json_or_reason);
    std::replace(text.begin(), text.end(), '\n', ' '); // between values, or in a reason
    property_texts_.write(property_texts_end_, head + text + '\n');
    properties_[id.number] = {property_texts_end_ + head.size(),
                              static_cast<std::uint32_t>(text.size()), kind, next};
    property_texts_end_ += head.size() + text.size() + 1;
}

void FactFiles::index_properties() {
    std::string text;
    std::string buffer(std::size_t{4} << 20, '\0');
    std::uint64_t begin = 0; // of `text`
    for (std::uint64_t at = 0; at < property_texts_end_;) {
        const std::size_t n = property_texts_.read(at, buffer.data(), buffer.size());
        if (n == 0)
            break;
        at += n;
        text.append(buffer, 0, n);
        std::size_t used = 0;
        for (std::size_t end = 0; (end = text.find('\n', used)) != std::string::npos;
             used = end + 1) {
            const char* field = text.data() + used;
            std::array<std::uint64_t, 4> head{};
            for (std::uint64_t& number : head)
                field = std::from_chars(field, text.data() + end, number).ptr + 1;
            const auto length = static_cast<std::size_t>(text.data() + end - field);
            const auto kind = static_cast<source::LineKind>(head[1]);
            properties_[static_cast<std::uint32_t>(head[0])] = {
                begin + (end - length),
                static_cast<std::uint32_t>(length),
                kind,
                {kind != source::LineKind::problem, head[3] == 1, head[2]}};
        }
        text.erase(0, used);
        begin += used;
    }
}

namespace {

std::size_t begin_record(std::string& bytes, std::uint64_t position,
                         const source::Standing& standing, Kind kind) {
    const std::size_t begin = bytes.size();
    append_raw(bytes, std::uint32_t{0});
    append_raw(bytes, position);
    append_raw(bytes, standing.revision);
    bytes += kind;
    return begin;
}

void end_record(std::string& bytes, std::size_t begin) {
    const auto length = static_cast<std::uint32_t>(bytes.size() - begin - head_size);
    std::memcpy(bytes.data() + begin, &length, sizeof length);
}

} // namespace

void FactFiles::add(Batch& batch, std::uint64_t position, const entity::Entity& entity) const {
    const source::Standing standing{true, true, entity.revision};
    const std::size_t begin = begin_record(batch.bytes_, position, standing, digest);
    batch.places_.push_back({entity.id, begin, true, standing});
    entity::append_digest(batch.bytes_, entity, options_);
    end_record(batch.bytes_, begin);
}

void FactFiles::add_redirect(Batch& batch, std::uint64_t position, const entity::EntityId& id,
                             const entity::EntityId& target) {
    const source::Standing standing{true, false, 0};
    const std::size_t begin = begin_record(batch.bytes_, position, standing, redirect);
    batch.places_.push_back({id, begin, false, standing});
    append_raw(batch.bytes_, entity::code_of(target));
    end_record(batch.bytes_, begin);
}

void FactFiles::add_missing(Batch& batch, std::uint64_t position, const entity::EntityId& id) {
    const source::Standing standing{true, false, 0};
    const std::size_t begin = begin_record(batch.bytes_, position, standing, missing);
    batch.places_.push_back({id, begin, false, standing});
    end_record(batch.bytes_, begin);
}

void FactFiles::add_unreadable(Batch& batch, std::uint64_t position, const entity::EntityId& id,
                               std::string_view reason) {
    const source::Standing standing{false, true, 0};
    const std::size_t begin = begin_record(batch.bytes_, position, standing, unreadable);
    batch.places_.push_back({id, begin, false, standing});
    batch.bytes_ += reason;
    end_record(batch.bytes_, begin);
}

void FactFiles::write(const Batch& batch) {
    // before any of it is looked at: two of an id may be in one batch
    digests_.write(digests_end_, batch.bytes_);
    for (const Batch::Place& place : batch.places_) {
        const auto index = index_of(place.id.type);
        if (!index)
            continue;
        const std::uint64_t at = digests_end_ + place.at;
        if (const std::string held = record(place.id, head_size + 1); !held.empty()) {
            ++repeated_;
            const char kind = held[without_length];
            const source::Standing before{kind != unreadable, true,
                                          raw<std::uint64_t>(held.substr(sizeof(std::uint64_t)))};
            if (!before.gives_way_to(place.standing))
                continue;
            if (!place.standing.dated) {
                std::string revision;
                append_raw(revision, before.revision);
                digests_.write(at + sizeof(std::uint32_t) + sizeof(std::uint64_t), revision);
            }
            entities_ -= kind == digest ? 1 : 0;
        }
        entities_ += place.is_entity ? 1 : 0;
        std::string entry;
        append_raw(entry, std::uint64_t{at + 1});
        index_[*index].write(std::uint64_t{place.id.number} * index_width, entry);
    }
    digests_end_ += batch.bytes_.size();
}

/// Where the record of a page begins, plus 1; 0 when there is none.
std::uint64_t FactFiles::place_of(const entity::EntityId& id) const {
    const auto index = index_of(id.type);
    std::array<char, index_width> entry{};
    if (!index || index_[*index].read(std::uint64_t{id.number} * index_width, entry.data(),
                                      entry.size()) != entry.size())
        return 0;
    return raw<std::uint64_t>({entry.data(), entry.size()});
}

/// The record of a page, without its length; empty when there is none. At least `most` bytes of
/// it, or all.
std::string FactFiles::record(const entity::EntityId& id, std::size_t most) const {
    const std::uint64_t place = place_of(id);
    if (place == 0)
        return {};
    std::string bytes(std::max(most, head_size + 1), '\0');
    bytes.resize(digests_.read(place - 1, bytes.data(), bytes.size()));
    if (bytes.size() <= head_size)
        throw base::DataError(digests_.path().string() + " is truncated");
    const std::size_t size = head_size + raw<std::uint32_t>(bytes); // the kind is in the length
    if (most > head_size + 1 && size > bytes.size()) {
        const std::size_t have = bytes.size();
        bytes.resize(size);
        if (digests_.read(place - 1 + have, bytes.data() + have, size - have) != size - have)
            throw base::DataError(digests_.path().string() + " is truncated");
    }
    bytes.resize(std::min(bytes.size(), size));
    bytes.erase(0, sizeof(std::uint32_t));
    return bytes;
}

source::Lookup FactFiles::look_up(const entity::EntityId& id) const {
    source::Lookup lookup;
    lookup.id = id;
    const entity::EntityId page = id.page();
    if (page.type == entity::EntityType::property) {
        if (const auto at = properties_.find(page.number); at != properties_.end()) {
            if (at->second.kind == source::LineKind::missing)
                return lookup;
            std::string text(at->second.length, '\0');
            text.resize(property_texts_.read(at->second.offset, text.data(), text.size()));
            if (!at->second.standing.readable)
                throw base::DataError(text);
            lookup.document = entity::parse_entity(text);
            lookup.state = source::State::found;
            lookup.revision = lookup.document->entity().revision;
            return lookup;
        }
    }
    const std::string bytes = record(page, usual_size);
    if (bytes.empty()) {
        if (!cut_.empty())
            throw base::DataError("it is not in the readable part of the dump (" + cut_ + ")");
        if (!nameless_.empty())
            throw base::DataError("it may be on a line that can't be read (" + nameless_ + ")");
        return lookup;
    }
    const std::string_view content = std::string_view(bytes).substr(without_length);
    const std::string_view rest = content.substr(1);
    switch (content.front()) {
    case missing: return lookup;
    case unreadable: throw base::DataError(std::string(rest));
    case redirect:
        if (rest.size() != sizeof(std::int64_t))
            break;
        // the forms and senses of a merged lexeme are missing
        if (id == page) {
            lookup.state = source::State::redirect;
            lookup.redirect_target = entity::id_of(raw<std::int64_t>(rest));
        }
        return lookup;
    case digest: {
        auto document = entity::read_digest(rest);
        lookup.revision = document->entity().revision;
        if (document->find(id) != nullptr) {
            lookup.state = source::State::found;
            lookup.document = std::move(document);
        }
        return lookup;
    }
    default: break;
    }
    throw base::DataError(digests_.path().string() + " is damaged");
}

std::vector<source::Lookup> FactFiles::load(std::span<const entity::EntityId> ids,
                                            std::uint64_t min_revision) {
    std::vector<source::Lookup> lookups;
    lookups.reserve(ids.size());
    for (const entity::EntityId& id : ids) {
        lookups.push_back(look_up(id));
        if (lookups.back().revision != 0 && lookups.back().revision < min_revision)
            throw source::EntityUnavailable(fmt::format("the dump has revision {} of {}, not {}",
                                                        lookups.back().revision, id.to_string(),
                                                        min_revision));
    }
    return lookups;
}

std::uint64_t FactFiles::position_of(const entity::EntityId& id) const {
    const std::string bytes = record(id.page(), head_size);
    return bytes.empty() ? 0 : raw<std::uint64_t>(bytes);
}

} // namespace runner::facts
