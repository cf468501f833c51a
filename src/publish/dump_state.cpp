// SPDX-License-Identifier: GPL-2.0-or-later
#include "publish/dump_state.hpp"

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/part_file.hpp"
#include "base/plain_reason.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <utility>

namespace runner::publish {
namespace {

namespace json = boost::json;

std::uint64_t number(const json::value& object, const char* name) {
    return json::value_to<std::uint64_t>(object.at(name));
}

std::string text(const json::value& object, const char* name) {
    return std::string(object.at(name).as_string());
}

json::object totals_json(const DumpTotals& totals) {
    return {{"entities", totals.entities},
            {"violations", totals.violations},
            {"triples", totals.triples},
            {"gone", totals.gone},
            {"removed", totals.removed}};
}

json::array files_json(const std::vector<DumpFileInfo>& files) {
    json::array out;
    for (const DumpFileInfo& file : files)
        out.push_back(json::object{{"name", file.name},
                                   {"format", file.format},
                                   {"rows", file.rows},
                                   {"bytes", file.bytes},
                                   {"sha256", file.sha256}});
    return out;
}

/// xid8 may be above what other readers of JSON take for a whole number.
json::object position_json(const store::EventPosition& position) {
    return {{"transaction", std::to_string(position.transaction)}, {"last_id", position.last_id}};
}

json::array snapshots_json(const std::vector<DumpSnapshotInfo>& snapshots) {
    json::array list;
    for (const DumpSnapshotInfo& snapshot : snapshots) {
        json::object object = position_json(snapshot.position);
        object["taken_at"] = snapshot.taken_at;
        list.push_back(std::move(object));
    }
    return list;
}

store::EventPosition read_position(const json::value& value) {
    return {std::stoull(text(value, "transaction")), number(value, "last_id")};
}

} // namespace

DumpState::DumpState(const std::filesystem::path& folder, std::string key)
    : file_(folder / ".state.json"), key_(std::move(key)) {
    const auto fail = [&](const std::string& what) {
        throw base::Error(base::ExitCode::cant_create,
                          "--output: " + folder.string() + " holds " + what);
    };
    bool empty = true;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        const std::string name = entry.path().filename().string();
        if (name == "manifest.json")
            fail("a complete dump already (manifest.json)");
        if (!name.starts_with("dump-") && !name.starts_with(".state.json") &&
            name != "manifest.json.part")
            fail("something else (" + name + "): name a folder of its own");
        empty = false;
    }
    if (empty)
        return;
    if (!std::filesystem::exists(file_))
        fail("files of a dump, and nothing that tells how to continue it");
    load();
}

void DumpState::load() {
    try {
        const json::value state = json::parse(base::read_file(file_));
        if (text(state, "key") != key_)
            throw base::Error(base::ExitCode::cant_create,
                              "--output: " + file_.parent_path().string() +
                                  " holds an unfinished dump with other options");
        for (const json::value& snapshot : state.at("snapshots").as_array())
            snapshots.push_back({read_position(snapshot), text(snapshot, "taken_at")});
        for (const json::value& value : state.at("shards").as_array()) {
            DumpShard shard;
            shard.range = {text(value, "from"), text(value, "to")};
            shard.done = value.at("done").as_bool();
            shard.snapshot = number(value, "snapshot");
            const json::value& totals = value.at("totals");
            shard.totals = {number(totals, "entities"), number(totals, "violations"),
                            number(totals, "triples"), number(totals, "gone"),
                            number(totals, "removed")};
            for (const json::value& file : value.at("files").as_array())
                shard.files.push_back({text(file, "name"), text(file, "format"),
                                       number(file, "rows"), number(file, "bytes"),
                                       text(file, "sha256")});
            shards.push_back(std::move(shard));
        }
    } catch (const base::Error&) {
        throw;
    } catch (const std::exception& error) {
        throw base::DataError(file_.string() + ": is not the state of an unfinished dump: " +
                              base::plain_reason(error));
    }
}

void DumpState::save() const {
    json::object state;
    state["key"] = key_;
    state["snapshots"] = snapshots_json(snapshots);
    json::array shard_list;
    for (const DumpShard& shard : shards) {
        json::object object;
        object["from"] = shard.range.from;
        object["to"] = shard.range.to;
        object["done"] = shard.done;
        object["snapshot"] = shard.snapshot;
        object["totals"] = totals_json(shard.totals);
        object["files"] = files_json(shard.files);
        shard_list.push_back(std::move(object));
    }
    state["shards"] = std::move(shard_list);
    base::write_whole_file(file_, json::serialize(state));
}

DumpTotals DumpState::totals() const {
    DumpTotals sum;
    for (const DumpShard& shard : shards) {
        sum.entities += shard.totals.entities;
        sum.violations += shard.totals.violations;
        sum.triples += shard.totals.triples;
        sum.gone += shard.totals.gone;
        sum.removed += shard.totals.removed;
    }
    return sum;
}

store::EventPosition DumpState::position() const {
    const auto oldest =
        std::min_element(snapshots.begin(), snapshots.end(), [](const auto& a, const auto& b) {
            return a.position.transaction < b.position.transaction;
        });
    return oldest == snapshots.end() ? store::EventPosition{} : oldest->position;
}

std::string DumpState::manifest(const ResultDumpOptions& options) const {
    json::object out;
    out["format"] = 1;
    out["program"] = "constraint-runner " + options.version;
    out["wiki"] = options.wiki;
    out["kind"] = options.since ? "increment" : "full";
    if (options.since) {
        if (options.since->transaction)
            out["since"] =
                json::object{{"transaction", std::to_string(*options.since->transaction)}};
        else
            out["since"] = json::object{{"time", options.since->time}};
    }
    out["events"] = position_json(position());
    out["consistent"] = snapshots.size() == 1;
    out["snapshots"] = snapshots_json(snapshots);
    out["counts"] = totals_json(totals());
    json::array all;
    for (const DumpShard& shard : shards)
        for (json::value& file : files_json(shard.files))
            all.push_back(std::move(file));
    out["files"] = std::move(all);
    return json::serialize(out) + "\n";
}

void DumpState::remove() const { std::filesystem::remove(file_); }

store::Since read_manifest_position(const std::filesystem::path& file, std::string_view wiki) {
    try {
        const json::value manifest = json::parse(base::read_file(file));
        if (text(manifest, "wiki") != wiki)
            throw base::DataError("it is of the wiki \"" + text(manifest, "wiki") + '"');
        return {std::stoull(text(manifest.at("events"), "transaction")), {}};
    } catch (const base::NoInputError&) {
        throw;
    } catch (const std::exception& error) {
        throw base::DataError("--since: " + file.string() +
                              ": no manifest to continue from: " + base::plain_reason(error));
    }
}

} // namespace runner::publish
