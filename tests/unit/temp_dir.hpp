// SPDX-License-Identifier: GPL-2.0-or-later
// A directory that is gone with its test, and the root of the source tree.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>

namespace runner::test {

class TempDir {
public:
    TempDir() {
        std::string pattern =
            (std::filesystem::temp_directory_path() / "runner-unit-XXXXXX").string();
        if (mkdtemp(pattern.data()) == nullptr)
            throw std::runtime_error("mkdtemp failed");
        path_ = pattern;
    }
    ~TempDir() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TempDir(const TempDir&) = delete;
    TempDir& operator=(const TempDir&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

    /// Makes (or replaces) a file in the directory.
    std::filesystem::path write(const std::string& name, std::string_view text) const {
        const auto file = path_ / name;
        std::FILE* f = std::fopen(file.c_str(), "wb");
        if (f == nullptr || std::fwrite(text.data(), 1, text.size(), f) != text.size())
            throw std::runtime_error("can't write " + file.string());
        std::fclose(f);
        return file;
    }

private:
    std::filesystem::path path_;
};

/// The source tree that holds the directory in which the tests run (the build directory).
inline std::filesystem::path source_root() {
    for (auto at = std::filesystem::current_path(); at.has_relative_path(); at = at.parent_path())
        if (std::filesystem::exists(at / "meson_options.txt"))
            return at;
    throw std::runtime_error("run the unit tests inside the source tree");
}

} // namespace runner::test
