// SPDX-License-Identifier: GPL-2.0-or-later
// English labels of the entities of files, for sentences on a terminal.
#pragma once

#include "source/file_source.hpp"

#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace runner::cli {

/// Of the JSON of an entity, the label in English or for all languages ("mul"); empty when there is
/// none.
[[nodiscard]] std::string label_in(std::string_view entity_json);

/// Thread-safe. Each entity is parsed once.
class FileLabels {
public:
    /// `files` may be null: then there are none.
    explicit FileLabels(const source::FileSource* files) : files_(files) {}

    [[nodiscard]] std::string of(std::string_view id);

private:
    const source::FileSource* files_;
    std::mutex mutex_;
    std::map<std::string, std::string, std::less<>> known_;
};

} // namespace runner::cli
