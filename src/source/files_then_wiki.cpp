// SPDX-License-Identifier: GPL-2.0-or-later
// See files_then_wiki.hpp.
#include "source/files_then_wiki.hpp"

#include <utility>

namespace runner::source {

FilesThenWiki::FilesThenWiki(std::unique_ptr<FileSource> files,
                             std::function<std::unique_ptr<EntitySource>()> wiki)
    : files_(std::move(files)), make_wiki_(std::move(wiki)) {}

EntitySource& FilesThenWiki::wiki() {
    const std::lock_guard lock(mutex_);
    if (!wiki_)
        wiki_ = make_wiki_();
    return *wiki_;
}

std::vector<Lookup> FilesThenWiki::load(std::span<const entity::EntityId> ids,
                                        std::uint64_t min_revision) {
    std::vector<Lookup> lookups(ids.size());
    std::vector<entity::EntityId> lacking;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < ids.size(); ++i) {
        if (files_->knows(ids[i])) {
            lookups[i] = std::move(files_->load(ids.subspan(i, 1), min_revision).front());
        } else {
            lacking.push_back(ids[i]);
            places.push_back(i);
        }
    }
    if (lacking.empty())
        return lookups;
    std::vector<Lookup> answers = wiki().load(lacking, min_revision);
    for (std::size_t i = 0; i < places.size(); ++i)
        lookups[places[i]] = std::move(answers[i]);
    return lookups;
}

} // namespace runner::source
