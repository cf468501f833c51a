// SPDX-License-Identifier: GPL-2.0-or-later
// See import_files.hpp.
#include "api/import_files.hpp"

#include "api/handler_parts.hpp"
#include "api/list.hpp"
#include "base/csv.hpp"

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
constexpr unsigned most_failures = 3; // of one piece
constexpr std::uint64_t any_number = (std::uint64_t{1} << 63U) - 1;
// indexed by store::FileChange
constexpr std::array<std::string_view, 5> changes{"unchanged", "new", "changed", "renamed",
                                                  "vanished"};

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
    if (more)
        return fmt::format("more files of import {} follow after {}", id,
                           page.files.back().page_id);
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

void go_on_after(Question& question, const Page& page) {
    if (page.files.empty())
        return;
    question.after.page = page.files.back().page_id;
    question.after.name = page.files.back().name;
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
            ask = !over_ && !piece->empty();
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
                more = more_;
            }
        }
        if (more)
            more();
        else
            read();
    }
    void add(const Page& page) {
        piece_ += rows(format_, page);
        go_on_after(question_, page);
        if (page.files.size() < question_.limit) {
            piece_ += last_line(format_, lacking(page, question_.import_id, false));
            over_ = true;
        }
    }

    ImportsBackend& backend_;
    Question question_;
    const Format format_;
    std::mutex mutex_;
    std::function<void()> more_;
    std::string piece_;
    bool over_ = false;
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
    return question;
}

/// A part of a list, and in its body whether more of it follows.
Response part(const Page& page, const Question& question, Format format) {
    const bool more = page.files.size() == question.limit;
    const std::string lacks = lacking(page, question.import_id, more);
    std::string body;
    if (format == Format::json) {
        body = "{\"files\":[" + file_objects(page.files, ",");
        if (body.back() == ',')
            body.pop_back();
        body += fmt::format("],\"complete\":{}", lacks.empty());
        if (more)
            body += fmt::format(",\"next\":{}", page.files.back().page_id);
        if (more && question.order == Order::name)
            body += ",\"next_name\":" + json_string(page.files.back().name);
        return text(body + "}\n");
    }
    if (format == Format::csv && question.after.page == 0)
        body = csv_header(page.file_ids);
    return text(body + rows(format, page) + last_line(format, lacks), content_type(format));
}

void get_files(ImportsBackend& backend, Request&& request, Responder respond, Format otherwise) {
    drop_raw(request);
    const Format format = list_format(request, otherwise);
    const Question question = question_of(request, format);
    const bool whole = format != Format::json && request.parameter("limit").empty();
    backend.import_files(
        question,
        answering<Page>(std::move(respond), [&backend, question, format, whole](const Page& page) {
            if (!page.found)
                return error_response(no_import(question.import_id));
            if (!whole)
                return part(page, question, format);
            Response response;
            response.content_type = content_type(format);
            const auto stream = std::make_shared<FileStream>(backend, question, format);
            stream->first(page);
            response.stream = stream;
            return response;
        }));
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
            R"("category":{}}})",
            file.page_id, or_null(file.file_id), json_string(file.name),
            json_string(file.major_mime), json_string(file.minor_mime), file.width, file.height,
            or_null(file.first_user_id), or_null(file.first_user), json_string(file.first_at),
            json_string(file.latest_at), or_null(file.latest_user_id), or_null(file.latest_user),
            or_null(file.archive_name), changes.at(static_cast<std::size_t>(file.change)),
            or_null(file.previous_name), or_null(file.category));
        body += end;
    }
    return body;
}

void add_file_routes(Router& router, ImportsBackend& backend) {
    for (const auto& [below, format] : {std::pair{"/files", Format::json},
                                        {"/files/raw", Format::csv},
                                        {"/files.csv", Format::csv},
                                        {"/files.csv/raw", Format::csv}})
        add_route_of_import(router, backend, "GET", below,
                            {"format", "limit", "after", "after_name", "sort", "change"},
                            [&backend, format = format](Request&& request, Responder respond) {
                                get_files(backend, std::move(request), std::move(respond), format);
                            });
}

} // namespace runner::api
