// SPDX-License-Identifier: GPL-2.0-or-later
// Goes over the keys of one JSON object. As documents are written, "id" is among the first 200
// bytes; elsewhere what is before it is skipped.
#include "source/entity_line.hpp"

#include "base/error.hpp"
#include "base/utf8.hpp"
#include "source/json_scanner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace runner::source {
namespace {

constexpr std::string_view white = " \t\r\n";
// "missing" is looked for behind "id" in short objects only: the API writes nothing else into them
constexpr std::size_t longest_missing = 2000;

struct Head {
    std::optional<entity::EntityId> id;
    std::optional<entity::EntityId> redirecting;
    std::optional<entity::EntityId> target;
    bool missing = false;
    std::string_view entities; ///< of an answer of the API
    std::string_view error;    ///< of an answer of the API
};

entity::EntityId parse_id(std::string_view key, std::string_view text) {
    if (const auto id = entity::EntityId::parse(text))
        return *id;
    throw base::DataError(
        fmt::format("\"{}\" is not an entity id: \"{}\"", key, base::utf8_prefix(text, 40)));
}

/// `"missing": ""` of the API's older format, `true` of the newer one.
bool is_flag(std::string_view value) {
    if (value == "\"\"" || value == "true")
        return true;
    if (value == "false")
        return false;
    throw base::DataError(
        fmt::format("\"missing\" is {}, which is not a flag", base::utf8_prefix(value, 40)));
}

template <typename Each>
void for_each_key(std::string_view json, Each each) {
    JsonScanner scan(json);
    scan.expect('{');
    if (scan.take('}'))
        return;
    do {
        scan.skip_white();
        const std::string_view key = scan.string();
        scan.expect(':');
        scan.skip_white();
        if (!each(key, scan))
            return;
    } while (scan.take(','));
    scan.expect('}');
}

/// Behind the id the text is looked at in short objects only, for "missing" and a second id; what
/// is broken there is for the parser to report.
Head read_head(std::string_view json) {
    Head head;
    bool twice = false;
    const auto take_key = [&](std::string_view key, JsonScanner& scan) {
        const char first = scan.peek();
        if (key == "id") {
            if (first != '"')
                throw base::DataError("\"id\" is not a string");
            twice = head.id.has_value();
            head.id = parse_id(key, scan.string());
            return !twice && json.size() <= longest_missing;
        }
        if (first == '"' && (key == "entity" || key == "redirect")) {
            (key == "entity" ? head.redirecting : head.target) = parse_id(key, scan.string());
            return true;
        }
        const std::string_view value = scan.value();
        if (key == "missing")
            head.missing = is_flag(value);
        else if (key == "entities")
            head.entities = value;
        else if (key == "error")
            head.error = value;
        return true;
    };
    try {
        for_each_key(json, take_key);
    } catch (const base::DataError&) {
        if (!head.id || head.missing) // only entities are read again
            throw;
    }
    if (twice)
        throw base::DataError("\"id\" occurs twice");
    return head;
}

class Decision {
public:
    Decision(std::string_view whole, std::uint64_t line, std::uint64_t position,
             const std::function<void(const InputLine&)>& each)
        : whole_(whole), line_(line), position_(position), each_(each) {}

    void run() {
        try {
            const Head head = read_head(whole_);
            // what follows an entity its parser finds
            if ((!head.id || head.missing) && !is_whole_object(whole_))
                throw base::DataError("more text follows the object");
            if (!head.id && !head.entities.empty())
                expand(head.entities);
            else
                each_(decided(whole_, head));
        } catch (const base::DataError& error) {
            each_(problem(whole_, error.what()));
        }
    }

private:
    /// Lines are counted on from the last place, or back to an earlier one.
    InputLine at(std::string_view json) {
        const auto begin = static_cast<std::size_t>(json.data() - whole_.data());
        const auto newlines = [this](std::size_t from, std::size_t to) {
            return static_cast<std::uint64_t>(
                std::count(whole_.begin() + static_cast<std::ptrdiff_t>(from),
                           whole_.begin() + static_cast<std::ptrdiff_t>(to), '\n'));
        };
        if (begin >= counted_)
            line_ += newlines(counted_, begin);
        else
            line_ -= newlines(begin, counted_);
        counted_ = begin;
        InputLine out;
        out.line = line_;
        out.position = position_ + begin;
        out.json = json;
        return out;
    }

    InputLine problem(std::string_view json, const std::string& what) {
        InputLine out = at(json);
        out.problem = what;
        return out;
    }

    InputLine decided(std::string_view json, const Head& head) {
        if (head.id) {
            InputLine out = at(json);
            out.kind = head.missing ? LineKind::missing : LineKind::entity;
            out.id = *head.id;
            if (out.id.page() != out.id || out.id.type == entity::EntityType::entity_schema)
                return problem(json, fmt::format("{} has no page of its own", out.id.to_string()));
            return out;
        }
        if (head.redirecting && head.target) {
            InputLine out = at(json);
            out.kind = LineKind::redirect;
            out.id = *head.redirecting;
            out.target = *head.target;
            return out;
        }
        if (!head.error.empty())
            return problem(json, fmt::format("an error of the API instead of an entity: {}",
                                             base::utf8_prefix(head.error, 80)));
        return problem(json, "an entity without \"id\"");
    }

    /// `{"Q1": {…}, …}`; PHP writes an empty one as `[]`. An entity under the id of another one is
    /// what that one redirects to.
    void expand(std::string_view entities) {
        if (entities.starts_with('[')) {
            each_(problem(entities, "an answer of the API without entities"));
            return;
        }
        bool any = false;
        for_each_key(entities, [&](std::string_view key, JsonScanner& scan) {
            any = true;
            const std::string_view json = scan.value();
            InputLine line;
            try {
                line = decided(json, read_head(json));
            } catch (const base::DataError& error) {
                line = problem(json, error.what());
            }
            const auto named = entity::EntityId::parse(key);
            if (named && line.kind == LineKind::entity && *named != line.id) {
                InputLine redirect = line;
                redirect.kind = LineKind::redirect;
                redirect.id = *named;
                redirect.target = line.id;
                each_(redirect);
            }
            each_(line);
            return true;
        });
        if (!any)
            each_(problem(entities, "an answer of the API without entities"));
    }

    const std::string_view whole_;
    std::uint64_t line_;
    const std::uint64_t position_;
    std::size_t counted_ = 0;
    const std::function<void(const InputLine&)>& each_;
};

} // namespace

std::string_view json_of_line(std::string_view line) noexcept {
    const auto strip_end = [&line](std::string_view chars) {
        line = line.substr(0, line.find_last_not_of(chars) + 1); // npos + 1 is 0
    };
    if (line.starts_with("\xEF\xBB\xBF"))
        line.remove_prefix(3);
    line.remove_prefix(std::min(line.find_first_not_of(white), line.size()));
    strip_end(white);
    if (line.starts_with('[')) {
        line.remove_prefix(1);
        line.remove_prefix(std::min(line.find_first_not_of(white), line.size()));
    } else if (line.starts_with(',')) {
        line.remove_prefix(1);
        line.remove_prefix(std::min(line.find_first_not_of(white), line.size()));
    }
    if (line.ends_with(']')) {
        line.remove_suffix(1);
        strip_end(white);
    }
    if (line.ends_with(',')) {
        line.remove_suffix(1);
        strip_end(white);
    }
    return line;
}

bool is_whole_object(std::string_view json) noexcept {
    if (!json.starts_with('{') || !json.ends_with('}'))
        return false;
    try {
        JsonScanner scan(json);
        return scan.value().size() == json.size();
    } catch (const base::DataError&) {
        return false;
    }
}

void decide_line(std::string_view json, std::uint64_t line, std::uint64_t position,
                 const std::function<void(const InputLine&)>& each) {
    Decision(json, line, position, each).run();
}

std::uint64_t read_revision(std::string_view json) {
    std::uint64_t revision = 0;
    for_each_key(json, [&](std::string_view key, JsonScanner& scan) {
        const std::string_view value = scan.value();
        if (key == "lastrevid")
            std::from_chars(value.data(), value.data() + value.size(), revision);
        return true;
    });
    if (revision > std::uint64_t{INT64_MAX})
        throw base::DataError("\"lastrevid\" is not a revision ID");
    return revision;
}

void LineCounts::require_balance(std::string_view input) const {
    const std::uint64_t sum = entities + redirects + missing + repeated + problems;
    if (lines != sum)
        throw base::Error(
            base::ExitCode::software,
            fmt::format(
                "{}: bug: the counts do not add up: {} lines, but {} entities + {} redirects + {} "
                "missing + {} repeated + {} problems = {}",
                input, lines, entities, redirects, missing, repeated, problems, sum));
}

} // namespace runner::source
