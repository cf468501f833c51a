// SPDX-License-Identifier: GPL-2.0-or-later
// Finds where the objects of a JSON text begin and end when they do not stand on lines of their
// own: an array on one line, pretty-printed JSON, objects one behind the other. The text may come
// in pieces; what was looked at is not looked at again.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace runner::source {

class MemberScanner {
public:
    enum class Found { member, need_more, end, wrong };

    /// The next object of `text`, which is what was given before, perhaps with more behind it.
    /// After `need_more` (never at_end) call again with more; after `end` and `wrong` no more.
    [[nodiscard]] Found next(std::string_view text, bool at_end);

    /// Where the object that was found begins and ends. After `wrong` the part that can't be read.
    [[nodiscard]] std::size_t begin() const noexcept { return begin_; }
    [[nodiscard]] std::size_t end() const noexcept { return at_; }

    /// The first bytes of the text are gone; they hold nothing that is still to be found.
    void drop(std::size_t bytes) noexcept;

    /// Whether an array was begun with `[` and not ended.
    [[nodiscard]] bool array_is_open() const noexcept { return array_; }
    /// After `wrong`: why. "" when the text ends within the object.
    [[nodiscard]] const std::string& problem() const noexcept { return problem_; }

private:
    Found fail(std::string problem);
    Found scan_object(std::string_view text, bool at_end);

    std::size_t at_ = 0;
    std::size_t begin_ = 0;
    std::string stack_; ///< the brackets that are open in the object
    bool in_string_ = false;
    bool array_ = false;
    bool started_ = false;
    std::string problem_;
};

} // namespace runner::source
