// SPDX-License-Identifier: GPL-2.0-or-later
// See regex.hpp. Options and limits are the defaults of PHP 8 (ext/pcre): flag u is UTF and UCP,
// pcre.backtrack_limit 1000000, pcre.recursion_limit 100000, a JIT
// stack of 32 to 192 KiB.
#include "checks/regex.hpp"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

namespace runner::checks {

namespace {

/// PCRE2 counts steps, not what a step reads: a million of them over some megabytes would take
/// hours. In longer texts, which wikis hardly allow, the clock is read in between.
constexpr std::size_t long_text = 2048;

struct Clock {
    std::chrono::steady_clock::time_point end;
    unsigned calls = 0;
    bool ended = false;
};

int look_at_clock(pcre2_callout_block*, void* data) {
    auto& clock = *static_cast<Clock*>(data);
    if (++clock.calls % 16 != 0 || std::chrono::steady_clock::now() < clock.end)
        return 0;
    clock.ended = true;
    return PCRE2_ERROR_CALLOUT;
}

constexpr std::size_t php_stack = std::size_t{192} << 10U;
/// Callouts make the frames of a group some times as large.
constexpr std::size_t watched_stack = std::size_t{16} << 20U;

/// What a match needs.
struct Matcher {
    pcre2_match_context* context = pcre2_match_context_create(nullptr);
    pcre2_jit_stack* stack;
    pcre2_match_data* data = pcre2_match_data_create(1, nullptr);

    explicit Matcher(std::size_t most_stack)
        : stack(pcre2_jit_stack_create(32 * 1024, most_stack, nullptr)) {
        pcre2_set_match_limit(context, 1000000);
        pcre2_set_depth_limit(context, 100000);
        pcre2_jit_stack_assign(context, nullptr, stack);
    }
    Matcher(const Matcher&) = delete;
    Matcher& operator=(const Matcher&) = delete;
    ~Matcher() {
        pcre2_match_data_free(data);
        pcre2_jit_stack_free(stack);
        pcre2_match_context_free(context);
    }
};

/// How PHP compiles: `\K` is allowed in lookarounds. Made once, then only read.
pcre2_compile_context* compile_context() {
    static pcre2_compile_context* const context = [] {
        pcre2_compile_context* made = pcre2_compile_context_create(nullptr);
        pcre2_set_compile_extra_options(made, PCRE2_EXTRA_ALLOW_LOOKAROUND_BSK);
        return made;
    }();
    return context;
}

struct Delimiters {
    char open;
    char close;
};

constexpr Delimiters delimiters_of(config::PatternStyle style) noexcept {
    return style == config::PatternStyle::slashes ? Delimiters{'/', '/'} : Delimiters{'(', ')'};
}

/// Where PHP sees the end of a pattern: at the first closing delimiter, or, when the opening one is
/// another character, at the one that closes the first. A backslash skips the next byte; PHP
/// ignores classes, quoting and comments here. npos when there is no end.
std::size_t end_of_pattern(std::string_view pattern, Delimiters delimiters) noexcept {
    int open = 1;
    for (std::size_t i = 1; i < pattern.size(); ++i) {
        if (pattern[i] == '\\')
            ++i;
        else if (pattern[i] == delimiters.close && --open == 0)
            return i;
        else if (pattern[i] == delimiters.open)
            ++open;
    }
    return std::string_view::npos;
}

} // namespace

struct Regex::Code {
    std::string text;
    pcre2_code* code = nullptr; ///< null: the text is not a valid expression
    bool jit = false;
    explicit Code(std::string expression, std::uint32_t options = 0) : text(std::move(expression)) {
        int error = 0;
        PCRE2_SIZE offset = 0;
        code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(),
                             PCRE2_UTF | PCRE2_UCP | options, &error, &offset, compile_context());
        jit = code != nullptr && pcre2_jit_compile(code, PCRE2_JIT_COMPLETE) == 0;
    }
    /// JSON text is valid UTF-8 already, which is all that the plain match would add to JIT's.
    [[nodiscard]] Match matches(std::string_view subject, pcre2_match_data* data,
                                pcre2_match_context* context) const {
        const auto* begin =
            reinterpret_cast<PCRE2_SPTR>(subject.data() == nullptr ? "" : subject.data());
        const int outcome =
            jit ? pcre2_jit_match(code, begin, subject.size(), 0, 0, data, context)
                : pcre2_match(code, begin, subject.size(), 0, PCRE2_NO_UTF_CHECK, data, context);
        return outcome >= 0                     ? Match::yes
               : outcome == PCRE2_ERROR_NOMATCH ? Match::no
                                                : Match::limit;
    }
    [[nodiscard]] bool ends_in_time(std::string_view subject, std::chrono::nanoseconds most) const;
    Code(const Code&) = delete;
    Code& operator=(const Code&) = delete;
    ~Code() { pcre2_code_free(code); }
};

Regex::Regex(std::unique_ptr<Code> code) : code_(std::move(code)) {}
Regex::Regex(Regex&&) noexcept = default;
Regex& Regex::operator=(Regex&&) noexcept = default;
Regex::~Regex() = default;

std::string Regex::pattern(std::string_view format, config::PatternStyle style) {
    const Delimiters delimiters = delimiters_of(style);
    std::string out;
    out += delimiters.open;
    out += "^(?:";
    for (const char c : format) {
        if (c == '/' && style == config::PatternStyle::slashes)
            out += '\\';
        out += c;
    }
    out += ")$";
    out += delimiters.close;
    return out + 'u';
}

std::optional<Regex> Regex::compile(std::string_view format, config::PatternStyle style) {
    std::string whole = pattern(format, style);
    // what follows the end are modifiers: "u" and nothing else, or the pattern is not valid
    if (end_of_pattern(whole, delimiters_of(style)) != whole.size() - 2)
        return std::nullopt;
    whole.erase(0, 1);
    whole.resize(whole.size() - 2); // without the delimiters and "u"
    auto code = std::make_unique<Code>(whole);
    if (code->code == nullptr)
        return std::nullopt;
    // PHP warns when JIT can't compile it (`\\C`), and matches without; Shellbox makes an error of
    // the warning
    if (style == config::PatternStyle::slashes && !code->jit)
        return std::nullopt;
    return Regex{std::move(code)};
}

/// Whether the steps of a match take no longer than `most`. Tried with callouts, which change the
/// steps of no match, but what it needs of the stack: so this has more of it, and its outcome is
/// not asked for.
bool Regex::Code::ends_in_time(std::string_view subject, std::chrono::nanoseconds most) const {
    const Code with_callouts(text, PCRE2_AUTO_CALLOUT);
    if (with_callouts.code == nullptr) // too large with them
        return true;
    const Matcher watched(watched_stack); // not kept: it may have grown
    Clock clock{std::chrono::steady_clock::now() + most};
    pcre2_set_callout(watched.context, look_at_clock, &clock);
    (void)with_callouts.matches(subject, watched.data, watched.context);
    return !clock.ended;
}

Match Regex::matches(std::string_view text, std::chrono::nanoseconds most) const {
    thread_local const Matcher matcher(php_stack);
    if (text.size() > long_text && !code_->ends_in_time(text, most))
        return Match::no_time;
    return code_->matches(text, matcher.data, matcher.context);
}

} // namespace runner::checks
