// SPDX-License-Identifier: GPL-2.0-or-later
// See list_json.hpp. A parser that reports each value as it comes; where it is in the document is a
// path such as ".results.bindings[].image.value".
#include "imports/list_json.hpp"

#include "base/utf8.hpp"
#include "imports/category_name.hpp"
#include "imports/list_table.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>

namespace runner::imports {

namespace json = boost::json;

namespace {

constexpr std::size_t longest_key = 64; // bytes that are kept
constexpr std::size_t deepest = 32;
constexpr std::size_t longest_error = 200; // bytes of a message of the source

/// Where the rows of each form are.
struct Form {
    std::string_view path, name;
};
constexpr std::array forms{Form{"[]", "json"}, Form{".pages[]", "petscan"},
                           Form{".*[].a.*[]", "petscan"}, Form{".results.bindings[]", "sparql"}};
constexpr std::string_view variables = ".head.vars[]";
constexpr std::string_view lines = "ndjson"; // each document is a row of a list without brackets

/// What boost::json::basic_parser calls. False from a function would end it with an error.
class ListHandler {
public:
    static constexpr std::size_t max_object_size = std::numeric_limits<std::size_t>::max();
    static constexpr std::size_t max_array_size = std::numeric_limits<std::size_t>::max();
    static constexpr std::size_t max_key_size = std::numeric_limits<std::size_t>::max();
    static constexpr std::size_t max_string_size = std::numeric_limits<std::size_t>::max();
    using Failure = boost::system::error_code;

    /// What follows are rows, each a document.
    void take_lines() {
        static constexpr Form form{"[]", lines};
        form_ = &form;
        path_ = form.path;
        open_.push_back({true, 0});
    }

    bool on_document_begin(Failure&) { return true; }
    bool on_document_end(Failure&) { return true; }
    bool on_object_begin(Failure&) {
        if (const Form* form = row_form()) {
            take(*form, Plain::no);
            if (form->name != lines)
                table_.begin_row();
            began_ = form->name != lines;
            row_depth_ = open_.size();
        }
        open_.push_back({false, path_.size()});
        return true;
    }
    bool on_object_end(std::size_t, Failure&) {
        close();
        if (row_depth_ == open_.size())
            row_depth_.reset();
        return true;
    }
    bool on_array_begin(Failure&) {
        if (row_form() != nullptr)
            throw BadList("a list within the list");
        open_.push_back({true, path_.size()});
        path_ += "[]";
        if (const Form* form = row_form()) // an empty list has its form too
            take(*form, std::nullopt);
        return true;
    }
    bool on_array_end(std::size_t, Failure&) {
        close();
        return true;
    }
    bool on_key_part(std::string_view part, std::size_t, Failure&) {
        key_ += part.substr(0, longest_key - std::min(key_.size(), longest_key));
        return true;
    }
    bool on_key(std::string_view part, std::size_t size, Failure& error) {
        on_key_part(part, size, error);
        path_.resize(open_.back().base);
        path_ += '.';
        path_ += key_;
        key_.clear();
        return true;
    }
    bool on_string_part(std::string_view part, std::size_t, Failure&) {
        text_ += part;
        return true;
    }
    bool on_string(std::string_view part, std::size_t, Failure&) {
        text_ += part;
        value(text_, Plain::name);
        text_.clear();
        return true;
    }
    bool on_number_part(std::string_view, Failure&) { return true; }
    bool on_int64(std::int64_t number, std::string_view, Failure&) {
        value(std::to_string(number), Plain::number);
        return true;
    }
    bool on_uint64(std::uint64_t number, std::string_view, Failure&) {
        value(std::to_string(number), Plain::number);
        return true;
    }
    bool on_double(double, std::string_view, Failure&) {
        value({}, Plain::neither);
        return true;
    }
    bool on_bool(bool is, Failure&) {
        if (!is && form_ != nullptr && form_->name == lines && path_ == "[].complete")
            throw BadList("a part of a list, whose last line says that it is not complete");
        value({}, Plain::neither);
        return true;
    }
    bool on_null(Failure&) {
        value({}, Plain::neither);
        return true;
    }
    bool on_comment_part(std::string_view, Failure&) { return true; }
    bool on_comment(std::string_view, Failure&) { return true; }

    [[nodiscard]] ListedFiles list() && {
        if (form_ == nullptr)
            throw BadList(error_.empty()
                              ? "JSON that is no list of files: no array, nothing of PetScan's "
                                "(\"*\", \"pages\"), no \"results\" with \"bindings\""
                              : "the source says: " + error_);
        ListedFiles list = std::move(table_).list();
        list.form = form_->name;
        return list;
    }

private:
    enum class Plain : std::uint8_t { no, name, number, neither };
    struct Open {
        bool array = false;
        std::size_t base = 0; ///< length of the path of the object or array itself
    };

    void close() {
        path_.resize(open_.back().base);
        open_.pop_back();
    }

    /// The form whose row a value at this place is; null when it is none.
    [[nodiscard]] const Form* row_form() const {
        if (open_.empty() || !open_.back().array)
            return nullptr;
        if (form_ != nullptr)
            return form_->path == path_ ? form_ : nullptr;
        const auto* at = std::find_if(forms.begin(), forms.end(),
                                      [&](const Form& form) { return form.path == path_; });
        return at == forms.end() ? nullptr : at;
    }

    void take(const Form& form, std::optional<Plain> rows) {
        form_ = &form;
        if (rows && plain_ && *rows != *plain_)
            throw BadList("a list of different things: names, numbers or objects beside others");
        if (rows)
            plain_ = rows;
    }

    void value(std::string_view text, Plain is) {
        if (const Form* form = row_form()) {
            if (is == Plain::neither)
                throw BadList("a list of what is neither a string, a whole number nor an object");
            take(*form, is);
            table_.begin_row();
            table_.set(table_.column(is == Plain::name ? "filename" : "page_id"), text);
        } else if (row_depth_ && !open_.back().array && is != Plain::neither) {
            cell(std::string_view(path_).substr(form_->path.size()), text);
        } else if (path_ == variables && open_.back().array) {
            (void)table_.column(text); // in the order of the query
        } else if (path_ == ".error" && is == Plain::name && is_text(text)) {
            error_ = base::utf8_prefix(text, longest_error);
        }
    }

    /// `place`: ".title", or ".image.value" of a query service.
    void cell(std::string_view place, std::string_view text) {
        const std::size_t depth = open_.size() - *row_depth_;
        if (depth == 1 && !std::exchange(began_, true))
            table_.begin_row(); // a line without any cell says something of the list
        constexpr std::string_view value = ".value";
        if (form_->name == "sparql") {
            if (depth == 2 && place.ends_with(value))
                table_.set(table_.column(place.substr(1, place.size() - 1 - value.size())), text);
        } else if (depth == 1) {
            table_.set(table_.column(place.substr(1)), text);
        }
    }

    ListTable table_;
    std::vector<Open> open_;
    std::string path_, key_, text_, error_;
    const Form* form_ = nullptr;
    std::optional<Plain> plain_;           ///< what the rows are; null: there was none
    std::optional<std::size_t> row_depth_; ///< of the row that is open
    bool began_ = false;                   ///< the table has it
};

/// One document from the beginning of `text` on, to which `parser` is new; the text moves behind
/// it.
void parse(json::basic_parser<ListHandler>& parser, std::string_view& text, std::size_t line) {
    boost::system::error_code error;
    const std::size_t read = parser.write_some(false, text.data(), text.size(), error);
    const std::string where = line == 0 ? std::string() : fmt::format("line {}: ", line);
    if (error)
        throw BadList(fmt::format("{}no JSON: {} after {} bytes", where, error.message(), read));
    text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n", read), text.size()));
    if (line != 0 && !text.empty())
        throw BadList(fmt::format("{}no JSON: more follows after {} bytes", where, read));
}

json::parse_options strict() {
    json::parse_options options;
    options.max_depth = deepest;
    return options;
}

} // namespace

ListedFiles json_list(std::string_view text) {
    json::basic_parser<ListHandler> parser(strict());
    std::string_view rest = text;
    parse(parser, rest, 0);
    if (rest.empty())
        return std::move(parser.handler()).list();
    if (text.starts_with('{') && rest.starts_with('{'))
        return json_lines(text);
    throw BadList(fmt::format("no JSON: more follows after {} bytes", text.size() - rest.size()));
}

ListedFiles json_lines(std::string_view text) {
    json::basic_parser<ListHandler> parser(strict());
    parser.handler().take_lines();
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.find_first_not_of(" \t\r") == std::string_view::npos)
            continue;
        parser.reset();
        parse(parser, line, number);
    }
    return std::move(parser.handler()).list();
}

} // namespace runner::imports
