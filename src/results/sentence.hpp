// SPDX-License-Identifier: GPL-2.0-or-later
// Violation messages as short English sentences, for people who are not on the wiki. The wiki
// itself renders messages in the reader's language.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace runner::results {

/// The label of an entity; empty when unknown.
using LabelOf = std::function<std::string(std::string_view id)>;

/// The sentence of a message, whose `arguments` are the JSON list that a stored result has ("a").
/// Ids with a label are followed by it in parentheses. A key without a sentence is returned
/// unchanged.
[[nodiscard]] std::string sentence(std::string_view key, std::string_view arguments,
                                   const LabelOf& label = {});

/// The sentence of a fix (Violation::fix): "Use P1 instead." Empty without one.
[[nodiscard]] std::string fix_sentence(std::string_view fix, const LabelOf& label = {});

/// The sentences of a stored result (StoredResult::value), by statement GUID and constraint id; of
/// several contexts of a statement the first, which is the most severe. Throws base::DataError when
/// the value is not that of a result. `own`: StoredResult::own, where WBQC's value says nothing.
using Sentences = std::map<std::pair<std::string, std::string>, std::string>;
[[nodiscard]] Sentences sentences_of(std::string_view stored_value, const LabelOf& label = {},
                                     std::string_view own = {});

/// The same for lists of many results: a value that can't be read has none.
[[nodiscard]] Sentences sentences_if_any(std::string_view stored_value, const LabelOf& label = {},
                                         std::string_view own = {});

/// That of a pair; its message key when the result has none of it (any longer).
[[nodiscard]] std::string_view sentence_or_key(const Sentences& sentences,
                                               std::string_view statement,
                                               std::string_view constraint,
                                               std::string_view message_key);

/// Every message key that has a sentence, sorted.
[[nodiscard]] const std::map<std::string_view, std::string_view>& sentence_patterns();

} // namespace runner::results
