// SPDX-License-Identifier: GPL-2.0-or-later
// Numbers are little-endian base 128, texts come after their length. The order of DataValue's
// alternatives is not part of the format: Kind is.
#include "entity/digest.hpp"

#include "base/error.hpp"
#include "entity/id_code.hpp"
#include "entity/value_reader.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <memory>

namespace runner::entity {
namespace {

enum class Kind : std::uint8_t {
    nothing,
    entity,
    string,
    monolingual,
    time,
    quantity,
    globe,
    other
};

class Writer {
public:
    explicit Writer(std::string& out) : out_(out) {}

    void number(std::uint64_t n) {
        for (; n >= 0x80; n >>= 7)
            out_ += static_cast<char>(n | 0x80);
        out_ += static_cast<char>(n);
    }
    void signed_number(std::int64_t n) {
        number(static_cast<std::uint64_t>(n) << 1 ^ static_cast<std::uint64_t>(n >> 63));
    }
    void text(std::string_view t) {
        number(t.size());
        out_ += t;
    }
    void id(const EntityId& id) { number(static_cast<std::uint64_t>(code_of(id))); }
    void real(double d) {
        const auto bits = std::bit_cast<std::uint64_t>(d);
        out_.append(reinterpret_cast<const char*>(&bits), sizeof bits);
    }
    void byte(unsigned b) { out_ += static_cast<char>(b); }

    void operator()(const EntityId& value) { id(value); }
    void operator()(const std::string_view& value) { text(value); }
    void operator()(const MonolingualText& value) {
        text(value.language);
        text(value.text);
    }
    void operator()(const TimeValue& value) {
        text(value.time);
        text(value.calendar_model);
        for (const int n : {value.timezone, value.before, value.after, value.precision})
            signed_number(n);
    }
    void operator()(const QuantityValue& value) {
        for (const auto part : {value.amount, value.unit, value.upper_bound, value.lower_bound})
            text(part);
    }
    void operator()(const GlobeCoordinate& value) {
        real(value.latitude);
        real(value.longitude);
        byte(value.precision ? 1 : 0);
        real(value.precision.value_or(0));
        text(value.globe);
    }
    void operator()(const OtherValue& value) {
        for (const auto part : {value.type, value.json, value.error})
            text(part);
    }

private:
    std::string& out_;
};

Kind kind_of(const DataValue& value) {
    struct Of {
        Kind operator()(const EntityId&) const { return Kind::entity; }
        Kind operator()(const std::string_view&) const { return Kind::string; }
        Kind operator()(const MonolingualText&) const { return Kind::monolingual; }
        Kind operator()(const TimeValue&) const { return Kind::time; }
        Kind operator()(const QuantityValue&) const { return Kind::quantity; }
        Kind operator()(const GlobeCoordinate&) const { return Kind::globe; }
        Kind operator()(const OtherValue&) const { return Kind::other; }
    };
    return std::visit(Of{}, value);
}

void write_entity(Writer& writer, const Entity& entity, const DigestOptions& options) {
    writer.id(entity.id);
    writer.number(entity.revision);
    writer.text(entity.lemma_language_item);
    writer.text(entity.lexical_category);
    writer.number(entity.statements.size());
    for (const Statement& statement : entity.statements) {
        const Snak& snak = statement.main;
        Kind kind = Kind::nothing;
        if (snak.type == SnakType::value) {
            kind = kind_of(snak.value);
            if (kind != Kind::entity &&
                !std::binary_search(options.whole_values.begin(), options.whole_values.end(),
                                    snak.property))
                kind = Kind::nothing;
        }
        writer.number(snak.property.number);
        writer.byte(static_cast<unsigned>(statement.rank) | static_cast<unsigned>(snak.type) << 2 |
                    static_cast<unsigned>(kind) << 4);
        if (kind != Kind::nothing)
            std::visit(writer, snak.value);
    }
}

} // namespace

class DigestReader {
public:
    explicit DigestReader(std::string_view bytes) : bytes_(bytes) {}

    EntityPtr read() {
        // statements are larger in memory; the arena should not have to grow, nor the cache that
        // holds them be mistaken about them
        const std::uint64_t statements = number();
        if (statements > bytes_.size())
            fail();
        const std::size_t size = bytes_.size() + statements * sizeof(Statement);
        auto document = std::make_shared<EntityDocument>(size);
        arena_ = &document->arena_;
        Entity& entity = document->entity_;
        read_entity(entity);
        entity.forms = read_parts();
        entity.senses = read_parts();
        if (!bytes_.empty())
            fail();
        return document;
    }

private:
    [[noreturn]] static void fail() { throw base::DataError("not a digest of an entity"); }

    std::uint8_t byte() {
        if (bytes_.empty())
            fail();
        const auto b = static_cast<std::uint8_t>(bytes_.front());
        bytes_.remove_prefix(1);
        return b;
    }
    std::uint64_t number() {
        std::uint64_t n = 0;
        for (unsigned shift = 0; shift < 64; shift += 7) {
            const std::uint8_t b = byte();
            n |= std::uint64_t{b & 0x7FU} << shift;
            if (b < 0x80)
                return n;
        }
        fail();
    }
    int small_number() {
        const std::uint64_t n = number();
        return static_cast<int>(static_cast<std::int64_t>(n >> 1) ^
                                -static_cast<std::int64_t>(n & 1));
    }
    std::string_view text() {
        const std::uint64_t size = number();
        if (size > bytes_.size())
            fail();
        const std::string_view t = keep(*arena_, bytes_.substr(0, size));
        bytes_.remove_prefix(size);
        return t;
    }
    double real() {
        std::uint64_t bits = 0;
        if (bytes_.size() < sizeof bits)
            fail();
        std::memcpy(&bits, bytes_.data(), sizeof bits);
        bytes_.remove_prefix(sizeof bits);
        return std::bit_cast<double>(bits);
    }
    EntityId id() { return id_of(static_cast<std::int64_t>(number())); }

    DataValue value(Kind kind) {
        switch (kind) {
        case Kind::nothing: return std::string_view{};
        case Kind::entity: return id();
        case Kind::string: return text();
        case Kind::monolingual: {
            const auto language = text();
            return MonolingualText{language, text()};
        }
        case Kind::time: {
            TimeValue time;
            time.time = text();
            time.calendar_model = text();
            time.timezone = small_number();
            time.before = small_number();
            time.after = small_number();
            time.precision = small_number();
            return time;
        }
        case Kind::quantity: {
            QuantityValue quantity;
            quantity.amount = text();
            quantity.unit = text();
            quantity.upper_bound = text();
            quantity.lower_bound = text();
            return quantity;
        }
        case Kind::globe: {
            GlobeCoordinate globe;
            globe.latitude = real();
            globe.longitude = real();
            const bool has_precision = byte() != 0;
            const double precision = real();
            if (has_precision)
                globe.precision = precision;
            globe.globe = text();
            return globe;
        }
        case Kind::other: {
            OtherValue other;
            other.type = text();
            other.json = text();
            other.error = text();
            return other;
        }
        }
        fail();
    }

    template <typename T>
    T* make_list(std::uint64_t count) {
        if (count > bytes_.size()) // each has at least a byte
            fail();
        auto* list = static_cast<T*>(arena_->allocate(count * sizeof(T), alignof(T)));
        std::uninitialized_value_construct_n(list, count);
        return list;
    }

    void read_entity(Entity& entity) {
        entity.id = id();
        entity.revision = number();
        entity.lemma_language_item = text();
        entity.lexical_category = text();
        const std::uint64_t count = number();
        if (count == 0)
            return;
        auto* statements = make_list<Statement>(count);
        for (std::uint64_t i = 0; i < count; ++i) {
            Statement& statement = statements[i];
            statement.main.property.number = static_cast<std::uint32_t>(number());
            const unsigned bits = byte();
            if ((bits & 3U) > 2 || (bits >> 2 & 3U) > 2)
                fail();
            statement.rank = static_cast<Rank>(bits & 3U);
            statement.main.type = static_cast<SnakType>(bits >> 2 & 3U);
            statement.main.value = value(static_cast<Kind>(bits >> 4));
        }
        entity.statements = {statements, count};
    }

    std::span<const Entity> read_parts() {
        const std::uint64_t count = number();
        if (count == 0)
            return {};
        auto* parts = make_list<Entity>(count);
        for (std::uint64_t i = 0; i < count; ++i)
            read_entity(parts[i]);
        return {parts, count};
    }

    std::string_view bytes_;
    std::pmr::memory_resource* arena_ = nullptr;
};

void append_digest(std::string& out, const Entity& entity, const DigestOptions& options) {
    Writer writer(out);
    std::size_t statements = entity.statements.size();
    for (const auto& list : {entity.forms, entity.senses})
        for (const Entity& part : list)
            statements += part.statements.size();
    writer.number(statements);
    write_entity(writer, entity, options);
    for (const auto& list : {entity.forms, entity.senses}) {
        writer.number(list.size());
        for (const Entity& part : list)
            write_entity(writer, part, options);
    }
}

EntityPtr read_digest(std::string_view bytes) { return DigestReader(bytes).read(); }

} // namespace runner::entity
