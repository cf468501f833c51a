// SPDX-License-Identifier: GPL-2.0-or-later
// The only user of toml++.
#include "config/toml_file.hpp"

#include "base/error.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <utility>

namespace runner::config {
namespace {

const char* name_of(toml::node_type type) noexcept {
    switch (type) {
    case toml::node_type::floating_point: return "a number with a fraction";
    case toml::node_type::date:
    case toml::node_type::time:
    case toml::node_type::date_time: return "a date or time";
    default: return "a value of another type";
    }
}

void add_value(const toml::node& node, TomlEntry& entry) {
    if (const auto* s = node.as_string()) {
        entry.value = s->get();
    } else if (const auto* i = node.as_integer()) {
        entry.value = i->get();
    } else if (const auto* f = node.as_floating_point()) {
        entry.value = f->get();
    } else if (const auto* b = node.as_boolean()) {
        entry.value = b->get();
    } else if (const auto* array = node.as_array()) {
        std::vector<std::string> items;
        for (const toml::node& item : *array) {
            if (const auto* text = item.as_string())
                items.push_back(text->get());
            else
                entry.unusable = "a list that does not hold strings only";
        }
        entry.value = std::move(items);
    } else {
        entry.unusable = name_of(node.type());
    }
}

void flatten(const toml::table& table, std::vector<std::string>& path,
             std::vector<TomlEntry>& out) {
    for (const auto& [key, node] : table) {
        path.emplace_back(key.str());
        const auto line =
            static_cast<std::uint32_t>(std::max(key.source().begin.line, toml::source_index{1}));
        TomlEntry entry{path, {}, line, nullptr, false};
        if (const auto* inner = node.as_table()) {
            entry.is_table = true;
            out.push_back(std::move(entry));
            flatten(*inner, path, out);
        } else {
            add_value(node, entry);
            out.push_back(std::move(entry));
        }
        path.pop_back();
    }
}

} // namespace

std::vector<TomlEntry> parse_toml(std::string_view text, std::string_view name) {
    std::vector<TomlEntry> entries;
    try {
        const toml::table root = toml::parse(text, name);
        std::vector<std::string> path;
        flatten(root, path, entries);
    } catch (const toml::parse_error& e) {
        throw base::ConfigError(fmt::format("{}:{}:{}: {}", name, e.source().begin.line,
                                            e.source().begin.column, e.description()));
    }
    std::stable_sort(entries.begin(), entries.end(),
                     [](const TomlEntry& a, const TomlEntry& b) { return a.line < b.line; });
    return entries;
}

} // namespace runner::config
