// SPDX-License-Identifier: GPL-2.0-or-later
// See regex.hpp. Options and limits are the defaults of PHP 8 (ext/pcre): flag u is UTF and UCP,
// pcre.backtrack_limit 1000000, pcre.recursion_limit 100000, a JIT
// stack of 32 to 192 KiB.
#include "checks/regex.hpp"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

namespace runner::checks {

namespace {

/// What one thread needs to match; made at its first match.
struct Matcher {
    pcre2_match_context* context = pcre2_match_context_create(nullptr);
    pcre2_jit_stack* stack = pcre2_jit_stack_create(32 * 1024, 192 * 1024, nullptr);
    pcre2_match_data* data = pcre2_match_data_create(1, nullptr);

    Matcher() {
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

/// PHP takes the first delimiter without a backslash before it as the end of the pattern; what
/// stands behind it are modifiers. WBQC's pattern is sound only if that is the last one.
bool ends_at_last_delimiter(std::string_view pattern) noexcept {
    for (std::size_t i = 1; i < pattern.size(); ++i) {
        if (pattern[i] == '\\')
            ++i;
        else if (pattern[i] == '/')
            return i + 2 == pattern.size(); // "/u"
    }
    return false;
}

} // namespace

struct Regex::Code {
    pcre2_code* code = nullptr;
    bool jit = false;
    explicit Code(pcre2_code* c) : code(c) {
        jit = pcre2_jit_compile(code, PCRE2_JIT_COMPLETE) == 0;
    }
    Code(const Code&) = delete;
    Code& operator=(const Code&) = delete;
    ~Code() { pcre2_code_free(code); }
};

Regex::Regex(std::unique_ptr<Code> code) : code_(std::move(code)) {}
Regex::Regex(Regex&&) noexcept = default;
Regex& Regex::operator=(Regex&&) noexcept = default;
Regex::~Regex() = default;

std::string Regex::pattern(std::string_view format) {
    std::string out = "/^(?:";
    for (const char c : format) {
        if (c == '/')
            out += '\\';
        out += c;
    }
    return out + ")$/u";
}

std::optional<Regex> Regex::compile(std::string_view format) {
    const std::string whole = pattern(format);
    if (!ends_at_last_delimiter(whole))
        return std::nullopt;
    const std::string_view body = std::string_view{whole}.substr(1, whole.size() - 3);
    int error = 0;
    PCRE2_SIZE offset = 0;
    pcre2_code* code =
        pcre2_compile(reinterpret_cast<PCRE2_SPTR>(body.data()), body.size(),
                      PCRE2_UTF | PCRE2_UCP, &error, &offset, compile_context());
    if (code == nullptr)
        return std::nullopt;
    return Regex{std::make_unique<Code>(code)};
}

bool Regex::matches(std::string_view text) const {
    thread_local const Matcher matcher;
    const auto* subject = reinterpret_cast<PCRE2_SPTR>(text.data() == nullptr ? "" : text.data());
    // JSON text is valid UTF-8 already, which is all that the plain match would add
    const int count = code_->jit ? pcre2_jit_match(code_->code, subject, text.size(), 0, 0,
                                                   matcher.data, matcher.context)
                                 : pcre2_match(code_->code, subject, text.size(), 0,
                                               PCRE2_NO_UTF_CHECK, matcher.data, matcher.context);
    return count >= 0;
}

} // namespace runner::checks
