// SPDX-License-Identifier: GPL-2.0-or-later
#include "bulk/checked_files.hpp"

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "publish/rows.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <utility>

namespace runner::bulk {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, file_kinds> stems{"results", "violations", "violations",
                                                         "problems"};
constexpr std::array<std::string_view, file_kinds> suffixes{".ndjson", ".csv", ".tsv", ".ndjson"};

template <typename Counts, typename Each>
void for_each_count(Counts& counts, Each each) {
    each(counts.lines.lines);
    each(counts.lines.entities);
    each(counts.lines.redirects);
    each(counts.lines.missing);
    each(counts.lines.repeated);
    each(counts.lines.problems);
    each(counts.parts);
    each(counts.incomplete);
    for (auto& n : counts.checks)
        each(n);
    for (auto& n : counts.violations)
        each(n);
}

bool is_ours(const std::filesystem::path& file) {
    const std::string name = file.filename().string();
    if (name == ".work" || name.starts_with("manifest.json"))
        return true;
    for (const auto stem : {"results-", "violations-", "problems-"})
        if (name.starts_with(stem))
            return true;
    return false;
}

/// A manifest that can't be read is not ours to remove.
bool holds_complete_run(const std::filesystem::path& manifest) {
    if (!std::filesystem::exists(manifest))
        return false;
    boost::system::error_code failed;
    const json::value value = json::parse(base::read_file(manifest), failed);
    const json::value* complete =
        !failed && value.is_object() ? value.as_object().if_contains("complete") : nullptr;
    return complete == nullptr || *complete != json::value(false);
}

} // namespace

CheckedFiles::CheckedFiles(CheckedFilesOptions options)
    : options_(std::move(options)), began_(options_.began) {
    for (const auto& entry : std::filesystem::directory_iterator(options_.folder))
        if (!is_ours(entry.path()))
            throw base::Error(base::ExitCode::cant_create,
                              fmt::format("--output: {} contains other files ({}): name an empty "
                                          "folder",
                                          options_.folder.string(),
                                          entry.path().filename().string()));
    if (holds_complete_run(options_.folder / "manifest.json"))
        throw base::Error(
            base::ExitCode::cant_create,
            fmt::format("--output: {} already contains a complete run (manifest.json)",
                        options_.folder.string()));
    if (load())
        return;
    const bool foreign_work = std::filesystem::exists(work_folder() / "checked.json");
    std::vector<std::filesystem::path> old;
    for (const auto& entry : std::filesystem::directory_iterator(options_.folder))
        if (entry.path().filename() != ".work" || foreign_work)
            old.push_back(entry.path());
    for (const auto& path : old)
        std::filesystem::remove_all(path);
    std::filesystem::create_directories(work_folder());
    save();
}

CheckedFiles::~CheckedFiles() = default;

bool CheckedFiles::load() {
    const auto path = work_folder() / "checked.json";
    if (!std::filesystem::exists(path))
        return false;
    try {
        const json::value state = json::parse(base::read_file(path));
        const json::object& object = state.as_object();
        if (object.at("key").as_string() != options_.key)
            return false;
        shard_ = json::value_to<std::uint64_t>(object.at("shard"));
        done_bytes_ = json::value_to<std::uint64_t>(object.at("bytes"));
        done_lines_ = json::value_to<std::uint64_t>(object.at("lines"));
        began_ = json::value_to<std::int64_t>(object.at("began"));
        const auto& numbers = object.at("counts").as_array();
        std::size_t i = 0;
        for_each_count(
            counts_, [&](std::uint64_t& n) { n = json::value_to<std::uint64_t>(numbers.at(i++)); });
        for (const json::value& file : object.at("files").as_array())
            files_.push_back({std::string(file.at("name").as_string()),
                              json::value_to<std::uint64_t>(file.at("bytes")),
                              std::string(file.at("sha256").as_string())});
        for (const ShardFile& file : files_)
            if (!std::filesystem::exists(options_.folder / file.name))
                throw base::DataError(file.name + " no longer exists");
        return true;
    } catch (const std::exception&) { // not what we wrote: begin again
        counts_ = {};
        files_.clear();
        shard_ = done_bytes_ = done_lines_ = 0;
        began_ = options_.began;
        return false;
    }
}

void CheckedFiles::save() const {
    json::object state;
    state["key"] = options_.key;
    state["began"] = began_;
    state["shard"] = shard_;
    state["bytes"] = done_bytes_;
    state["lines"] = done_lines_;
    json::array numbers;
    for_each_count(counts_, [&](const std::uint64_t& n) { numbers.emplace_back(n); });
    state["counts"] = std::move(numbers);
    json::array files;
    for (const ShardFile& file : files_)
        files.push_back(
            json::object{{"name", file.name}, {"bytes", file.bytes}, {"sha256", file.sha256}});
    state["files"] = std::move(files);
    base::write_whole_file(work_folder() / "checked.json", json::serialize(state));
}

void CheckedFiles::open_shard() {
    ++shard_;
    shard_entities_ = 0;
    for (std::size_t kind = 0; kind < file_kinds; ++kind) {
        if (!options_.wanted[kind])
            continue;
        open_[kind] = std::make_unique<base::PartFile>(
            options_.folder / fmt::format("{}-{:05}{}{}", stems[kind], shard_, suffixes[kind],
                                          base::extension_of(options_.packing)));
        std::string head;
        if (kind == static_cast<std::size_t>(FileKind::csv))
            base::pack(options_.packing, publish::csv_header(options_.sentences, options_.own),
                       head);
        else if (kind == static_cast<std::size_t>(FileKind::tsv))
            base::pack(options_.packing, publish::tsv_header(options_.sentences, options_.own),
                       head);
        open_[kind]->write(head);
    }
}

void CheckedFiles::close_shard() {
    for (std::size_t kind = 0; kind < file_kinds; ++kind) {
        auto file = std::exchange(open_[kind], nullptr);
        // without problems there is no file of them
        if (!file || (file->bytes() == 0 && kind == static_cast<std::size_t>(FileKind::problems)))
            continue;
        file->finish();
        files_.push_back({file->path().filename().string(), file->bytes(), file->sha256()});
    }
}

void CheckedFiles::add(const CheckedBlock& block) {
    if (!open_[static_cast<std::size_t>(FileKind::problems)])
        open_shard();
    for (std::size_t kind = 0; kind < file_kinds; ++kind)
        if (open_[kind])
            open_[kind]->write(block.packed[kind]);
    std::vector<std::uint64_t> more;
    for_each_count(block.counts, [&](const std::uint64_t& n) { more.push_back(n); });
    std::size_t i = 0;
    for_each_count(counts_, [&](std::uint64_t& n) { n += more[i++]; });
    done_bytes_ = block.end;
    done_lines_ += block.lines;
    shard_entities_ += block.counts.lines.entities;
    if (shard_entities_ >= options_.shard_entities) {
        close_shard();
        save();
    }
}

void CheckedFiles::finish() {
    if (!open_[static_cast<std::size_t>(FileKind::problems)] && files_.empty())
        open_shard(); // an empty dump leaves empty files
    close_shard();
    save();
}

std::string counts_json(const std::array<std::uint64_t, results::status_count>& counts,
                        bool stored_only) {
    std::string out = "{";
    for (std::size_t i = 0; i < counts.size(); ++i)
        if (!stored_only || results::is_stored(static_cast<results::Status>(i)))
            out += fmt::format("{}\"{}\":{}", out.size() == 1 ? "" : ",", results::status_names[i],
                               counts[i]);
    return out += '}';
}

} // namespace runner::bulk
