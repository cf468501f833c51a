// SPDX-License-Identifier: GPL-2.0-or-later
// See check_output.hpp.
#include "cli/check_output.hpp"

#include "base/error.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <sys/stat.h>
#include <vector>

namespace runner::cli {
namespace {

using std::filesystem::path;

bool is_regular(const path& file) {
    struct stat info {};
    return lstat(file.c_str(), &info) == 0 && S_ISREG(info.st_mode);
}

[[noreturn]] void fail() { throw base::IoError("standard output: writing failed"); }

} // namespace

void require_apart(const CheckOptions& options) {
    if (!options.output)
        return;
    std::vector<path> inputs = options.from;
    for (const auto& input : {options.ids, options.titles})
        if (input)
            inputs.push_back(*input);
    std::error_code ignored; // a file that is not there is none of the inputs
    for (const path& input : inputs)
        for (const path& file : {*options.output, base::part_of(*options.output)})
            if (std::filesystem::equivalent(input, file, ignored))
                throw base::UsageError(fmt::format("--output: {} would overwrite the input {}",
                                                   file.string(), input.string()));
}

CheckOutput::CheckOutput(const CheckOptions& options) {
    if (!options.output)
        return;
    try {
        file_.emplace(*options.output,
                      options.force ? base::Existing::replace : base::Existing::forbidden);
    } catch (const base::Error& error) {
        const bool regular =
            is_regular(*options.output) || is_regular(base::part_of(*options.output));
        throw base::Error(error.exit_code(),
                          std::string("--output: ") + error.what() +
                              (regular && !options.force ? "; --force replaces it" : ""));
    }
}

void CheckOutput::write(const std::string& text) {
    if (file_)
        file_->write(text);
    else if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size())
        fail();
}

void CheckOutput::finish() {
    if (file_)
        file_->finish();
    else if (std::fflush(stdout) != 0)
        fail();
}

} // namespace runner::cli
