// SPDX-License-Identifier: GPL-2.0-or-later
// The two formatters. spdlog's own pattern `%v` escapes nothing, which is why they exist.
#include "base/log.hpp"

#include "base/clock.hpp"
#include "base/log_fields.hpp"
#include "base/utf8.hpp"

#include <spdlog/formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <array>
#include <cstdlib>
#include <memory>
#include <optional>
#include <utility>

namespace runner::base {
namespace {

struct Level {
    std::string_view name;
    spdlog::level::level_enum level;
    char priority; ///< of sd-daemon(3)
};

constexpr std::array<Level, 7> levels{{
    {"trace", spdlog::level::trace, '7'},
    {"debug", spdlog::level::debug, '7'},
    {"info", spdlog::level::info, '6'},
    {"warning", spdlog::level::warn, '4'},
    {"error", spdlog::level::err, '3'},
    {"critical", spdlog::level::critical, '2'},
    {"off", spdlog::level::off, '6'},
}};

const Level& row(spdlog::level::level_enum level) {
    for (const Level& l : levels)
        if (l.level == level)
            return l;
    return levels[2];
}

std::optional<spdlog::level::level_enum> level_from(std::string_view name) noexcept {
    for (const Level& l : levels)
        if (l.name == name)
            return l.level;
    return std::nullopt;
}

constexpr std::string_view hex_digits = "0123456789abcdef";

bool is_control(char c) noexcept { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

void append_text_escaped(std::string& out, std::string_view text) {
    for (const char c : text) {
        if (c == '\n') {
            out += "\\n";
        } else if (c != '\t' && is_control(c)) {
            const auto u = static_cast<unsigned char>(c);
            out += "\\x";
            out += hex_digits[u >> 4];
            out += hex_digits[u & 15U];
        } else {
            out += c;
        }
    }
}

std::string_view payload(const spdlog::details::log_msg& msg) {
    return {msg.payload.data(), msg.payload.size()};
}

class TextFormatter final : public spdlog::formatter {
public:
    explicit TextFormatter(bool journal) : journal_(journal) {}
    void format(const spdlog::details::log_msg& msg, spdlog::memory_buf_t& dest) override {
        const Level& level = row(msg.level);
        line_.clear();
        if (journal_) {
            line_ += '<';
            line_ += level.priority;
            line_ += '>';
        } else {
            line_ += iso8601_milliseconds(msg.time);
            line_ += ' ';
            line_ += level.name;
            line_ += ": ";
        }
        append_text_escaped(line_, payload(msg));
        line_ += '\n';
        dest.append(line_.data(), line_.data() + line_.size());
    }
    [[nodiscard]] std::unique_ptr<spdlog::formatter> clone() const override {
        return std::make_unique<TextFormatter>(journal_);
    }

private:
    bool journal_;
    std::string line_; // sinks call format() under their lock
};

class JsonFormatter final : public spdlog::formatter {
public:
    void format(const spdlog::details::log_msg& msg, spdlog::memory_buf_t& dest) override {
        line_ = R"({"time":")";
        line_ += iso8601_milliseconds(msg.time);
        line_ += R"(","level":")";
        line_ += row(msg.level).name;
        line_ += R"(","thread":)";
        line_ += std::to_string(msg.thread_id);
        line_ += R"(,"message":")";
        append_json_escaped(line_, payload(msg));
        line_ += '"';
        line_ += LogFields::of_this_thread(); // lines are formatted by the thread that logs them
        line_ += "}\n";
        dest.append(line_.data(), line_.data() + line_.size());
    }
    [[nodiscard]] std::unique_ptr<spdlog::formatter> clone() const override {
        return std::make_unique<JsonFormatter>();
    }

private:
    std::string line_;
};

} // namespace

bool is_log_level(std::string_view name) noexcept { return level_from(name).has_value(); }

void append_json_escaped(std::string& out, std::string_view text) {
    while (!text.empty()) {
        const char c = text.front();
        const std::size_t length = utf8_length(text);
        if (length == 0) {
            out += "\\ufffd";
            text.remove_prefix(1);
            continue;
        }
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (c == '\n') {
            out += "\\n";
        } else if (is_control(c)) {
            const auto u = static_cast<unsigned char>(c);
            out += "\\u00";
            out += hex_digits[u >> 4];
            out += hex_digits[u & 15U];
        } else {
            out.append(text.substr(0, length));
        }
        text.remove_prefix(length);
    }
}

void setup_logging(const LogOptions& options) {
    auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    if (options.format == LogFormat::json)
        sink->set_formatter(std::make_unique<JsonFormatter>());
    else
        sink->set_formatter(
            std::make_unique<TextFormatter>(std::getenv("JOURNAL_STREAM") != nullptr));
    auto logger = std::make_shared<spdlog::logger>("runner", std::move(sink));
    logger->set_level(level_from(options.level).value_or(spdlog::level::info));
    logger->flush_on(spdlog::level::trace); // standard error may be a pipe
    spdlog::set_default_logger(std::move(logger));
}

void set_log_level(std::string_view name) {
    if (const auto level = level_from(name))
        spdlog::default_logger()->set_level(*level);
}

} // namespace runner::base
