// SPDX-License-Identifier: GPL-2.0-or-later
// See import_files.hpp.
#include "api/import_files.hpp"

#include "api/encoding.hpp"
#include "api/handler_parts.hpp"
#include "api/list.hpp"
#include "base/csv.hpp"
#include "build_options.hpp"
#include "imports/file_filter.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <exception>
#include <memory>
#include <mutex>
#include <utility>

namespace runner::api {

namespace {

using Page = store::CommonsFileStore::Page;
using Question = store::CommonsFileStore::Question;
using Order = store::CommonsFileStore::Order;

constexpr std::uint32_t default_page = 100;
constexpr std::uint32_t max_page = 1'000;
constexpr std::uint32_t max_list = 100'000; // of one that is not streamed
constexpr std::uint32_t piece_size = 5'000;
constexpr std::uint32_t fewest_compared = 1'000; // for a page of what differs, or passes a filter
constexpr unsigned most_failures = 3;            // of one piece
constexpr std::uint64_t any_number = (std::uint64_t{1} << 63U) - 1;
// indexed by store::FileChange
constexpr std::array<std::string_view, 6> changes{"unchanged", "new",      "changed",
                                                  "renamed",   "vanished", "left_out"};

using Format = ListFormat;

template <typename T>
std::string or_null(const std::optional<T>& value) {
    if (!value)
        return "null";
    if constexpr (std::is_same_v<T, std::string>)
        return json_string(*value);
    else
        return std::to_string(*value);
}

/// Why a list that ends here is not the whole one; empty when it is.
std::string lacking(const Page& page, std::uint64_t id, bool more) {
    if (page.deleted || page.since_deleted)
        return fmt::format("the files of import {} were deleted", id);
    if (more && page.next)
        return fmt::format("more files of import {} follow after {}", id, page.next->page);
    if (page.state != "complete")
        return fmt::format("import {} is {}", id,
                           page.state == "active" ? "not complete yet" : page.state);
    return {};
}

/// What ends a list. A line of CSV with one field is no file: readers that know nothing of it
/// complain, which is what it is for.
std::string last_line(Format format, const std::string& lacks) {
    if (format == Format::lines)
        return lacks.empty()
                   ? "{\"complete\":true}\n"
                   : fmt::format("{{\"complete\":false,\"partial\":{}}}\n", json_string(lacks));
    return lacks.empty() ? "" : "# partial: " + lacks + "\r\n";
}

std::string rows(Format format, const Page& page) {
    return format == Format::csv ? files_csv(page.files, page.file_ids)
                                 : file_objects(page.files, "\n");
}

/// A whole list. While one piece is sent the next is read.
class FileStream final : public BodyStream, public std::enable_shared_from_this<FileStream> {
public:
    FileStream(ImportsBackend& backend, Question question, Format format)
        : backend_(backend), question_(std::move(question)), format_(format) {}

    void on_more(std::function<void()> more) override {
        const std::lock_guard lock(mutex_);
        more_ = std::move(more);
    }
    std::optional<std::string> take() override {
        bool ask = false;
        std::optional<std::string> piece;
        {
            const std::lock_guard lock(mutex_);
            if (piece_.empty() && over_)
                return std::nullopt;
            piece = std::exchange(piece_, {});
            ask = !over_ && !reading_;
            reading_ = reading_ || ask;
        }
        if (ask)
            read();
        return piece;
    }
    void too_slow() override {}

    void first(const Page& page) {
        const std::lock_guard lock(mutex_);
        if (format_ == Format::csv)
            piece_ = csv_header(page.file_ids);
        add(page);
    }

private:
    void read() {
        try {
            backend_.import_files(question_, [weak = weak_from_this()](
                                                 const Page& page, const std::exception_ptr& e) {
                if (const auto self = weak.lock())
                    self->came(page, e);
            });
        } catch (...) {
            came({}, std::current_exception());
        }
    }
    void came(const Page& page, const std::exception_ptr& error) {
        std::function<void()> more;
        {
            const std::lock_guard lock(mutex_);
            if (error && ++failures_ < most_failures) {
                more = nullptr;
            } else if (error || !page.found) {
                piece_ += last_line(format_, "the runner could not read the rest");
                over_ = true;
                more = more_;
            } else {
                failures_ = 0;
                add(page);
                if (over_ || !piece_.empty()) // of two lists compared long parts may be the same
                    more = more_;
            }
            reading_ = !more;
        }
        if (more)
            more();
        else
            read();
    }
    void add(const Page& page) {
        piece_ += rows(format_, page);
        if (page.next) {
            question_.after = *page.next;
            question_.filter = page.filter;
            return;
        }
        piece_ += last_line(format_, lacking(page, question_.import_id, false));
        over_ = true;
    }

    ImportsBackend& backend_;
    Question question_;
    const Format format_;
    std::mutex mutex_;
    std::function<void()> more_;
    std::string piece_;
    bool over_ = false;
    bool reading_ = false;
    unsigned failures_ = 0;
};

/// Montage adds "/raw" to the addresses that it is given, also behind their parameters.
void drop_raw(Request& request) {
    constexpr std::string_view raw = "/raw";
    if (request.query.empty())
        return;
    std::string& last = request.query.back().second;
    if (last.ends_with(raw))
        last.resize(last.size() - raw.size());
}

/// The filter among the parameters; lists have a "|" between their elements.
std::optional<store::FileFilter> filter_of(const Request& request) {
    boost::json::object fields;
    for (const std::string_view name : imports::filter_fields) {
        const std::string_view given = request.parameter(name);
        if (given.empty())
            continue;
        if (name.starts_with("min_")) {
            const auto number = number_in(given);
            if (!number)
                bad_field(std::string(name).c_str(), json_string(given) + " is not a number");
            fields[name] = static_cast<std::int64_t>(*number);
        } else if (name == "mime_types" || name.ends_with("uploaders")) {
            boost::json::array list;
            for (std::string_view rest = given; !rest.empty();) {
                const std::string_view each = rest.substr(0, rest.find('|'));
                list.emplace_back(each);
                rest.remove_prefix(std::min(rest.size(), each.size() + 1));
            }
            fields[name] = std::move(list);
        } else {
            fields[name] = given;
        }
    }
    if (fields.empty())
        return std::nullopt;
    return imports::read_filter(fields, "");
}

Question question_of(const Request& request, Format format) {
    Question question;
    question.import_id = import_id(request);
    const bool whole = format != Format::json && request.parameter("limit").empty();
    question.limit =
        whole ? piece_size
              : limit_of(request, default_page, format == Format::json ? max_page : max_list);
    question.after.page = number_parameter(request, "after", 0, 0, any_number);
    const std::string_view sort = request.parameter("sort");
    if (!sort.empty() && sort != "page" && sort != "name")
        bad_field("sort", json_string(sort) + " is not page or name");
    if (sort == "name")
        question.order = Order::name;
    if (const std::string_view name = request.parameter("after_name"); !name.empty()) {
        if (question.order != Order::name)
            bad_field("after_name", "only with sort=name");
        question.after.name = std::string(name);
    }
    if (const std::string_view given = request.parameter("change"); !given.empty()) {
        const auto* at = std::find(changes.begin(), changes.end(), given);
        if (at == changes.end())
            bad_field("change",
                      fmt::format("{} is not {}", json_string(given), fmt::join(changes, ", ")));
        question.change = static_cast<store::FileChange>(at - changes.begin());
    }
    if (!request.parameter("since").empty()) {
        question.since = number_parameter(request, "since", 0, 1, any_number);
        if (question.order == Order::name)
            bad_field("sort", "name, beside since; what differs comes by page");
        if (question.change == store::FileChange::unchanged ||
            question.change == store::FileChange::left_out)
            bad_field("change", "new, changed, renamed or vanished, beside since");
    }
    question.filter = filter_of(request);
    if ((question.since || question.filter) && !whole)
        question.limit = std::max(question.limit, fewest_compared);
    return question;
}

/// How many files of the page the filter of the question left out, by reason.
std::string left_out_object(const Page& page) {
    std::string object = "{";
    for (std::size_t i = 0; i < page.left_out.size(); ++i)
        object += fmt::format("{}\"{}\":{}", i == 0 ? "" : ",", store::left_out_names.at(i),
                              page.left_out.at(i));
    return object + '}';
}

/// A part of a list, and in its body whether more of it follows.
Response part(const Page& page, const Question& question, Format format) {
    const bool more = page.next.has_value();
    const std::string lacks = lacking(page, question.import_id, more);
    std::string body;
    if (format == Format::json) {
        body = "{\"files\":[" + file_objects(page.files, ",");
        if (body.back() == ',')
            body.pop_back();
        body += fmt::format("],\"complete\":{}", lacks.empty());
        if (question.filter)
            body += ",\"left_out\":" + left_out_object(page);
        if (more)
            body += fmt::format(",\"next\":{}", page.next->page);
        if (more && question.order == Order::name)
            body += ",\"next_name\":" + json_string(page.next->name.value_or(""));
        return text(body + "}\n");
    }
    if (format == Format::csv && question.after.page == 0)
        body = csv_header(page.file_ids);
    return text(body + rows(format, page) + last_line(format, lacks), content_type(format));
}

/// Of an import that has no list: whether it is of another kind, or there is none.
void refuse_listless(ImportsBackend& backend, std::uint64_t id, Responder respond) {
    backend.import(id, std::chrono::seconds(0),
                   answering<std::optional<store::ImportRow>>(
                       std::move(respond), [id](const std::optional<store::ImportRow>& row) {
                           return error_response(
                               !row ? no_import(id)
                                    : ApiError{404,
                                               "no_files",
                                               fmt::format("import {} has no files: its "
                                                           "import_method is {}, not category or "
                                                           "files",
                                                           id, row->kind),
                                               {}});
                       }));
}

/// Of a whole list, which stays as it is once its import is complete.
std::string etag_of_list(const Request& request, const Question& question, Format format) {
    std::string what = fmt::format("{} {} {}", VERSION, question.import_id, content_type(format));
    for (const auto& [name, value] : request.query)
        what += fmt::format(" {}={}", name, value);
    return etag_of(what);
}

void get_files(ImportsBackend& backend, Request&& request, Responder respond, Format otherwise) {
    drop_raw(request);
    const Format format = list_format(request, otherwise);
    const Question question = question_of(request, format);
    const bool whole = format != Format::json && request.parameter("limit").empty();
    const std::string tag = whole ? etag_of_list(request, question, format) : std::string();
    auto reply = answering<Page>(respond, [&backend, question, format, whole,
                                           tag](const Page& page) {
        if (question.since && !page.since_found)
            bad_field("since",
                      fmt::format("{} is no import of files of the same wiki", *question.since));
        if (page.deleted || page.since_deleted)
            return error_response({410,
                                   "data_deleted",
                                   fmt::format("the files of import {} were deleted",
                                               page.deleted ? question.import_id : *question.since),
                                   {}});
        if (!whole)
            return part(page, question, format);
        Response response;
        response.content_type = content_type(format);
        if (page.state == "complete")
            response.headers.emplace_back("ETag", tag);
        const auto stream = std::make_shared<FileStream>(backend, question, format);
        stream->first(page);
        response.stream = stream;
        return response;
    });
    backend.import_files(question,
                         [&backend, id = question.import_id, respond, reply = std::move(reply)](
                             const Page& page, const std::exception_ptr& error) {
                             if (error || page.found)
                                 reply(page, error);
                             else
                                 refuse_listless(backend, id, respond);
                         });
}

} // namespace

std::string csv_header(bool file_ids) {
    return std::string("img_name,img_major_mime,img_minor_mime,img_width,img_height,img_user,"
                       "img_user_text,img_timestamp,rec_img_timestamp,rec_img_user,rec_img_text,"
                       "oi_archive_name,page_id") +
           (file_ids ? ",file_id\r\n" : "\r\n");
}

std::string files_csv(const std::vector<store::CommonsFile>& files, bool file_ids) {
    std::string text;
    for (const store::CommonsFile& file : files) {
        for (const std::string& field :
             {file.name, file.major_mime, file.minor_mime, std::to_string(file.width),
              std::to_string(file.height), std::to_string(file.first_user_id.value_or(0)),
              file.first_user.value_or(""), file.first_at, file.latest_at,
              std::to_string(file.latest_user_id.value_or(0)), file.latest_user.value_or(""),
              file.archive_name.value_or("")}) {
            base::append_csv_field(text, field);
            text += ',';
        }
        text += std::to_string(file.page_id);
        if (file_ids)
            text += ',' + (file.file_id ? std::to_string(*file.file_id) : std::string());
        text += "\r\n";
    }
    return text;
}

std::string file_objects(const std::vector<store::CommonsFile>& files, std::string_view end) {
    std::string body;
    for (const store::CommonsFile& file : files) {
        fmt::format_to(
            std::back_inserter(body),
            R"({{"page_id":{},"file_id":{},"img_name":{},"img_major_mime":{},)"
            R"("img_minor_mime":{},"img_width":{},"img_height":{},"img_user":{},)"
            R"("img_user_text":{},"img_timestamp":{},"rec_img_timestamp":{},"rec_img_user":{},)"
            R"("rec_img_text":{},"oi_archive_name":{},"change":"{}","previous_name":{},)"
            R"("category":{},"left_out":{}}})",
            file.page_id, or_null(file.file_id), json_string(file.name),
            json_string(file.major_mime), json_string(file.minor_mime), file.width, file.height,
            or_null(file.first_user_id), or_null(file.first_user), json_string(file.first_at),
            json_string(file.latest_at), or_null(file.latest_user_id), or_null(file.latest_user),
            or_null(file.archive_name), changes.at(static_cast<std::size_t>(file.change)),
            or_null(file.previous_name), or_null(file.category),
            !file.left_out
                ? "null"
                : json_string(store::left_out_names.at(static_cast<std::size_t>(*file.left_out))));
        body += end;
    }
    return body;
}

namespace {

std::vector<std::string_view> file_parameters() {
    std::vector<std::string_view> names{"format", "limit",  "after", "after_name",
                                        "sort",   "change", "since"};
    names.insert(names.end(), imports::filter_fields.begin(), imports::filter_fields.end());
    return names;
}

} // namespace

void add_file_routes(Router& router, ImportsBackend& backend) {
    for (const auto& [below, format] : {std::pair{"/files", Format::json},
                                        {"/files/raw", Format::csv},
                                        {"/files.csv", Format::csv},
                                        {"/files.csv/raw", Format::csv}})
        add_route_of_import(router, backend, "GET", below, file_parameters(),
                            [&backend, format = format](Request&& request, Responder respond) {
                                get_files(backend, std::move(request), std::move(respond), format);
                            });
}

} // namespace runner::api
