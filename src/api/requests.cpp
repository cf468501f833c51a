// SPDX-License-Identifier: GPL-2.0-or-later
#include "api/requests.hpp"

#include "api/json_scanner.hpp"
#include "base/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <utility>

namespace runner::api {

namespace {

constexpr std::size_t shown = 60; // bytes of a wrong value that the message repeats
constexpr std::size_t max_reason = 500;
constexpr std::size_t max_entities = 10'000;
constexpr std::uint64_t max_revision = (std::uint64_t{1} << 63U) - 1; // bigint in the database

[[noreturn]] void bad_field(std::string field, const std::string& what) {
    std::string message = field + ": " + what;
    throw ApiError{400, "bad_field", std::move(message), std::move(field)};
}

std::string shorten(std::string_view text) {
    if (text.size() <= shown)
        return std::string(text);
    return std::string(base::utf8_prefix(text, shown)) + "…";
}

/// The members of the object being read: those seen, and its position.
class Fields {
public:
    Fields(JsonScanner& json, std::string path, std::initializer_list<std::string_view> known)
        : json_(json), path_(std::move(path)), known_(known) {
        if (json_.peek() != '{')
            bad_field(path_.empty() ? "body" : path_,
                      fmt::format("{} where an object belongs", json_.kind()));
    }

    /// Notes that `key` came; refuses unknown ones and ones that came before.
    void see(std::string_view key) {
        const auto it = std::find(known_.begin(), known_.end(), key);
        if (it == known_.end())
            bad_field(path(key),
                      fmt::format("there is no such field; there are {}", fmt::join(known_, ", ")));
        const unsigned bit = 1U << static_cast<unsigned>(it - known_.begin());
        if ((seen_ & bit) != 0)
            bad_field(path(key), "given twice");
        seen_ |= bit;
    }

    void require(std::string_view key) const {
        const auto it = std::find(known_.begin(), known_.end(), key);
        if ((seen_ & (1U << static_cast<unsigned>(it - known_.begin()))) == 0)
            bad_field(path(key), "missing");
    }

    [[nodiscard]] std::string path(std::string_view key) const {
        return path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key);
    }

    [[nodiscard]] std::string string(std::string_view key) {
        if (json_.peek() != '"')
            wrong(key, "where a string belongs");
        return json_.string();
    }

    [[nodiscard]] std::uint64_t whole_number(std::string_view key, std::uint64_t max) {
        const std::string what = fmt::format("is not a whole number from 0 to {}", max);
        const auto value = json_.unsigned_integer();
        if (!value)
            wrong(key, what);
        if (*value > max)
            bad_field(path(key), fmt::format("{} {}", *value, what));
        return *value;
    }

    [[nodiscard]] entity::EntityId entity(std::string_view key, ParseId parse_id) {
        if (json_.peek() != '"')
            wrong(key, "is not an entity id; an id is a string like \"Q42\"");
        return parse_entity_text(json_.string(), path(key), parse_id);
    }

private:
    [[noreturn]] void wrong(std::string_view key, const std::string& what) {
        const std::string kind(json_.kind());
        const std::string value = shorten(json_.skip());
        bad_field(path(key), kind == "a number" || kind == "a string" || kind == "a boolean"
                                 ? value + " " + what
                                 : kind + " " + what);
    }

    JsonScanner& json_;
    std::string path_;
    std::vector<std::string_view> known_;
    unsigned seen_ = 0;
};

void check_wiki(const std::string& wiki) {
    if (wiki.empty() || wiki.size() > 64)
        bad_field("wiki", "a wiki id has 1 to 64 characters");
}

Priority priority_from(const std::string& text, std::string field) {
    static constexpr std::array<std::string_view, 3> names{"low", "normal", "high"};
    const auto it = std::find(names.begin(), names.end(), text);
    if (it == names.end())
        bad_field(std::move(field), json_string(shorten(text)) + " is not low, normal or high");
    return static_cast<Priority>(it - names.begin());
}

store::JobReason reason_from(const std::string& name, const std::string& path) {
    using store::JobReason;
    for (const JobReason reason : {JobReason::edit, JobReason::fill, JobReason::request})
        if (name == store::job_reason_names[static_cast<std::size_t>(reason)])
            return reason;
    bad_field(path, json_string(shorten(name)) +
                        " is not a reason; there are \"edit\", \"fill\" and \"request\"");
}

store::JobReason any_reason(const std::string& name, const std::string& path) {
    const auto& names = store::job_reason_names;
    const auto it = std::find(names.begin(), names.end(), name);
    if (it == names.end())
        bad_field(path, fmt::format("{} is not a reason; there are {}", json_string(shorten(name)),
                                    fmt::join(names, ", ")));
    return static_cast<store::JobReason>(it - names.begin());
}

std::uint64_t whole_number_or_skip(JsonScanner& json) {
    const auto number = json.unsigned_integer();
    if (!number)
        json.skip();
    return number && *number <= max_revision ? *number : 0;
}

struct Document {
    std::string_view text;
    std::optional<entity::EntityId> id;
    std::uint64_t revision = 0;
};

/// Passes over the document; looks only at what must agree with the job. Whether it is an entity
/// is seen when it is checked.
Document read_document(JsonScanner& json, const std::string& path, ParseId parse_id) {
    if (json.peek() != '{')
        bad_field(path, fmt::format("{} where the entity's JSON object belongs", json.kind()));
    Document document;
    const std::size_t from = json.position();
    json.object([&](const std::string& key) {
        if (key == "id" && json.peek() == '"')
            document.id = parse_entity_text(json.string(), path + ".id", parse_id);
        else if (key == "lastrevid")
            document.revision = whole_number_or_skip(json);
        else
            json.skip();
    });
    document.text = json.text_since(from);
    return document;
}

JobSpec parse_job(JsonScanner& json, std::size_t number, ParseId parse_id) {
    JobSpec job;
    Document document;
    Fields fields(json, fmt::format("jobs[{}]", number),
                  {"type", "entity", "revision", "priority", "reason", "document"});
    json.object([&](const std::string& key) {
        fields.see(key);
        if (key == "type") {
            const std::string type = fields.string(key);
            if (type != "check")
                bad_field(fields.path(key),
                          json_string(shorten(type)) + " is not a job type; there is \"check\"");
        } else if (key == "entity") {
            job.entity = fields.entity(key, parse_id);
        } else if (key == "revision") {
            job.revision = fields.whole_number(key, max_revision);
        } else if (key == "priority") {
            job.priority = priority_from(fields.string(key), fields.path(key));
        } else if (key == "reason") {
            job.reason = reason_from(fields.string(key), fields.path(key));
        } else {
            document = read_document(json, fields.path(key), parse_id);
            job.document = document.text;
        }
    });
    fields.require("type");
    fields.require("entity");
    if (document.id && *document.id != job.entity.page())
        bad_field(fields.path("document.id"),
                  fmt::format("the document is of {}, the job of {}", document.id->to_string(),
                              job.entity.to_string()));
    if (document.revision != 0 && document.revision < job.revision)
        bad_field(
            fields.path("document.lastrevid"),
            fmt::format("{} is older than the job's revision {}", document.revision, job.revision));
    job.revision = std::max(job.revision, document.revision);
    return job;
}

} // namespace

entity::EntityId parse_entity_text(std::string_view text, std::string_view field,
                                   ParseId parse_id) {
    const auto id = parse_id(text);
    if (!id)
        bad_field(std::string(field), json_string(shorten(text)) + " is not an entity id");
    if (id->type == entity::EntityType::entity_schema)
        bad_field(std::string(field),
                  json_string(text) + " is an entity schema, which has no statements to check");
    return *id;
}

JobsRequest parse_jobs_request(std::string body, std::size_t max_jobs, ParseId parse_id) {
    JobsRequest request;
    request.body = std::make_unique<const std::string>(std::move(body));
    JsonScanner json(*request.body);
    Fields fields(json, {}, {"wiki", "jobs"});
    json.object([&](const std::string& key) {
        fields.see(key);
        if (key == "wiki") {
            request.wiki = fields.string(key);
            check_wiki(request.wiki);
            return;
        }
        if (json.peek() != '[')
            bad_field("jobs", fmt::format("{} where an array belongs", json.kind()));
        json.array([&] {
            if (request.jobs.size() >= max_jobs)
                throw ApiError{413, "too_many_jobs",
                               fmt::format("jobs: more than {} in one request", max_jobs), "jobs"};
            request.jobs.push_back(parse_job(json, request.jobs.size(), parse_id));
        });
    });
    json.end();
    fields.require("wiki");
    fields.require("jobs");
    return request;
}

CheckRequest parse_check_request(std::string_view body, std::chrono::milliseconds max_deadline,
                                 ParseId parse_id) {
    CheckRequest request;
    JsonScanner json(body);
    Fields fields(json, {}, {"wiki", "entity", "deadline_ms", "revision", "other_than"});
    json.object([&](const std::string& key) {
        fields.see(key);
        if (key == "wiki") {
            request.wiki = fields.string(key);
            check_wiki(request.wiki);
        } else if (key == "entity") {
            request.entity = fields.entity(key, parse_id);
        } else if (key == "revision") {
            request.revision = fields.whole_number(key, max_revision);
        } else if (key == "other_than") {
            request.other_than = fields.string(key);
        } else {
            request.deadline = std::chrono::milliseconds(
                fields.whole_number(key, static_cast<std::uint64_t>(max_deadline.count())));
        }
    });
    json.end();
    for (const char* key : {"wiki", "entity", "deadline_ms"})
        fields.require(key);
    return request;
}

DeadRetryRequest parse_dead_retry_request(std::string_view body, ParseId parse_id) {
    DeadRetryRequest request;
    if (body.empty())
        return request;
    JsonScanner json(body);
    Fields fields(json, {}, {"wiki", "entity"});
    json.object([&](const std::string& key) {
        fields.see(key);
        if (key == "wiki") {
            request.wiki = fields.string(key);
            check_wiki(request.wiki);
        } else {
            request.entity = fields.entity(key, parse_id);
        }
    });
    json.end();
    if (request.entity)
        fields.require("wiki");
    return request;
}

PauseRequest parse_pause_request(std::string_view body) {
    PauseRequest request;
    if (body.empty())
        return request;
    JsonScanner json(body);
    Fields fields(json, {}, {"wiki", "reason"});
    json.object([&](const std::string& key) {
        fields.see(key);
        std::string value = fields.string(key);
        if (key == "wiki") {
            check_wiki(value);
            request.wiki = std::move(value);
        } else {
            if (value.size() > max_reason)
                bad_field(key, fmt::format("a reason has at most {} bytes", max_reason));
            request.reason = std::move(value);
        }
    });
    json.end();
    return request;
}

ResumeRequest parse_resume_request(std::string_view body) {
    ResumeRequest request;
    if (body.empty())
        return request;
    JsonScanner json(body);
    Fields fields(json, {}, {"wiki"});
    json.object([&](const std::string& key) {
        fields.see(key);
        request.wiki = fields.string(key);
        check_wiki(request.wiki);
    });
    json.end();
    return request;
}

store::NewPriority parse_reprioritise_request(std::string_view body, ParseId parse_id) {
    store::NewPriority request;
    JsonScanner json(body);
    Fields fields(json, {}, {"wiki", "priority", "reason", "entities"});
    json.object([&](const std::string& key) {
        fields.see(key);
        if (key == "wiki") {
            request.wiki = fields.string(key);
            check_wiki(request.wiki);
        } else if (key == "priority") {
            request.priority = job_priority(priority_from(fields.string(key), key));
        } else if (key == "reason") {
            request.reason = any_reason(fields.string(key), key);
        } else {
            if (json.peek() != '[')
                bad_field(key, fmt::format("{} where an array belongs", json.kind()));
            json.array([&] {
                const std::string path = fmt::format("{}[{}]", key, request.entities.size());
                if (request.entities.size() >= max_entities)
                    throw ApiError{413, "too_many_entities",
                                   fmt::format("{}: more than {}", key, max_entities), key};
                if (json.peek() != '"')
                    bad_field(path, fmt::format("{} where an entity id belongs", json.kind()));
                request.entities.push_back(parse_entity_text(json.string(), path, parse_id));
            });
            if (request.entities.empty())
                bad_field(key, "is empty; leave it out to mean all jobs");
        }
    });
    json.end();
    fields.require("wiki");
    fields.require("priority");
    return request;
}

std::int16_t job_priority(Priority priority) noexcept {
    constexpr std::array<std::int16_t, 3> numbers{-10, 0, 10}; // indexed by Priority
    return numbers[static_cast<std::size_t>(priority)];
}

} // namespace runner::api
