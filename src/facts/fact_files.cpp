// SPDX-License-Identifier: GPL-2.0-or-later
// A record of the file "digests": its length without the head (4 bytes), the line (8), then 0 and
// a digest, or 1 and the code of a redirect's target (8). An index holds 8 bytes for each number
// that an id can have; file systems keep no blocks for long stretches without any.
#include "facts/fact_files.hpp"

#include "base/error.hpp"
#include "entity/id_code.hpp"
#include "source/entity_line.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace runner::facts {
namespace {

using base::DiskFile;

constexpr std::size_t head_size = 12;
constexpr std::size_t usual_size = 1024; // read at once; longer records take a second read
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

FactFiles::FactFiles(const std::filesystem::path& folder, entity::DigestOptions options,
                     bool fresh)
    : options_(std::move(options)), digests_(folder / "digests", mode(fresh)),
      index_(open_index(folder, fresh)), property_texts_(folder / "properties", mode(fresh)),
      digests_end_(digests_.size()), property_texts_end_(property_texts_.size()) {
    index_properties();
}

/// Each is its line, a space, its JSON, a newline.
void FactFiles::add_property(entity::PropertyId id, std::uint64_t line, std::string_view json) {
    const std::string head = std::to_string(line) + ' ';
    property_texts_.write(property_texts_end_, head + std::string(json) + '\n');
    properties_[id.number] = {property_texts_end_ + head.size(),
                              static_cast<std::uint32_t>(json.size())};
    property_texts_end_ += head.size() + json.size() + 1;
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
            const std::string_view record = std::string_view(text).substr(used, end - used);
            const std::size_t json = record.find(' ') + 1;
            const auto head = source::read_line_head(record.substr(json));
            properties_[head.id.number] = {begin + used + json,
                                           static_cast<std::uint32_t>(record.size() - json)};
        }
        text.erase(0, used);
        begin += used;
    }
}

void FactFiles::add(Batch& batch, std::uint64_t line, const entity::Entity& entity) const {
    const std::size_t begin = batch.bytes_.size();
    batch.places_.emplace_back(entity.id, begin);
    append_raw(batch.bytes_, std::uint32_t{0});
    append_raw(batch.bytes_, line);
    batch.bytes_ += '\0';
    entity::append_digest(batch.bytes_, entity, options_);
    const auto length = static_cast<std::uint32_t>(batch.bytes_.size() - begin - head_size);
    std::memcpy(batch.bytes_.data() + begin, &length, sizeof length);
}

void FactFiles::add_redirect(Batch& batch, std::uint64_t line, const entity::EntityId& id,
                             const entity::EntityId& target) {
    batch.places_.emplace_back(id, batch.bytes_.size());
    append_raw(batch.bytes_, std::uint32_t{1 + sizeof(std::int64_t)});
    append_raw(batch.bytes_, line);
    batch.bytes_ += '\1';
    append_raw(batch.bytes_, entity::code_of(target));
}

void FactFiles::write(const Batch& batch) {
    digests_.write(digests_end_, batch.bytes_);
    for (const auto& [id, place] : batch.places_) {
        std::string entry;
        append_raw(entry, std::uint64_t{digests_end_ + place + 1});
        if (const auto index = index_of(id.type))
            index_[*index].write(std::uint64_t{id.number} * index_width, entry);
    }
    digests_end_ += batch.bytes_.size();
}

/// The record of a page, without its length; empty when there is none. At least `most` bytes of
/// it, or all.
std::string FactFiles::record(const entity::EntityId& id, std::size_t most) const {
    const auto index = index_of(id.type);
    std::array<char, index_width> entry{};
    if (!index || index_[*index].read(std::uint64_t{id.number} * index_width, entry.data(),
                                      entry.size()) != entry.size())
        return {};
    const auto place = raw<std::uint64_t>({entry.data(), entry.size()});
    if (place == 0)
        return {};
    std::string bytes(std::max(most, head_size), '\0');
    bytes.resize(digests_.read(place - 1, bytes.data(), bytes.size()));
    if (bytes.size() < head_size)
        throw base::DataError(digests_.path().string() + " is cut off");
    const std::size_t size = head_size + raw<std::uint32_t>(bytes);
    if (most > head_size && size > bytes.size()) {
        const std::size_t have = bytes.size();
        bytes.resize(size);
        if (digests_.read(place - 1 + have, bytes.data() + have, size - have) != size - have)
            throw base::DataError(digests_.path().string() + " is cut off");
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
            std::string json(at->second.length, '\0');
            json.resize(property_texts_.read(at->second.offset, json.data(), json.size()));
            lookup.document = entity::parse_entity(json);
            lookup.state = source::State::found;
            lookup.revision = lookup.document->entity().revision;
            return lookup;
        }
    }
    const std::string bytes = record(page, usual_size);
    if (bytes.empty())
        return lookup;
    const std::string_view content = std::string_view(bytes).substr(sizeof(std::uint64_t));
    if (content.starts_with('\1') && content.size() == 1 + sizeof(std::int64_t)) {
        // the forms and senses of a lexeme that was merged are gone
        if (id == page) {
            lookup.state = source::State::redirect;
            lookup.redirect_target = entity::id_of(raw<std::int64_t>(content.substr(1)));
        }
        return lookup;
    }
    if (!content.starts_with('\0'))
        throw base::DataError(digests_.path().string() + " is damaged");
    auto document = entity::read_digest(content.substr(1));
    lookup.revision = document->entity().revision;
    if (document->find(id) != nullptr) {
        lookup.state = source::State::found;
        lookup.document = std::move(document);
    }
    return lookup;
}

std::vector<source::Lookup> FactFiles::load(std::span<const entity::EntityId> ids,
                                            std::uint64_t min_revision) {
    std::vector<source::Lookup> lookups;
    lookups.reserve(ids.size());
    for (const entity::EntityId& id : ids) {
        lookups.push_back(look_up(id));
        if (lookups.back().revision != 0 && lookups.back().revision < min_revision)
            throw source::SourceUnavailable(fmt::format("the dump holds revision {} of {}, not {}",
                                                        lookups.back().revision, id.to_string(),
                                                        min_revision));
    }
    return lookups;
}

std::uint64_t FactFiles::line_of(const entity::EntityId& id) const {
    const std::string bytes = record(id.page(), head_size);
    return bytes.empty() ? 0 : raw<std::uint64_t>(bytes);
}

} // namespace runner::facts
